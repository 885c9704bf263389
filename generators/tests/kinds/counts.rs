//! Kinds that make whole numbers.

use super::{batch_of, column, refused};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int16Type;

fn counts(batch: &RecordBatch, name: &str) -> Vec<i16> {
    batch.column_by_name(name).unwrap().as_primitive::<Int16Type>().values().to_vec()
}

#[test]
fn geometric_counts_depend_on_the_category() {
    let keys =
        "by = [\"site\"]\ntables = { North = { mean = 3, zero = 0.4 }, \"*\" = { mean = 1 } }\nmost = 30";
    let batch = batch_of(&column("geometric", keys), 40_000);
    let sites = super::texts(&batch, "site");
    let (north, south): (Vec<_>, Vec<_>) =
        sites.iter().zip(counts(&batch, "x")).partition(|(site, _)| site.as_deref() == Some("North"));
    assert!(south.iter().all(|(_, count)| *count == 1));
    let none = north.iter().filter(|(_, count)| *count == 0).count() as f64 / north.len() as f64;
    assert!((none - 0.4).abs() < 0.015, "{none}");
    let sum: f64 = north.iter().map(|(_, count)| f64::from(*count)).sum();
    // 0.6 · 3; five standard errors of about 30,000 counts with a variance near 6.
    assert!((sum / north.len() as f64 - 1.8).abs() < 0.07, "{}", sum / north.len() as f64);
}

#[test]
fn a_drifted_mean_is_the_new_mean() {
    let drift = "\n[[drift]]\nid = \"more\"\nwhat = \"amount\"\ncolumn = \"x\"\nstart_days = -10\n\
                 shape = { kind = \"step\" }\neffect = { factor = 2 }\n";
    let plain = batch_of(&column("geometric", "mean = 2.5"), 60_000);
    let drifted = batch_of(&format!("{}{drift}", column("geometric", "mean = 2.5")), 60_000);
    let (before, after) = (counts(&plain, "x"), counts(&drifted, "x"));
    assert_eq!(before[..40_000], after[..40_000]);
    assert!(before.iter().zip(&after).all(|(before, after)| before <= after));
    let mean = after[40_000..].iter().map(|count| f64::from(*count)).sum::<f64>() / 20_000.0;
    // The variance is 5 · 4; five standard errors.
    assert!((mean - 5.0).abs() < 0.16, "{mean}");
}

#[test]
fn geometric_keys_are_checked() {
    refused("geometric", "zero = 0.5", &["`mean`", "`by`"]);
    refused("geometric", "mean = 0.9", &["mean", "0.9", "1 to 1000"]);
    refused("geometric", "mean = 2\nzero = 1.5", &["zero", "1.5"]);
    refused("geometric", "mean = 2\nmost = 2000", &["most", "1024"]);
    refused("geometric", "by = [\"site\"]\ntables = { North = { mean = 2 } }", &["tables", "South"]);
    refused("geometric", "by = [\"site\"]\ntables = { \"*\" = { mean = 2, x = 1 } }", &["tables.North", "x"]);
}
