//! Free text of a natural length, put together from sentences.

use super::{Column, ColumnKind, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Distribution, QuantileTable};
use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "prose",
    about: "free text: `sentences` in random order with spaces between, as many as a log-normal length needs",
    keys: "sentences = [...]; median_chars, sigma (default 0.8), max_chars (default 4096)",
    drifts: &[],
    build: |scope, params| Prose::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The longest text that can be asked for, in characters.
const MOST_CHARS: usize = 65_536;
/// The most bytes of all sentences together.
const MOST_BYTES: usize = 1 << 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    sentences: Vec<String>,
    median_chars: f64,
    #[serde(default = "default_sigma")]
    sigma: f64,
    #[serde(default = "default_max_chars")]
    max_chars: usize,
}

fn default_sigma() -> f64 {
    0.8
}

fn default_max_chars() -> usize {
    4_096
}

#[derive(Debug)]
struct Prose {
    /// The sentences with the number of their characters.
    sentences: Vec<(String, usize)>,
    median_chars: f64,
    max_chars: usize,
    lengths: Arc<QuantileTable>,
    stream: Stream,
    choices: Stream,
}

impl Prose {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let Params { sentences, median_chars, sigma, max_chars } = keys(params)?;
        let bytes: usize = sentences.iter().map(String::len).sum();
        ensure(!sentences.is_empty(), "sentences", "at least one is needed")?;
        ensure(bytes <= MOST_BYTES, "sentences", format!("{bytes} bytes, {MOST_BYTES} are allowed"))?;
        if let Some(position) = sentences.iter().position(String::is_empty) {
            return Err(SpecError::at("sentences", format!("number {} is empty", position + 1)));
        }
        let problem = format!("{max_chars} is not within 1 to {MOST_CHARS}");
        ensure((1..=MOST_CHARS).contains(&max_chars), "max_chars", problem)?;
        let problem = format!("{median_chars} is not within 1 to max_chars, {max_chars}");
        ensure((1.0..=max_chars as f64).contains(&median_chars), "median_chars", problem)?;
        let lengths = scope.quantile_table(Distribution::LogNormal { sigma })?;
        let sentences = sentences.into_iter().map(|text| (text.chars().count(), text));
        let stream = scope.stream();
        Ok(Self {
            sentences: sentences.map(|(chars, text)| (text, chars)).collect(),
            median_chars,
            max_chars,
            lengths,
            stream,
            choices: stream.keyed("sentence"),
        })
    }

    /// Adds the text of a row: whole sentences while they fit, and the beginning of one more.
    fn write(&self, row: u64, word: u64, text: &mut Vec<u8>) {
        let drawn = self.median_chars * f64::from(self.lengths.at((word >> 32) as u32));
        let mut left = (drawn.round() as usize).clamp(1, self.max_chars);
        for place in 0.. {
            let word = self.choices.lane(place).word(row);
            let index = (u128::from(word) * self.sentences.len() as u128) >> 64;
            let (sentence, chars) = &self.sentences[index as usize];
            if *chars >= left {
                let end = sentence.char_indices().nth(left).map_or(sentence.len(), |(end, _)| end);
                text.extend_from_slice(sentence[..end].trim_end().as_bytes());
                return;
            }
            text.extend_from_slice(sentence.as_bytes());
            left -= chars;
            if left <= 1 {
                return;
            }
            text.push(b' ');
            left -= 1;
        }
    }
}

impl Column for Prose {
    fn data_type(&self) -> DataType {
        DataType::Utf8
    }

    fn fill(&self, span: RowSpan, _batch: &BatchSoFar) -> ArrayRef {
        let mut text = Vec::with_capacity((span.len() as f64 * self.median_chars * 1.5) as usize);
        let mut ends = Vec::with_capacity(span.len() + 1);
        ends.push(0i32);
        span.each_word(self.stream, |offset, word| {
            if span.is_valid(offset) {
                self.write(span.row(offset), word, &mut text);
            }
            ends.push(text.len() as i32);
        });
        assert!(text.len() <= i32::MAX as usize, "2 GiB of text in one batch: ask for fewer rows");
        let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(StringArray::new(ends, text.into(), span.nulls))
    }
}
