//! The main scenario under a seed: which drifts are where, and a spec that makes the same claims anywhere.
//!
//! Run with `cargo run --example scenario`; with a name and a seed behind `--` for another one. The spec, on the standard
//! output, is a dataset's: `datagen --spec FILE --seed SEED` writes its claims.

use std::io::{self, Write};
use std::process::ExitCode;

use driftforge::scenarios::Scenario;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "sudden".to_owned());
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(42);
    match Scenario::built_in(&name).and_then(|scenario| scenario.plan(seed)) {
        Ok(planned) => {
            for drift in &planned.drifts {
                let segment = ["payer", "cpt_group"].map(|column| drift.segment[column].join(", "));
                eprintln!("{}: {} from {} on, {:+}", drift.id, segment.join(" × "), drift.start, drift.size);
            }
            match io::stdout().write_all(planned.spec.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
