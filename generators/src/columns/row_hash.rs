//! A fingerprint of the row: it stands for the hash of the source record that a loader keeps.

use super::digits::hexadecimal;
use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 16;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "row_hash",
    about: "16 hexadecimal digits that only this row has; the map from rows to fingerprints is one to one",
    keys: "",
    drifts: &[],
    build: |scope, params| RowHash::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {}

#[derive(Debug)]
struct RowHash {
    stream: Stream,
}

impl RowHash {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params {} = keys(params)?;
        Ok(Self { stream: scope.stream() })
    }
}

impl Column for RowHash {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let mut text = Vec::with_capacity(span.len() * DIGITS);
        span.each_word(self.stream, |_, word| text.extend_from_slice(&hexadecimal(word)));
        let ends: Vec<i32> = (0..=span.len()).map(|row| (row * DIGITS) as i32).collect();
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(StringArray::new(ends, text.into(), span.nulls))
    }
}
