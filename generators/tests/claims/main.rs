//! The built-in claims dataset keeps the rules of its domain, and its truth is the truth about its data.

mod dirt;
mod drifts;
mod measured;
mod rules;
mod segments;
mod shapes;
mod statistics;
mod table;

use driftforge_generators::{Plan, Run, Spec};

/// The spec as it is compiled into the tools.
fn spec() -> Spec {
    let text = include_str!("../../../schemas/datasets/claims.toml");
    Spec::parse(text, "claims.toml").unwrap_or_else(|error| panic!("{error}"))
}

/// The keys of a column in the spec.
fn column<'a>(spec: &'a Spec, name: &str) -> &'a toml::Table {
    let named = |table: &&toml::Table| table.get("name").and_then(toml::Value::as_str) == Some(name);
    spec.columns.iter().find(named).unwrap_or_else(|| panic!("the spec has no column {name:?}"))
}

/// A number in the spec, be it written with a point or without; `neutral` where the spec is silent.
fn number(table: &toml::Table, path: &[&str], neutral: f64) -> f64 {
    let (last, tables) = path.split_last().expect("a path has at least one key");
    let inner = tables.iter().try_fold(table, |table, key| table.get(*key)?.as_table());
    let value = inner.and_then(|table| table.get(*last));
    value.map_or(neutral, |value| {
        let float = value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64));
        float.unwrap_or_else(|| panic!("{} is no number", path.join(".")))
    })
}

fn plan(spec: &Spec, records: u64, drift: bool) -> Plan {
    let run = Run { records, seed: 42, customer: 7, as_of: None, drift, dirt: false };
    Plan::new(spec, &run).unwrap_or_else(|error| panic!("{error}"))
}
