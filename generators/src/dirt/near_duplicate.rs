//! Rows that are there twice, but for some values.

use super::copies::{Copying, LagSpec, check_changed};
use super::duplicate::next_row;
use super::target::Target;
use super::{Build, DirtKind, keys};
use crate::error::{Result, ensure, listed};
use crate::rng::Stream;
use crate::scope::Scope;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "near_duplicate",
    about: "a copy of a row, some rows behind it, that differs in some columns",
    keys: "lag_rows as of `duplicate`; columns = [...] take the values of the row the copy follows; typos = [...] of text swap two characters",
    build: Build::Copies(near),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default = "next_row")]
    lag_rows: LagSpec,
    /// Columns whose values differ by being another row's.
    #[serde(default)]
    columns: Vec<String>,
    /// Columns whose values differ by a typing error.
    #[serde(default)]
    typos: Vec<String>,
}

fn near(scope: &Scope, shown: &[usize], stream: Stream, params: toml::Table) -> Result<Copying> {
    let Params { lag_rows, columns, typos } = keys(params)?;
    let indexes = |key: &str, names: &[String], typo: bool| -> Result<Vec<usize>> {
        let index = |name: &String| {
            let known = shown.iter().find(|column| scope.columns[**column].name == *name).copied();
            let names = listed(shown.iter().map(|column| scope.columns[*column].name.as_str()));
            let problem = format!("the table has no column {name:?}; it has {names}");
            ensure(known.is_some(), key, problem)?;
            let column = known.unwrap_or_default();
            let target = Target::new(scope, column);
            target
                .check_type()
                .and_then(|()| check_changed(&target, typo))
                .map_err(|error| error.within(key))?;
            Ok(column)
        };
        names.iter().map(index).collect()
    };
    let mut copying = Copying::new(lag_rows, stream)?;
    copying.own = indexes("columns", &columns, false)?;
    copying.typos = indexes("typos", &typos, true)?;
    let twice = copying.typos.iter().any(|column| copying.own.contains(column));
    ensure(!twice, "typos", "a column is named in `columns` and in `typos`")?;
    let some = copying.changed().next().is_some();
    ensure(
        some,
        "",
        "name the columns that differ, in `columns` or `typos`; exact copies are kind = \"duplicate\"",
    )?;
    Ok(copying)
}
