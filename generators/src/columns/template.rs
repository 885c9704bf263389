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
    keys: "text with {customer}, {row}, {row:WIDTH}, {digits:COUNT}",
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
    Row {
        width: usize,
    },
    /// Uniform random decimal digits.
    Digits {
        count: usize,
    },
}

/// The longest text, in bytes: with it the text of a batch of 2^24 rows fits Arrow's 32-bit offsets.
const MAX_BYTES: usize = 120;

impl Part {
    fn most_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            // The number of a row of a child table has up to 19 digits.
            Self::Row { width } => (*width).max(19),
            Self::Digits { count } => *count,
        }
    }
}

impl Template {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let Params { text } = keys(params)?;
        let parts = parse(&text, scope.customer).map_err(|error| error.within("text"))?;
        Ok(Self { parts, stream: scope.stream() })
    }

    fn write(&self, number: &RowNumber, word: u64, text: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(fixed) => text.extend_from_slice(fixed.as_bytes()),
                Part::Row { width } => text.extend_from_slice(number.padded(*width)),
                Part::Digits { count } => {
                    // A word scaled to 10^count: the bias is below 10^count / 2^64.
                    let limit = 10u64.pow(*count as u32);
                    let scaled = ((u128::from(word) * u128::from(limit)) >> 64) as u64;
                    text.extend_from_slice(RowNumber::new(scaled).padded(*count));
                }
            }
        }
    }
}

/// A number as decimal digits, which the next row's number is reached from by counting up.
struct RowNumber {
    number: u64,
    digits: [u8; 20],
    first: usize,
}

impl RowNumber {
    fn new(number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut rest = number;
        let mut first = digits.len();
        while rest > 0 {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self { number, digits, first }
    }

    /// The digits with leading zeros up to `width`, which is at most 20.
    fn padded(&self, width: usize) -> &[u8] {
        &self.digits[self.first.min(self.digits.len() - width)..]
    }

    fn set(&mut self, number: u64) {
        if number == self.number.wrapping_add(1) {
            self.increment();
        } else if number != self.number {
            *self = Self::new(number);
        }
    }

    fn increment(&mut self) {
        self.number = self.number.wrapping_add(1);
        for position in (0..self.digits.len()).rev() {
            if self.digits[position] < b'9' {
                self.digits[position] += 1;
                self.first = self.first.min(position);
                return;
            }
            self.digits[position] = b'0';
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
    let length: usize = parts.iter().map(Part::most_bytes).sum();
    ensure(length <= MAX_BYTES, "", format!("up to {length} bytes long, {MAX_BYTES} are allowed"))?;
    Ok(parts)
}

fn placeholder(name: &str, customer: u32) -> Result<Part> {
    let (name, width) = name.split_once(':').map_or((name, None), |(name, width)| (name, Some(width)));
    let wrong =
        |width: &str| SpecError::at("", format!("{{{name}:{width}}}: the width is not within 1 to 18"));
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

impl Column for Template {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let mut text = Vec::with_capacity(span.len() * 16);
        let mut ends = Vec::with_capacity(span.len() + 1);
        ends.push(0i32);
        let mut number = RowNumber::new(0);
        for offset in 0..span.len() {
            let row = span.row(offset);
            number.set(row + 1);
            if span.is_valid(offset) {
                self.write(&number, self.stream.word(row), &mut text);
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
    use proptest::prelude::*;

    #[test]
    fn templates_are_taken_apart() {
        let parts = parse("CLM-{customer}-{row:08}/{digits:3}", 7).unwrap();
        let expected = [
            Part::Text("CLM-".into()),
            Part::Text("7".into()),
            Part::Text("-".into()),
            Part::Row { width: 8 },
        ];
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
        let written =
            |number, width| String::from_utf8(RowNumber::new(number).padded(width).to_vec()).unwrap();
        assert_eq!(written(42, 8), "00000042");
        assert_eq!(written(123_456_789, 8), "123456789");
        assert_eq!(written(0, 1), "0");
        assert_eq!(written(u64::MAX, 3), "18446744073709551615");
    }

    proptest! {
        #[test]
        fn counting_up_is_adding_one(number in 0..u64::MAX, power in 0u32..19) {
            // Numbers just below a power of ten carry furthest.
            for number in [number, 10u64.pow(power) - 1] {
                let mut counted = RowNumber::new(number);
                counted.increment();
                prop_assert_eq!(counted.padded(1).to_vec(), (number + 1).to_string().into_bytes());
            }
        }
    }
}
