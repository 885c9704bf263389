//! A UUID that a name decides: the same name gives the same id wherever it is made.

use super::composed::Composed;
use super::digits::{as_uuid, uuid_text};
use super::texts::Texts;
use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError};
use crate::scope::Scope;
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::Deserialize;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "uuid5",
    about: "the UUID of a name within a namespace (version 5 of RFC 9562: SHA-1); null where a part of the name is null",
    keys: "namespace = dns, url, oid, x500 or a UUID; of = [COLUMN, ...] with separator (default \":\"), or text as a template has it",
    drifts: &[],
    build: |scope, params| Uuid5::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    namespace: String,
    of: Option<Vec<String>>,
    separator: Option<String>,
    text: Option<String>,
}

/// Namespaces with a name of their own: RFC 9562, section 6.6.
const NAMESPACES: [(&str, uuid::Uuid); 4] = [
    ("dns", uuid::Uuid::NAMESPACE_DNS),
    ("url", uuid::Uuid::NAMESPACE_URL),
    ("oid", uuid::Uuid::NAMESPACE_OID),
    ("x500", uuid::Uuid::NAMESPACE_X500),
];

#[derive(Debug)]
struct Uuid5 {
    namespace: [u8; 16],
    name: Composed,
}

impl Uuid5 {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let name = match (&params.of, &params.text) {
            (Some(of), None) => Composed::joined(scope, of, params.separator.as_deref().unwrap_or(":"))?,
            (None, Some(text)) if params.separator.is_none() => {
                Composed::parse(scope, scope.stream(), text).map_err(|error| error.within("text"))?
            }
            _ => return Err(SpecError::at("", "give either `of` (with or without `separator`) or `text`")),
        };
        Ok(Self { namespace: namespace(&params.namespace)?, name })
    }
}

fn namespace(name: &str) -> Result<[u8; 16]> {
    let known = NAMESPACES.iter().find(|(known, _)| *known == name).map(|(_, uuid)| *uuid);
    let given = known.or_else(|| uuid::Uuid::try_parse(name).ok());
    let unknown = || SpecError::at("namespace", format!("{name:?} is not dns, url, oid, x500 or a UUID"));
    given.map(uuid::Uuid::into_bytes).ok_or_else(unknown)
}

/// Bytes of a block of SHA-1.
const BLOCK: usize = 64;

/// The state that SHA-1 starts from: FIPS 180-4, section 5.3.1.
const START: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];

/// Pads a message as FIPS 180-4, section 5.1.1, and gives the first 16 of its 20 bytes of SHA-1, as two
/// words. The message is spoilt. The blocks go to the compression function at once, where a hasher would copy
/// them into a buffer of its own.
fn sha1_words(message: &mut Vec<u8>) -> (u64, u64) {
    let bits = message.len() as u64 * 8;
    message.push(0x80);
    message.resize((message.len() + 8).next_multiple_of(BLOCK) - 8, 0);
    message.extend_from_slice(&bits.to_be_bytes());
    let (blocks, _) = message.as_chunks::<BLOCK>();
    let mut state = START;
    sha1::block_api::compress(&mut state, blocks);
    let word = |high: u32, low: u32| (u64::from(high) << 32) | u64::from(low);
    (word(state[0], state[1]), word(state[2], state[3]))
}

impl Column for Uuid5 {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, mut span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        span.nulls = self.name.nulls(span.nulls.take(), batch);
        let mut texts = Texts::with_capacity(span.len(), 36);
        let mut writer = self.name.writer(batch);
        let mut message = Vec::with_capacity(8 * BLOCK);
        for offset in 0..span.len() {
            if span.is_valid(offset) {
                message.clear();
                message.extend_from_slice(&self.namespace);
                writer.push(offset, span.row(offset), &mut message);
                let (high, low) = sha1_words(&mut message);
                let (high, low) = as_uuid(high, low, 5);
                texts.bytes.extend_from_slice(&uuid_text(high, low));
            }
            texts.end_row();
        }
        texts.finish(span.nulls)
    }

    fn reads(&self) -> Vec<usize> {
        self.name.reads().collect()
    }

    fn makes_nulls(&self) -> bool {
        self.name.makes_nulls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha1::Digest;

    /// The text of the UUID of a name.
    fn id(namespace: uuid::Uuid, name: &str) -> String {
        let mut message = [namespace.as_bytes(), name.as_bytes()].concat();
        let (high, low) = sha1_words(&mut message);
        let (high, low) = as_uuid(high, low, 5);
        String::from_utf8(uuid_text(high, low).to_vec()).unwrap()
    }

    #[test]
    fn ids_are_those_of_the_standards_examples() {
        // RFC 9562, appendix A.4; and CPython's documentation of uuid.uuid5.
        assert_eq!(id(uuid::Uuid::NAMESPACE_DNS, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
        assert_eq!(id(uuid::Uuid::NAMESPACE_DNS, "python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
    }

    proptest! {
        #[test]
        fn hashes_are_the_library_s(message in prop::collection::vec(any::<u8>(), 0..300)) {
            let expected = sha1::Sha1::digest(&message);
            let (high, low) = sha1_words(&mut message.clone());
            prop_assert_eq!(&[high.to_be_bytes(), low.to_be_bytes()].concat()[..], &expected[..16]);
        }
    }

    #[test]
    fn namespaces_are_names_or_uuids() {
        assert_eq!(namespace("url").unwrap(), uuid::Uuid::NAMESPACE_URL.into_bytes());
        assert!(namespace("6ba7b810-9dad-11d1-80b4-00c04fd430c8").is_ok());
        assert!(namespace("uri").unwrap_err().to_string().contains("x500"));
    }
}
