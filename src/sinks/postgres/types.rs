//! The type of a column in PostgreSQL.

use std::fmt;

use arrow_schema::{DataType, TimeUnit};

/// A type that a column can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlType {
    Boolean,
    Smallint,
    Integer,
    Bigint,
    Real,
    Double,
    /// Digits, and how many of them stand behind the point.
    Numeric(u8, u8),
    Date,
    Timestamptz,
    Text,
    TextArray,
    Jsonb,
}

impl SqlType {
    /// The type for arrays of an in-memory type; `None` where there is none that holds every value.
    pub(super) fn of(kind: &DataType) -> Option<Self> {
        Some(match kind {
            DataType::Boolean => Self::Boolean,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Self::Smallint,
            DataType::Int32 | DataType::UInt16 => Self::Integer,
            DataType::Int64 | DataType::UInt32 => Self::Bigint,
            DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Double,
            DataType::Decimal64(digits, scale) => Self::Numeric(*digits, u8::try_from(*scale).ok()?),
            DataType::Date32 => Self::Date,
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Self::Timestamptz,
            DataType::Utf8 => Self::Text,
            DataType::Dictionary(_, values) => Self::of(values)?,
            DataType::List(item) => match Self::of(item.data_type())? {
                Self::Text => Self::TextArray,
                _ => Self::Jsonb,
            },
            DataType::Struct(fields) => {
                fields.iter().try_for_each(|field| Self::of(field.data_type()).map(|_| ()))?;
                Self::Jsonb
            }
            _ => return None,
        })
    }
}

impl fmt::Display for SqlType {
    /// As `format_type` of the server writes it, so that it can be compared with a table that is there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Boolean => "boolean",
            Self::Smallint => "smallint",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Real => "real",
            Self::Double => "double precision",
            Self::Numeric(digits, scale) => return write!(f, "numeric({digits},{scale})"),
            Self::Date => "date",
            Self::Timestamptz => "timestamp with time zone",
            Self::Text => "text",
            Self::TextArray => "text[]",
            Self::Jsonb => "jsonb",
        };
        f.write_str(name)
    }
}
