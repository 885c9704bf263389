//! A dataset of one's own, from a TOML file to rows and to the truth about their drift.
//!
//! Run with `cargo run --example own_dataset`; the dataset is `examples/clinic_visits.toml`.

use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use driftforge::generators::{Plan, Run, Spec};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // A spec is the file as typed. A wrong key stops here, with its line.
    let spec = Spec::parse(include_str!("clinic_visits.toml"), "clinic_visits.toml")?;

    // A plan is the checked form, for a number of rows and a seed. Whatever cannot work stops here, so that
    // making rows cannot fail.
    let run = Run { records: 20_000, seed: 7, customer: 1, as_of: None, drift: true, dirt: false };
    let plan = Plan::new(&spec, &run)?;
    println!("{}: {}\n", plan.name(), plan.about());
    for column in plan.columns() {
        println!("  {:12} {:9} {}", column.name, column.kind, column.about);
    }

    // Any range of rows can be made, in any order: a value depends on the seed and its row number alone.
    println!("\nThe rows 19,990 to 19,995 of {}:", plan.row_count());
    print_rows(&plan.batch(19_990..19_995))?;
    assert_eq!(plan.batch(19_990..19_995), plan.batch(19_000..20_000).slice(990, 5));

    // Who needs few columns pays for few. The hidden column `urgency` is made because the booking date depends on it.
    let narrow = plan.project(&["ward", "booked_date"])?;
    println!("\nOnly two columns of the first three rows:");
    print_rows(&narrow.batch(0..3))?;

    // The truth comes from the plan, not from the rows: it is exact, and there before any row is.
    for drift in plan.truth().drifts {
        println!("\n{}: {}", drift.id, drift.about);
        println!("  {} of {:?}, {} to {}", drift.what.name(), drift.column, drift.start, drift.end);
        match drift.parameter {
            Some(parameter) => println!(
                "  true {} ({}): {:.3} in the baseline window, {:.3} in the current one",
                parameter.name, parameter.unit, parameter.baseline, parameter.current
            ),
            None => {
                println!("  the true parameter depends on columns whose combined distribution is unknown")
            }
        }
    }
    Ok(())
}

/// Prints a batch, one line for each row.
fn print_rows(batch: &RecordBatch) -> Result<(), Box<dyn Error>> {
    let options = FormatOptions::default().with_null("-");
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        let cells: Vec<String> =
            columns.iter().map(|column| format!("{:12}", column.value(row).to_string())).collect();
        println!("  {}", cells.join(" ").trim_end());
    }
    Ok(())
}
