//! Texts with places that each row fills: its number, other columns' values, random letters and digits.

use super::digits::{RowNumber, hexadecimal, push_padded};
use super::texts::{Form, Source, Values, parse_width};
use crate::batch::BatchSoFar;
use crate::error::{Result, SpecError, ensure};
use crate::rng::Stream;
use crate::scope::Scope;
use arrow_buffer::NullBuffer;

/// What a text can have, for messages.
pub(super) const PLACES: &str = "{customer}, {row}, {row:WIDTH}, {digits:COUNT}, {hex:COUNT}, {alnum:COUNT}, \
     {token:COUNT}, {COLUMN}, {COLUMN:FORMAT}, {COLUMN?} (nothing where it is null), {upper:COLUMN}, {lower:COLUMN}";

/// The longest text, in bytes, apart from what other columns made.
pub(super) const MAX_BYTES: usize = 1_200;

/// A text, taken apart at its places.
#[derive(Debug)]
pub(super) struct Composed {
    parts: Vec<Part>,
    most_bytes: usize,
}

#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    /// The row's number from 1, with leading zeros up to the width.
    Row {
        width: usize,
    },
    /// Uniform random decimal digits, from one word.
    Digits {
        count: usize,
        stream: Stream,
    },
    /// Uniform random letters of an alphabet, from a word for each few of them.
    Letters {
        alphabet: Alphabet,
        count: usize,
        streams: Vec<Stream>,
    },
    Column {
        source: Source,
        /// Whether a null is written as nothing, rather than makes the whole text null.
        optional: bool,
    },
}

/// What random letters are drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Alphabet {
    /// 0–9 and a–f.
    Hexadecimal,
    /// 0–9 and A–Z.
    Alphanumeric,
    /// The 64 letters of base64url (RFC 4648, section 5).
    Token,
}

const ALPHANUMERIC: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Every pair of letters of an alphabet: a draw gives two letters at once.
static ALPHANUMERIC_PAIRS: [[u8; 2]; 1_296] = pairs_of(ALPHANUMERIC);
static BASE64_URL_PAIRS: [[u8; 2]; 4_096] = pairs_of(BASE64_URL);

const fn pairs_of<const N: usize>(letters: &[u8]) -> [[u8; 2]; N] {
    let mut pairs = [[0; 2]; N];
    let mut index = 0;
    while index < N {
        pairs[index] = [letters[index / letters.len()], letters[index % letters.len()]];
        index += 1;
    }
    pairs
}

impl Alphabet {
    /// Letters that one word gives: 36^12 and 64^10 are below 2^64.
    fn letters_per_word(self) -> usize {
        match self {
            Self::Hexadecimal => 16,
            Self::Alphanumeric => 12,
            Self::Token => 10,
        }
    }

    /// Writes `count` letters, at most as many as a word gives.
    #[inline]
    fn push(self, word: u64, count: usize, text: &mut Vec<u8>) {
        match self {
            Self::Hexadecimal => text.extend_from_slice(&hexadecimal(word)[..count]),
            Self::Alphanumeric => push_pairs(&ALPHANUMERIC_PAIRS, word, count, text),
            Self::Token => push_pairs(&BASE64_URL_PAIRS, word, count, text),
        }
    }
}

/// Scales the word to an index and keeps the fraction for the next: with k letters drawn from N pairs, the
/// bias of each is below N^(k/2) / 2^64.
#[inline]
fn push_pairs<const N: usize>(pairs: &[[u8; 2]; N], word: u64, count: usize, text: &mut Vec<u8>) {
    let mut fraction = word;
    for drawn in (0..count).step_by(2) {
        let scaled = u128::from(fraction) * N as u128;
        let pair = &pairs[(scaled >> 64) as usize];
        text.extend_from_slice(&pair[..(count - drawn).min(2)]);
        fraction = scaled as u64;
    }
}

