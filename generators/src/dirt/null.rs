//! Values that are missing.

use super::target::Target;
use super::{Build, Cell, DirtKind, Fault, Site, keys};
use crate::error::{Result, SpecError, ensure, listed};
use crate::spec::Value;
use serde::Deserialize;

/// The registry line. The names of the three mechanisms are Rubin's ("Inference and missing data",
/// Biometrika 63, 1976).
pub(super) const KIND: DirtKind = DirtKind {
    name: "null",
    about: "missing values: at random (MCAR), by other columns with `where` (MAR), or by the value itself (MNAR)",
    keys: "column; above, below = NUMBER or \"DATE\", or values = [...]: only such values go missing",
    build: Build::Value(|_, target, _, params| {
        Null::new(target, params).map(|fault| Box::new(fault) as Box<dyn Fault>)
    }),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// Only values above this go missing.
    above: Option<toml::Value>,
    /// Only values below this go missing.
    below: Option<toml::Value>,
    /// Only these values go missing.
    values: Option<Vec<Value>>,
}

/// Which values go missing.
#[derive(Debug)]
enum Which {
    Any,
    /// Numbers, dates and times by their measure.
    Outside {
        target: Target,
        low: f64,
        high: f64,
    },
    Named(Vec<Cell>),
}

#[derive(Debug)]
struct Null {
    which: Which,
}

impl Null {
    fn new(target: &mut Target, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let which = match (&params.above, &params.below, &params.values) {
            (None, None, None) => Which::Any,
            (None, None, Some(values)) => {
                ensure(!values.is_empty(), "values", "names no value")?;
                let cells = values.iter().map(|value| cell(target, value)).collect::<Result<_>>();
                Which::Named(cells.map_err(|error| error.within("values"))?)
            }
            (above, below, None) => {
                let bound = |key: &str, value: &Option<toml::Value>, open: f64| {
                    let measured = value.as_ref().map(|value| target.measure(value)).transpose();
                    measured.map(|bound| bound.unwrap_or(open)).map_err(|error| error.within(key))
                };
                let high = bound("above", above, f64::INFINITY)?;
                let low = bound("below", below, f64::NEG_INFINITY)?;
                Which::Outside { target: target.clone(), low, high }
            }
            _ => return Err(SpecError::at("values", "it does not go with `above` and `below`")),
        };
        target.nullable = true;
        Ok(Self { which })
    }
}

/// A value of the clean column.
fn cell(target: &Target, value: &Value) -> Result<Cell> {
    use arrow_schema::DataType;
    match (value, &target.data_type, target.texts()) {
        (Value::Flag(flag), DataType::Boolean, _) => Ok(Cell::Flag(*flag)),
        (Value::Text(text), DataType::Utf8, _) => Ok(Cell::Text(text.clone())),
        (Value::Text(text), _, Some(known)) => {
            let code = known.iter().position(|known| known == Some(text));
            code.map(|code| Cell::Code(code as u16)).ok_or_else(|| {
                let known = listed(known.iter().flatten());
                SpecError::at("", format!("{:?} has no value {text:?}; it has {known}", target.name))
            })
        }
        _ => Err(target
            .unfit("`above` and `below`, where it holds numbers or dates, or texts where it holds those")),
    }
}

impl Fault for Null {
    fn damage(&self, site: &Site<'_>) -> Option<Cell> {
        let goes = match &self.which {
            Which::Any => true,
            Which::Named(cells) => cells.contains(site.clean),
            Which::Outside { target, low, high } => {
                target.number(site.clean).is_some_and(|number| number < *low || number > *high)
            }
        };
        goes.then_some(Cell::Null)
    }
}
