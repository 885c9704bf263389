//! Numbers far from all others.

use super::target::{DAY_MICROS, Target};
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::columns::MAX_CENTS;
use crate::error::{Result, SpecError, ensure};
use arrow_schema::DataType;
use serde::Deserialize;

/// The most days that a date can be moved by.
const MAX_DAYS: f64 = 36_500.0;

/// The registry line.
pub(super) const KIND: DirtKind = DirtKind {
    name: "outlier",
    about: "an amount or number multiplied by `factor`, or with `add` added; to a date, `add` adds days",
    keys: "column; factor or add",
    build: Build::Value(|_, target, _, params| {
        Outlier::new(target, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    factor: Option<f64>,
    /// In the column's unit.
    add: Option<f64>,
}

#[derive(Debug)]
enum Shift {
    Factor(f64),
    /// In the units that the column counts in: cents, days, microseconds.
    Add(f64),
}

impl Shift {
    fn apply(&self, number: f64) -> f64 {
        match self {
            Self::Factor(factor) => number * factor,
            Self::Add(units) => number + units,
        }
    }
}

#[derive(Debug)]
struct Outlier {
    shift: Shift,
    /// Whole numbers stay within these.
    limits: (f64, f64),
    /// Of a column with a dictionary: the code that takes the place of each code.
    codes: Vec<u16>,
}

impl Outlier {
    fn new(target: &mut Target, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let dated = target.data_type == DataType::Date32 || target.is_timestamp();
        let (units, limits) = units(target)?;
        let shift = match (params.factor, params.add) {
            (Some(factor), None) => {
                ensure(!dated, "factor", "dates have none: use `add`, in days")?;
                let fits = factor.is_finite() && factor.abs() <= 1e9 && factor != 1.0;
                ensure(
                    fits,
                    "factor",
                    format!("{factor} is not within -1e9 to 1e9, or leaves all as it is"),
                )?;
                Shift::Factor(factor)
            }
            (None, Some(add)) => {
                let most = if dated { MAX_DAYS } else { 1e12 };
                let fits = add.abs() <= most && add != 0.0;
                ensure(fits, "add", format!("{add} is not within -{most} to {most}, or 0"))?;
                Shift::Add(add * units)
            }
            _ => return Err(SpecError::at("", "give either `factor` or `add`")),
        };
        let moved = |number: &f64| (shift.apply(*number) * 1e6).round() / 1e6;
        let moved: Vec<f64> = target.numbers().iter().map(moved).collect();
        let codes = if moved.is_empty() { Vec::new() } else { target.codes_of_numbers(&moved)? };
        Ok(Self { shift, limits, codes })
    }
}

/// How many of the units that a column counts in its own unit has, and the least and most that fit.
fn units(target: &Target) -> Result<(f64, (f64, f64))> {
    let limits = |least: i64, most: i64| (least as f64, most as f64);
    Ok(match &target.data_type {
        DataType::Decimal64(_, _) => (100.0, (-MAX_CENTS, MAX_CENTS)),
        DataType::Int16 => (1.0, limits(i16::MIN.into(), i16::MAX.into())),
        DataType::Int32 => (1.0, limits(i32::MIN.into(), i32::MAX.into())),
        // Beyond 2^53 whole numbers have gaps as floating-point numbers.
        DataType::Int64 => (1.0, limits(-(1 << 53), 1 << 53)),
        DataType::Float64 => (1.0, (f64::MIN, f64::MAX)),
        DataType::Date32 => (1.0, limits(i32::MIN.into(), i32::MAX.into())),
        DataType::Timestamp(_, _) => (DAY_MICROS, limits(i64::MIN, i64::MAX)),
        DataType::Dictionary(_, _) if !target.numbers().is_empty() => (1.0, (f64::MIN, f64::MAX)),
        _ => return Err(target.unfit("no outliers, which amounts, numbers and dates can have")),
    })
}

impl Fault for Outlier {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        let (least, most) = self.limits;
        let moved = match site.value {
            Cell::Int(number) => {
                Cell::Int(self.shift.apply(*number as f64).round().clamp(least, most) as i64)
            }
            Cell::Float(number) => Cell::Float(self.shift.apply(*number).clamp(least, most)),
            Cell::Code(code) => Cell::Code(*self.codes.get(usize::from(*code))?),
            Cell::Null | Cell::Flag(_) | Cell::Text(_) => return None,
        };
        Some(moved)
    }
}