impl Composed {
    /// Takes a text apart. Two braces, `{{` or `}}`, stand for one.
    ///
    /// # Errors
    /// When a place is unknown or its column is not there, braces do not match, or the text is too long.
    pub(super) fn parse(scope: &Scope, stream: Stream, text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut random = 0;
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text)),
                Piece::Place(place) => {
                    // The first random place draws from the column's own stream, each other from its own.
                    let stream = if random == 0 { stream } else { stream.lane(random) };
                    let part = part(scope, stream, place)?;
                    random += u64::from(matches!(part, Part::Digits { .. } | Part::Letters { .. }));
                    parts.push(part);
                }
            }
        }
        Self::of_parts(scope, parts)
    }

    /// The texts of columns with a separator between them.
    ///
    /// # Errors
    /// When there is no column, one is not there or has no text, or the text is too long.
    pub(super) fn joined(scope: &Scope, columns: &[String], separator: &str) -> Result<Self> {
        ensure(!columns.is_empty(), "of", "name at least one column")?;
        let mut parts = Vec::new();
        for (position, name) in columns.iter().enumerate() {
            if position > 0 {
                parts.push(Part::Text(separator.to_owned()));
            }
            let source = Source::new(scope, name, None).map_err(|error| error.within("of"))?;
            parts.push(Part::Column { source, optional: false });
        }
        Self::of_parts(scope, parts)
    }

    fn of_parts(scope: &Scope, mut parts: Vec<Part>) -> Result<Self> {
        parts.retain(|part| *part != Part::Text(String::new()));
        let most_bytes = parts.iter().map(|part| part.most_bytes(scope)).sum();
        let problem = format!("up to {most_bytes} bytes long, {MAX_BYTES} are allowed");
        ensure(most_bytes <= MAX_BYTES, "", problem)?;
        Ok(Self { parts, most_bytes })
    }

    /// The most bytes of a text, apart from what other columns made of text.
    pub(super) fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// The columns it reads.
    pub(super) fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.sources().map(|(source, _)| source.column)
    }

    /// Whether any text can be null.
    pub(super) fn makes_nulls(&self) -> bool {
        self.sources().any(|(source, optional)| source.nullable && !optional)
    }

    /// The rows without a text: those of the span, and those where a column that must be there is null.
    pub(super) fn nulls(&self, of_span: Option<NullBuffer>, batch: &BatchSoFar) -> Option<NullBuffer> {
        let needed = self.sources().filter(|(_, optional)| !optional);
        needed
            .fold(of_span, |nulls, (source, _)| NullBuffer::union(nulls.as_ref(), batch.nulls(source.column)))
    }

    fn sources(&self) -> impl Iterator<Item = (&Source, bool)> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Column { source, optional } => Some((source, *optional)),
            _ => None,
        })
    }

    /// Writes the texts of a batch.
    pub(super) fn writer<'a>(&'a self, batch: &'a BatchSoFar) -> Writer<'a> {
        let step = |part: &'a Part| match part {
            Part::Column { source, optional } => {
                let nulls = batch.nulls(source.column).filter(|_| *optional);
                Step::Value(source.values(batch), nulls)
            }
            other => Step::Part(other),
        };
        Writer { steps: self.parts.iter().map(step).collect(), number: RowNumber::new(0) }
    }
}

/// Writes texts row by row.
pub(super) struct Writer<'a> {
    steps: Vec<Step<'a>>,
    number: RowNumber,
}

enum Step<'a> {
    Part(&'a Part),
    /// A column's values, and which of them are null where that is allowed.
    Value(Values<'a>, Option<&'a NullBuffer>),
}

impl Writer<'_> {
    /// Writes the text of the row with the number `row`, at `offset` in the batch, which must not be null.
    #[inline]
    pub(super) fn push(&mut self, offset: usize, row: u64, text: &mut Vec<u8>) {
        for step in &self.steps {
            match step {
                Step::Part(Part::Text(fixed)) => text.extend_from_slice(fixed.as_bytes()),
                Step::Part(Part::Row { width }) => {
                    // Rows are counted from 1.
                    self.number.set(row + 1);
                    text.extend_from_slice(self.number.padded(*width));
                }
                Step::Part(Part::Digits { count, stream }) => {
                    // A word scaled to 10^count: the bias is below 10^count / 2^64.
                    let limit = 10u64.pow(*count as u32);
                    let scaled = ((u128::from(stream.word(row)) * u128::from(limit)) >> 64) as u64;
                    push_padded(scaled, *count, text);
                }
                Step::Part(Part::Letters { alphabet, count, streams }) => {
                    let mut missing = *count;
                    for stream in streams {
                        let drawn = missing.min(alphabet.letters_per_word());
                        alphabet.push(stream.word(row), drawn, text);
                        missing -= drawn;
                    }
                }
                // The writer made a step of its own of every column.
                Step::Part(Part::Column { .. }) => {}
                Step::Value(values, nulls) => {
                    if nulls.is_none_or(|nulls| nulls.is_valid(offset)) {
                        values.push(offset, text);
                    }
                }
            }
        }
    }
}

impl Part {
    fn most_bytes(&self, scope: &Scope) -> usize {
        match self {
            Self::Text(text) => text.len(),
            // A dataset has at most 2^50 rows, sixteen digits.
            Self::Row { width } => (*width).max(16),
            Self::Digits { count, .. } | Self::Letters { count, .. } => *count,
            Self::Column { source, .. } => source.most_bytes(scope),
        }
    }
}

/// A stretch of a text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(String),
    /// What stands between braces.
    Place(&'a str),
}

