//! Finds drift in a table.

use std::process::ExitCode;

fn main() -> ExitCode {
    driftforge::cli::main(driftforge::cli::detect_drift::run)
}
