//! Makes datasets with known drift.

use std::process::ExitCode;

fn main() -> ExitCode {
    driftforge::cli::main(driftforge::cli::datagen::run)
}