/// Splits a text at its braces.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some(position) = rest.find(['{', '}']) {
        fixed.push_str(&rest[..position]);
        let brace = &rest[position..=position];
        let after = &rest[position + 1..];
        if let Some(behind) = after.strip_prefix(brace) {
            fixed.push_str(brace);
            rest = behind;
            continue;
        }
        ensure(brace == "{", "", format!("{text:?} has a }} without its {{; write }}}} for one }}"))?;
        let Some((place, behind)) = after.split_once('}') else {
            return Err(SpecError::at(
                "",
                format!("{text:?} has a {{ without its }}; write {{{{ for one {{"),
            ));
        };
        pieces.push(Piece::Text(std::mem::take(&mut fixed)));
        pieces.push(Piece::Place(place));
        rest = behind;
    }
    fixed.push_str(rest);
    pieces.push(Piece::Text(fixed));
    Ok(pieces)
}

fn part(scope: &Scope, stream: Stream, place: &str) -> Result<Part> {
    let (name, format) = place.split_once(':').map_or((place, None), |(name, format)| (name, Some(format)));
    let within = |error: SpecError| error.within(format!("{{{place}}}"));
    match (name, format) {
        ("customer", None) => Ok(Part::Text(scope.customer.to_string())),
        ("row", width) => {
            let width = width.map(parse_width).transpose().map_err(within)?;
            Ok(Part::Row { width: width.unwrap_or(1) })
        }
        ("digits", Some(count)) => Ok(Part::Digits { count: parse_width(count).map_err(within)?, stream }),
        ("hex", Some(count)) => letters(Alphabet::Hexadecimal, count, stream).map_err(within),
        ("alnum", Some(count)) => letters(Alphabet::Alphanumeric, count, stream).map_err(within),
        ("token", Some(count)) => letters(Alphabet::Token, count, stream).map_err(within),
        ("upper", Some(column)) => cased(scope, column, Form::Upper).map_err(within),
        ("lower", Some(column)) => cased(scope, column, Form::Lower).map_err(within),
        ("customer" | "digits" | "hex" | "alnum" | "token" | "upper" | "lower" | "", _) => {
            Err(SpecError::at("", format!("{{{place}}} is not one of {PLACES}")))
        }
        (name, format) => {
            let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
            let source = Source::new(scope, name, format);
            let source = source.map_err(|error| {
                SpecError::at(format!("{{{place}}}"), format!("{error}; a place is one of {PLACES}"))
            })?;
            Ok(Part::Column { source, optional })
        }
    }
}

fn cased(scope: &Scope, column: &str, form: Form) -> Result<Part> {
    let (name, optional) = column.strip_suffix('?').map_or((column, false), |name| (name, true));
    Ok(Part::Column { source: Source::cased(scope, name, form)?, optional })
}

fn letters(alphabet: Alphabet, count: &str, stream: Stream) -> Result<Part> {
    let count = match count.parse::<usize>() {
        Ok(count @ 1..=MAX_BYTES) => count,
        _ => return Err(SpecError::at("", format!("{count:?}: the count is not within 1 to {MAX_BYTES}"))),
    };
    let words = count.div_ceil(alphabet.letters_per_word()) as u64;
    // The first word is the stream's own, as for digits.
    let streams = (0..words).map(|word| if word == 0 { stream } else { stream.keyed("letters").lane(word) });
    Ok(Part::Letters { alphabet, count, streams: streams.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_taken_apart_at_their_braces() {
        let taken = pieces("CLM-{customer}{{x}}{row:08}").unwrap();
        let text = |text: &str| Piece::Text(text.to_owned());
        let expected =
            [text("CLM-"), Piece::Place("customer"), text("{x}"), Piece::Place("row:08"), text("")];
        assert_eq!(taken, expected);
        assert!(pieces("{row").unwrap_err().to_string().contains("without its }"));
        assert!(pieces("row}").unwrap_err().to_string().contains("without its {"));
    }

    proptest! {
        #[test]
        fn random_letters_are_of_their_alphabet(word: u64, count in 1usize..=10) {
            for (alphabet, allowed) in [
                (Alphabet::Hexadecimal, &b"0123456789abcdef"[..]),
                (Alphabet::Alphanumeric, ALPHANUMERIC),
                (Alphabet::Token, BASE64_URL),
            ] {
                let mut text = Vec::new();
                alphabet.push(word, count, &mut text);
                prop_assert_eq!(text.len(), count);
                prop_assert!(text.iter().all(|letter| allowed.contains(letter)));
            }
        }
    }

    #[test]
    fn every_letter_comes_as_often_at_every_position() {
        let stream = Stream::of_column(1, "d", "c");
        let mut counts = vec![[0u32; 128]; 12];
        for row in 0..36_000 {
            let mut text = Vec::new();
            Alphabet::Alphanumeric.push(stream.word(row), 12, &mut text);
            text.iter().zip(&mut counts).for_each(|(letter, counts)| counts[usize::from(*letter)] += 1);
        }
        // 1,000 are expected of each; six standard deviations are 187.
        let outside = |count: &u32| !(813..1_187).contains(count);
        for counts in counts {
            assert!(
                !ALPHANUMERIC.iter().map(|letter| counts[usize::from(*letter)]).any(|count| outside(&count))
            );
        }
    }
}
