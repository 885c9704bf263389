//! A category that another category decides: the group of a code, the text of a reason.

use super::{Column, ColumnKind, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure, listed};
use crate::population::Marginal;
use crate::scope::{Scope, code_of};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "lookup",
    about: "the category that belongs to another column's category (`of`), by `groups` or by `map`",
    keys: "of; groups = { VALUE = [KEY, ...] } or map = { KEY = VALUE }",
    drifts: &[],
    build: |scope, params| Lookup::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    of: String,
    /// Value here → the other column's values.
    groups: Option<BTreeMap<String, Vec<String>>>,
    /// The other column's value → value here.
    map: Option<BTreeMap<String, String>>,
}

#[derive(Debug)]
struct Lookup {
    from: usize,
    from_nullable: bool,
    codes: Vec<u16>,
    values: Arc<StringArray>,
}

impl Lookup {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let (from, keys) = scope.category(&params.of)?;
        let pairs: Vec<(String, String)> = match (params.groups, params.map) {
            (Some(groups), None) => {
                let pair = |(value, keys): (String, Vec<String>)| {
                    keys.into_iter().map(move |key| (key, value.clone()))
                };
                groups.into_iter().flat_map(pair).collect()
            }
            (None, Some(map)) => map.into_iter().collect(),
            _ => return Err(SpecError::at("", "give either `groups` or `map`")),
        };
        let names: BTreeSet<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
        ensure(names.len() <= 1 << 16, "", "more than 65536 values")?;
        let mut codes = vec![None; keys.len()];
        for (key, value) in &pairs {
            let slot = &mut codes[code_of(&params.of, &keys, key)?];
            ensure(slot.is_none(), "", format!("{key:?} is named twice"))?;
            *slot = names.iter().position(|name| name == value).map(|code| code as u16);
        }
        let missing =
            keys.iter().flatten().zip(&codes).filter(|(_, code)| code.is_none()).map(|(key, _)| key);
        let missing: Vec<&str> = missing.collect();
        ensure(missing.is_empty(), "", format!("nothing is said for {}", listed(missing)))?;
        Ok(Self {
            from,
            from_nullable: scope.is_nullable(from),
            codes: codes.into_iter().flatten().collect(),
            values: arrays::names(names),
        })
    }
}

impl Column for Lookup {
    fn data_type(&self) -> DataType {
        arrays::dictionary_type(self.values.len(), &DataType::Utf8)
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let source = batch.codes(self.from);
        let codes: Vec<u16> = (0..span.len()).map(|offset| self.codes[source.get(offset)]).collect();
        let nulls = NullBuffer::union(span.nulls.as_ref(), batch.nulls(self.from));
        let values: ArrayRef = self.values.clone();
        arrays::dictionary(&codes, nulls, &values)
    }

    fn reads(&self) -> Vec<usize> {
        vec![self.from]
    }

    fn makes_nulls(&self) -> bool {
        self.from_nullable
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        Some(&self.values)
    }

    fn marginal(&self) -> Option<Marginal> {
        Some(Marginal::Derived { from: self.from, codes: self.codes.clone() })
    }
}
