//! The parts of a formula, and their values. A null is a NaN while it is computed with.

use super::numbers;
use crate::batch::{BatchSoFar, Codes};

/// A formula, or a part of one.
#[derive(Debug)]
pub(super) enum Expression {
    Number(f64),
    /// A column of numbers, amounts, scores, flags (1 and 0), dates (days) or timestamps (seconds), from
    /// 1970-01-01.
    Column {
        index: usize,
        nullable: bool,
    },
    /// Whether a category is the one with the code.
    Is {
        index: usize,
        nullable: bool,
        code: usize,
    },
    Call(Function, Vec<Expression>),
}

/// What is done with the values of parts. Conditions are 1 and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    Min,
    Max,
    Round,
    Floor,
    Ceil,
    Abs,
    Coalesce,
    If,
}

impl Function {
    /// The functions that are written by name, with the numbers of their arguments.
    pub(super) const NAMED: &'static [(&'static str, Self, usize)] = &[
        ("min", Self::Min, 2),
        ("max", Self::Max, 2),
        ("round", Self::Round, 1),
        ("floor", Self::Floor, 1),
        ("ceil", Self::Ceil, 1),
        ("abs", Self::Abs, 1),
        ("coalesce", Self::Coalesce, 2),
        ("if", Self::If, 3),
    ];

    /// The value for a row. Every null argument makes the result null, but where it is not asked for.
    fn of(self, arguments: [f64; 3]) -> f64 {
        let [a, b, c] = arguments;
        let flag = |holds: bool| if a.is_nan() || b.is_nan() { f64::NAN } else { f64::from(u8::from(holds)) };
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Less => flag(a < b),
            Self::LessOrEqual => flag(a <= b),
            Self::Equal => flag(a == b),
            Self::NotEqual => flag(a != b),
            Self::Min if a.is_nan() || b.is_nan() => f64::NAN,
            Self::Max if a.is_nan() || b.is_nan() => f64::NAN,
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Round => a.round(),
            Self::Floor => a.floor(),
            Self::Ceil => a.ceil(),
            Self::Abs => a.abs(),
            Self::Coalesce if a.is_nan() => b,
            Self::Coalesce => a,
            Self::If if a.is_nan() => f64::NAN,
            Self::If if a != 0.0 => b,
            Self::If => c,
        }
    }
}

impl Expression {
    /// The value in each row; NaN where it is null.
    pub(super) fn values(&self, batch: &BatchSoFar, count: usize) -> Vec<f64> {
        match self {
            Self::Number(number) => vec![*number; count],
            Self::Column { index, .. } => numbers::values(batch, *index),
            Self::Is { index, code, .. } => {
                let is = match batch.codes(*index) {
                    Codes::Narrow(codes) => flags(codes, |other| usize::from(*other) == *code),
                    Codes::Wide(codes) => flags(codes, |other| usize::from(*other) == *code),
                };
                numbers::with_nulls(is, batch.nulls(*index))
            }
            Self::Call(function, parts) => {
                let mut parts = parts.iter().map(|part| part.values(batch, count));
                let mut first = parts.next().unwrap_or_default();
                let (second, third) = (parts.next(), parts.next());
                for (row, value) in first.iter_mut().enumerate() {
                    let at = |values: &Option<Vec<f64>>| values.as_ref().map_or(0.0, |values| values[row]);
                    *value = function.of([*value, at(&second), at(&third)]);
                }
                first
            }
        }
    }

    /// Adds the columns that it reads.
    pub(super) fn reads(&self, columns: &mut Vec<usize>) {
        match self {
            Self::Number(_) => {}
            Self::Column { index, .. } | Self::Is { index, .. } => columns.push(*index),
            Self::Call(_, parts) => parts.iter().for_each(|part| part.reads(columns)),
        }
    }

    /// Whether any value can be null.
    pub(super) fn may_be_null(&self) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Column { nullable, .. } | Self::Is { nullable, .. } => *nullable,
            Self::Call(Function::Divide, _) => true,
            Self::Call(Function::Coalesce, parts) => parts.iter().all(Self::may_be_null),
            Self::Call(_, parts) => parts.iter().any(Self::may_be_null),
        }
    }
}

fn flags<T>(codes: &[T], holds: impl Fn(&T) -> bool) -> Vec<f64> {
    codes.iter().map(|code| f64::from(u8::from(holds(code)))).collect()
}
