//! Text made from the row's number, the customer, other columns and random letters.

use super::composed::Composed;
use super::texts::Texts;
use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::Result;
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "template",
    about: "text such as `CLM-{customer}-{row:08}` or `{site}/{day:%Y%m%d}/PA{digits:9}`; null where a column in it is null",
    keys: "text with {customer}, {row}, {row:WIDTH}, {digits:COUNT}, {hex:COUNT}, {alnum:COUNT}, {token:COUNT}, {COLUMN}, {COLUMN:FORMAT} (a width; %Y%m%d…, s, ms), {COLUMN?} (nothing where null), {upper:COLUMN}, {lower:COLUMN}",
    drifts: &[],
    build: |scope, params| Template::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    text: String,
}

#[derive(Debug)]
struct Template {
    composed: Composed,
}

impl Template {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { text } = keys(params)?;
        let composed = Composed::parse(scope, scope.stream(), &text).map_err(|error| error.within("text"))?;
        Ok(Self { composed })
    }
}

impl Column for Template {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, mut span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        span.nulls = self.composed.nulls(span.nulls.take(), batch);
        let mut texts = Texts::with_capacity(span.len(), self.composed.most_bytes());
        let mut writer = self.composed.writer(batch);
        for offset in 0..span.len() {
            if span.is_valid(offset) {
                writer.push(offset, span.row(offset), &mut texts.bytes);
            }
            texts.end_row();
        }
        texts.finish(span.nulls)
    }

    fn reads(&self) -> Vec<usize> {
        self.composed.reads().collect()
    }

    fn makes_nulls(&self) -> bool {
        self.composed.makes_nulls()
    }
}
