//! Text made from the row's number, the customer and random digits.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "template",
    about: "text such as `CLM-{customer}-{row:08}` or `PA{digits:9}`",
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
    parts: Vec<Part>,
    stream: Stream,
}

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    /// The row's number from 1, with leading zeros up to the width.
    Row { width: usize },
    /// Uniform random decimal digits.
    Digits { count: usize },
}

impl Template {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { text } = keys(params)?;
        let parts = parse(&text, scope.customer).map_err(|error| error.within("text"))?;
        Ok(Self { parts, stream: scope.stream() })
    }

    fn write(&self, row: u64, word: u64, text: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(fixed) => text.extend_from_slice(fixed.as_bytes()),
                Part::Row { width } => write_number(row + 1, *width, text),
                Part::Digits { count } => {
                    // A word scaled to 10^count: the bias is below 10^count / 2^64.
                    let limit = 10u64.pow(*count as u32);
                    write_number(((u128::from(word) * u128::from(limit)) >> 64) as u64, *count, text);
                }
            }
        }
    }
}

/// Splits a template at its braces.
fn parse(text: &str, customer: u32) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((fixed, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(SpecError::at("", format!("{text:?} has a {{ without its }}")));
        };
        parts.push(Part::Text(fixed.to_owned()));
        parts.push(placeholder(name, customer)?);
        rest = after;
    }
    ensure(!rest.contains('}'), "", format!("{text:?} has a }} without its {{"))?;
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| *part != Part::Text(String::new()));
    Ok(parts)
}

fn placeholder(name: &str, customer: u32) -> Result<Part> {
    let (name, width) = name.split_once(':').map_or((name, None), |(name, width)| (name, Some(width)));
    let wrong = |width: &str| SpecError::at("", format!("{{{name}:{width}}}: the width is not within 1 to 18"));
    let width = width.map(|width| match width.parse::<usize>() {
        Ok(number @ 1..=18) => Ok(number),
        _ => Err(wrong(width)),
    });
    match (name, width.transpose()?) {
        ("customer", None) => Ok(Part::Text(customer.to_string())),
        ("row", width) => Ok(Part::Row { width: width.unwrap_or(1) }),
        ("digits", Some(count)) => Ok(Part::Digits { count }),
        _ => {
            let problem = "is not one of {customer}, {row}, {row:WIDTH}, {digits:COUNT}";
            Err(SpecError::at("", format!("{{{name}}} {problem}")))
        }
    }
}

/// Appends a number with leading zeros up to `width` digits.
fn write_number(number: u64, width: usize, text: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut first = digits.len();
    while rest > 0 {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let first = first.min(digits.len() - width);
    text.extend_from_slice(&digits[first..]);
}

impl Column for Template {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let mut text = Vec::with_capacity(span.len() * 16);
        let mut ends = Vec::with_capacity(span.len() + 1);
        ends.push(0i32);
        for (offset, word) in self.stream.words(span.rows.clone()).enumerate() {
            if span.is_valid(offset) {
                self.write(span.rows.start + offset as u64, word, &mut text);
            }
            ends.push(text.len() as i32);
        }
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(StringArray::new(ends, text.into(), span.nulls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_taken_apart() {
        let parts = parse("CLM-{customer}-{row:08}/{digits:3}", 7).unwrap();
        let expected =
            [Part::Text("CLM-".into()), Part::Text("7".into()), Part::Text("-".into()), Part::Row { width: 8 }];
        assert_eq!(parts[..4], expected);
        assert_eq!(parts[5], Part::Digits { count: 3 });
    }

    #[test]
    fn unknown_placeholders_are_refused() {
        for text in ["{rows}", "{row", "row}", "{row:0}", "{row:19}", "{digits}", "{customer:3}"] {
            assert!(parse(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_padded_and_never_cut() {
        let written = |number, width| {
            let mut text = Vec::new();
            write_number(number, width, &mut text);
            String::from_utf8(text).unwrap()
        };
        assert_eq!(written(42, 8), "00000042");
        assert_eq!(written(123_456_789, 8), "123456789");
        assert_eq!(written(0, 1), "0");
        assert_eq!(written(u64::MAX, 3), "18446744073709551615");
    }
}
