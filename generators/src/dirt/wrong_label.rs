//! Values that another value stands in the place of.

use super::target::Target;
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, SpecError, ensure, listed};
use crate::rng::Stream;
use arrow_array::Array;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The registry line. Uniform label noise as in Frénay and Verleysen ("Classification in the presence of label
/// noise: a survey", IEEE TNNLS 25, 2014).
pub(super) const KIND: DirtKind = DirtKind {
    name: "wrong_label",
    about: "a category's value replaced by another of its own values, each as often (label noise)",
    keys: "column; values = [...]: only among these; all of the column's when absent",
    build: Build::Value(|_, target, stream, params| {
        WrongLabel::new(target, stream, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    values: Option<Vec<String>>,
}

#[derive(Debug)]
struct WrongLabel {
    /// The codes that are taken for one another; at least two.
    codes: Vec<u16>,
    stream: Stream,
}

impl WrongLabel {
    fn new(target: &Target, stream: Stream, params: toml::Table) -> Result<Self> {
        let Params { values } = keys(params)?;
        let known = target.texts().ok_or_else(|| target.unfit("no labels, which categories have"))?;
        let code = |value: &String| {
            let code = known.iter().position(|known| known == Some(value));
            code.map(|code| code as u16).ok_or_else(|| {
                let known = listed(known.iter().flatten());
                SpecError::at("values", format!("{:?} has no value {value:?}; it has {known}", target.name))
            })
        };
        let codes = match &values {
            Some(values) => values.iter().map(code).collect::<Result<Vec<_>>>()?,
            None => (0..known.len()).map(|code| code as u16).collect(),
        };
        let distinct: BTreeSet<u16> = codes.iter().copied().collect();
        ensure(distinct.len() == codes.len(), "values", "a value is named twice")?;
        ensure(codes.len() > 1, "values", "one value alone is never taken for another: name at least two")?;
        Ok(Self { codes, stream })
    }
}

impl Fault for WrongLabel {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        let Cell::Code(code) = site.value else { return None };
        let own = self.codes.iter().position(|known| known == code)?;
        // A word scaled to the number of other values: the bias is below 2^-48.
        let others = self.codes.len() - 1;
        let step = (u128::from(self.stream.word(site.row)) * others as u128) >> 64;
        Some(Cell::Code(self.codes[(own + 1 + step as usize) % self.codes.len()]))
    }
}
