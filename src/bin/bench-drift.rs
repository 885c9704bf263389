//! Measures drift detection, and grades it.

use std::process::ExitCode;

fn main() -> ExitCode {
    driftforge::cli::main(driftforge::cli::bench_drift::run)
}
