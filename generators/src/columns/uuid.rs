//! A random UUID.

use super::digits::{as_uuid, uuid_text};
use super::texts::Texts;
use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "uuid",
    about: "a random UUID (version 4 of RFC 9562), drawn from the seed",
    keys: "",
    drifts: &[],
    build: |scope, params| Uuid::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {}

#[derive(Debug)]
struct Uuid {
    stream: Stream,
}

impl Uuid {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params {} = keys(params)?;
        Ok(Self { stream: scope.stream() })
    }
}

impl Column for Uuid {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let second = self.stream.lane(1);
        let mut texts = Texts::with_capacity(span.len(), 36);
        span.rows.each(|offset, row| {
            if span.is_valid(offset) {
                let (high, low) = as_uuid(self.stream.word(row), second.word(row), 4);
                texts.bytes.extend_from_slice(&uuid_text(high, low));
            }
            texts.end_row();
        });
        texts.finish(span.nulls)
    }
}
