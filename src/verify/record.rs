//! Where the records of a text begin and end, and in which field two of them differ.

use std::io::{self, BufRead};

use serde_json::Value;

/// How records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    /// At a line feed outside of quotes (RFC 4180, section 2).
    Csv,
    /// At every line feed.
    Lines,
}

/// Where a walk over a text stands.
#[derive(Debug, Clone, Copy, Default)]
struct Position {
    is_quoted: bool,
}

impl Records {
    /// Those of a format.
    pub(super) fn of(format: &str) -> Self {
        if format == "csv" { Self::Csv } else { Self::Lines }
    }

    /// Whether a record ends with this byte. A doubled quote leaves and enters at once.
    fn ends(self, byte: u8, position: &mut Position) -> bool {
        match byte {
            b'"' if self == Self::Csv => {
                position.is_quoted = !position.is_quoted;
                false
            }
            b'\n' => !position.is_quoted,
            _ => false,
        }
    }

    /// The last record that begins at `until` or before: its number, and where it begins.
    pub(super) fn last_start(self, text: &[u8], until: usize) -> (u64, usize) {
        let (mut number, mut start, mut position) = (0, 0, Position::default());
        for (index, byte) in text.iter().enumerate().take(until) {
            if self.ends(*byte, &mut position) {
                (number, start) = (number + 1, index + 1);
            }
        }
        (number, start)
    }

    /// The first record, with its end.
    pub(super) fn first(self, text: &[u8]) -> &[u8] {
        let mut position = Position::default();
        let end = text.iter().position(|byte| self.ends(*byte, &mut position));
        end.map_or(text, |end| &text[..=end])
    }

    /// Reads on until the text has a whole record, the input ends, or the text has so many bytes.
    pub(super) fn complete(
        self,
        text: &mut Vec<u8>,
        input: &mut impl BufRead,
        most: usize,
    ) -> io::Result<()> {
        let mut position = Position::default();
        if text.iter().any(|byte| self.ends(*byte, &mut position)) {
            return Ok(());
        }
        while text.len() < most {
            let buffer = input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| self.ends(*byte, &mut position));
            let taken = end.map_or(buffer.len(), |end| end + 1);
            text.extend_from_slice(&buffer[..taken]);
            input.consume(taken);
            if end.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Skips so many records; returns how many there were.
    pub(super) fn skip(self, input: &mut impl BufRead, records: u64) -> io::Result<u64> {
        let (mut skipped, mut position) = (0, Position::default());
        while skipped < records {
            let buffer = input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(skipped);
            }
            let mut taken = buffer.len();
            for (index, byte) in buffer.iter().enumerate() {
                skipped += u64::from(self.ends(*byte, &mut position));
                if skipped == records {
                    taken = index + 1;
                    break;
                }
            }
            input.consume(taken);
        }
        Ok(skipped)
    }
}

/// The first field in which two records differ: the column, and the field in both. Records that cannot be told
/// apart by fields are shown whole.
pub(super) fn fields_differ(
    format: &str,
    names: &[String],
    expected: &[u8],
    found: &[u8],
) -> (String, String, String) {
    let whole = || {
        let text = |record| String::from_utf8_lossy(record).trim_end().to_owned();
        ("(the whole row)".to_owned(), text(expected), text(found))
    };
    let different = if format == "csv" {
        csv_differs(names, expected, found)
    } else {
        json_differs(names, expected, found)
    };
    different.unwrap_or_else(whole)
}

fn csv_differs(names: &[String], expected: &[u8], found: &[u8]) -> Option<(String, String, String)> {
    let (expected, found) = (csv_fields(expected), csv_fields(found));
    if expected.len() != found.len() || expected.len() != names.len() {
        return None;
    }
    let fields = names.iter().zip(expected).zip(found);
    let ((name, expected), found) = fields.into_iter().find(|((_, expected), found)| expected != found)?;
    Some((name.clone(), expected, found))
}

/// The fields of a CSV record as they are written, quotes and all: null and empty text differ in those.
fn csv_fields(record: &[u8]) -> Vec<String> {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    let mut is_quoted = false;
    let fields = record.split(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    let text = |field: &[u8]| {
        if field.is_empty() { "null".to_owned() } else { String::from_utf8_lossy(field).into_owned() }
    };
    fields.map(text).collect()
}

fn json_differs(names: &[String], expected: &[u8], found: &[u8]) -> Option<(String, String, String)> {
    let expected: Value = serde_json::from_slice(expected).ok()?;
    let found: Value = serde_json::from_slice(found).ok()?;
    let (expected, found) = (expected.as_object()?, found.as_object()?);
    let name = names.iter().find(|name| expected.get(*name) != found.get(*name))?;
    let text = |value: Option<&Value>| value.map_or_else(|| "(no such key)".to_owned(), ToString::to_string);
    Some((name.clone(), text(expected.get(name)), text(found.get(name))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoted_line_feeds_end_no_record() {
        let text = b"a,\"x\r\ny\"\r\nb,\"\"\"\"\r\nc,\r\n";
        assert_eq!(Records::Csv.first(text), b"a,\"x\r\ny\"\r\n");
        assert_eq!(Records::Csv.last_start(text, text.len() - 1), (2, 18));
        assert_eq!(Records::Lines.last_start(b"{}\n{}\n", 6), (2, 6));
        assert_eq!(csv_fields(b"a,\"x,y\",,\"\"\r\n"), ["a", "\"x,y\"", "null", "\"\""]);
    }

    #[test]
    fn the_first_field_that_differs_is_named() {
        let names = ["a".to_owned(), "b".to_owned()];
        let told = fields_differ("csv", &names, b"1,\r\n", b"1,\"\"\r\n");
        assert_eq!(told, ("b".to_owned(), "null".to_owned(), "\"\"".to_owned()));
        let told = fields_differ("jsonl", &names, b"{\"a\":1,\"b\":[2]}\n", b"{\"a\":1,\"b\":[3]}\n");
        assert_eq!(told, ("b".to_owned(), "[2]".to_owned(), "[3]".to_owned()));
        let told = fields_differ("jsonl", &names, b"{\"a\":1}\n", b"{\"a\":");
        assert_eq!(told.0, "(the whole row)");
    }

    proptest! {
        #[test]
        fn records_are_skipped_whatever_the_buffer(
            fields in proptest::collection::vec("[a,\"\n\r]{0,6}", 1..20),
            skipped in 0u64..25,
            capacity in 1usize..9,
        ) {
            let record = |field: &String| format!("\"{}\",1\r\n", field.replace('"', "\"\""));
            let records: Vec<String> = fields.iter().map(record).collect();
            let text = records.concat();
            let mut input = std::io::BufReader::with_capacity(capacity, text.as_bytes());
            let found = Records::Csv.skip(&mut input, skipped).unwrap();
            prop_assert_eq!(found, skipped.min(records.len() as u64));
            let mut rest = Vec::new();
            Records::Csv.complete(&mut rest, &mut input, 1 << 20).unwrap();
            let next = records.get(found as usize).cloned().unwrap_or_default();
            prop_assert_eq!(String::from_utf8(rest).unwrap(), next);
        }
    }
}
