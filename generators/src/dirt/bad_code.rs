//! Codes that are none.

use super::target::Target;
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, ensure};
use crate::rng::Stream;
use arrow_schema::DataType;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "bad_code",
    about: "a category or text replaced by one of `values`, which no clean row has",
    keys: "column; values = [...]",
    build: Build::Value(|_, target, stream, params| {
        BadCode::new(target, stream, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    values: Vec<String>,
}

#[derive(Debug)]
struct BadCode {
    cells: Vec<Cell>,
    stream: Stream,
}

impl BadCode {
    fn new(target: &mut Target, stream: Stream, params: toml::Table) -> Result<Self> {
        let Params { values } = keys(params)?;
        ensure(!values.is_empty(), "values", "names no value")?;
        let distinct: BTreeSet<&String> = values.iter().collect();
        ensure(distinct.len() == values.len(), "values", "a value is named twice")?;
        let cells = if target.data_type == DataType::Utf8 {
            values.into_iter().map(Cell::Text).collect()
        } else {
            let known =
                target.texts().ok_or_else(|| target.unfit("no codes, which categories and texts have"))?;
            let good = values.iter().find(|value| known.iter().any(|known| known == Some(value)));
            let problem = format!("{:?} is a value that {:?} has anyway", good, target.name);
            ensure(good.is_none(), "values", problem)?;
            target.codes_of_texts(&values)?.into_iter().map(Cell::Code).collect()
        };
        Ok(Self { cells, stream })
    }
}

impl Fault for BadCode {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        // A word scaled to the number of values: the bias is below 2^-48.
        let scaled = (u128::from(self.stream.word(site.row)) * self.cells.len() as u128) >> 64;
        Some(self.cells[scaled as usize].clone())
    }
}
