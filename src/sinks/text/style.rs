//! How text, nulls and quotes are written, for each place that a value can stand in.

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sinks) enum Style {
    /// A field of a CSV file (RFC 4180).
    Csv,
    /// A value in JSON text (RFC 8259).
    Json,
    /// A value in JSON text that is itself a quoted CSV field, so that each of its quotes is doubled.
    JsonInCsv,
}

impl Style {
    /// How null is written. In CSV nothing is null and `""` is empty text, as PostgreSQL's COPY, DuckDB, polars and
    /// pyarrow tell them apart; RFC 4180 knows no null.
    pub(super) fn null(self) -> &'static [u8] {
        match self {
            Self::Csv => b"",
            Self::Json | Self::JsonInCsv => b"null",
        }
    }

    /// What stands on both sides of a value that JSON has no type for, such as a date.
    pub(super) fn quote(self) -> &'static [u8] {
        match self {
            Self::Csv => b"",
            Self::Json => b"\"",
            Self::JsonInCsv => b"\"\"",
        }
    }

    /// What a list or struct has around it: in CSV it is JSON text in one field, which is always quoted.
    pub(super) fn around_nested(self) -> &'static [u8] {
        match self {
            Self::Csv => b"\"",
            Self::Json | Self::JsonInCsv => b"",
        }
    }

    /// The style of what is inside a list or struct.
    pub(super) fn inside_nested(self) -> Self {
        match self {
            Self::Csv | Self::JsonInCsv => Self::JsonInCsv,
            Self::Json => Self::Json,
        }
    }

    /// Whether no byte of the text needs a quote or an escape for its own sake.
    pub(super) fn is_plain(self, text: &[u8]) -> bool {
        // Blocks, so that a long text is given up early and a block is compared many bytes at a time.
        let mut blocks = text.chunks(1024);
        match self {
            Self::Csv => {
                blocks.all(|block| !block.iter().fold(false, |any, &byte| any | is_special_in_csv(byte)))
            }
            Self::Json | Self::JsonInCsv => {
                blocks.all(|block| !block.iter().fold(false, |any, &byte| any | is_special_in_json(byte)))
            }
        }
    }

    /// Appends text of any kind, with what it needs around it.
    pub(in crate::sinks) fn write_text(self, text: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Csv if text.is_empty() => out.extend_from_slice(b"\"\""),
            Self::Csv if self.is_plain(text) => out.extend_from_slice(text),
            Self::Csv => {
                out.push(b'"');
                write_escaped(text, |byte| byte == b'"', |_, out| out.extend_from_slice(b"\"\""), out);
                out.push(b'"');
            }
            Self::Json | Self::JsonInCsv => {
                out.extend_from_slice(self.quote());
                let quote = self.quote();
                write_escaped(text, is_special_in_json, |byte, out| write_json_escape(byte, quote, out), out);
                out.extend_from_slice(self.quote());
            }
        }
    }
}

/// Fields with these need quotes: RFC 4180, section 2, rules 6 and 7. The backslash is added since `\.` alone on a
/// line ends the data for PostgreSQL's `\copy`.
#[inline]
fn is_special_in_csv(byte: u8) -> bool {
    (byte == b'"') | (byte == b',') | (byte == b'\n') | (byte == b'\r') | (byte == b'\\')
}

/// What must be escaped: RFC 8259, section 7.
#[inline]
fn is_special_in_json(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Appends the text; what is special by `write_special`, the rest as it is.
fn write_escaped(
    text: &[u8],
    is_special: impl Fn(u8) -> bool,
    write_special: impl Fn(u8, &mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| is_special(byte)) {
        out.extend_from_slice(&rest[..at]);
        write_special(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends the escape of a byte that JSON does not allow in text; the two-character form where there is one.
fn write_json_escape(byte: u8, quote: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'\\');
    match byte {
        b'"' => out.extend_from_slice(quote),
        b'\\' => out.push(b'\\'),
        0x08 => out.push(b'b'),
        0x0c => out.push(b'f'),
        b'\n' => out.push(b'n'),
        b'\r' => out.push(b'r'),
        b'\t' => out.push(b't'),
        _ => {
            out.extend_from_slice(b"u00");
            out.extend([byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]));
        }
    }
}
