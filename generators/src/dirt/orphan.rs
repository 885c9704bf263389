//! Keys that no parent has.

use super::target::Target;
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::Result;
use crate::rng::Stream;
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "orphan",
    about: "a key replaced by one that no row has: a UUID by one of version 8, a text by itself with -ORPHAN, a number n by -n-1",
    keys: "column",
    build: Build::Value(|_, target, stream, params| {
        Orphan::new(target, stream, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

/// What a text key that no row has ends with.
const SUFFIX: &str = "-ORPHAN";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {}

#[derive(Debug)]
struct Orphan {
    stream: Stream,
}

impl Orphan {
    fn new(target: &Target, stream: Stream, params: toml::Table) -> Result<Self> {
        let Params {} = keys(params)?;
        let whole = matches!(target.data_type, DataType::Int16 | DataType::Int32 | DataType::Int64);
        if whole || target.data_type == DataType::Utf8 {
            return Ok(Self { stream });
        }
        Err(target.unfit("no keys, which are texts or whole numbers; of a category, use kind = \"bad_code\""))
    }

    /// A random UUID of version 8 (RFC 9562, section 5.8), which no column kind makes.
    fn uuid(&self, row: u64) -> String {
        let words = [self.stream.lane(0).word(row), self.stream.lane(1).word(row)];
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&words[0].to_be_bytes());
        bytes[8..].copy_from_slice(&words[1].to_be_bytes());
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }
}

impl Fault for Orphan {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        match site.value {
            // Keys count from 0 up, so the numbers below belong to no row.
            Cell::Int(key) if *key >= 0 => Some(Cell::Int(-key - 1)),
            Cell::Text(key) if uuid::Uuid::try_parse(key).is_ok() => Some(Cell::Text(self.uuid(site.row))),
            Cell::Text(key) => Some(Cell::Text(format!("{key}{SUFFIX}"))),
            _ => None,
        }
    }
}
