//! An instant some seconds after or before another.

use super::numbers::Numbers;
use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, SpecError, ensure};
use crate::rng::{Stream, unit};
use crate::scope::Scope;
use crate::tables::{Cells, Distribution, FactorsSpec, QuantileTable};
use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "later",
    about: "an instant some seconds after (or before) another instant or the start of a date; conditional with `factors`",
    keys: "from = an instant or date COLUMN; lognormal = { median_seconds, sigma }, uniform = [LOW, HIGH] seconds, or seconds = a number COLUMN; factors = { COLUMN = { VALUE = FACTOR } }; direction (after, before); min_seconds, max_seconds; digits = decimal digits of the second, 0 to 6 (3 when absent)",
    drifts: &[What::Delay],
    build: |scope, params| Later::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

const DAY_SECONDS: f64 = 86_400.0;

/// The longest delay: a hundred years.
const MOST_SECONDS: f64 = 36_500.0 * DAY_SECONDS;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    from: String,
    lognormal: Option<LogNormal>,
    uniform: Option<[f64; 2]>,
    seconds: Option<String>,
    /// Column → value → what the seconds are multiplied with.
    #[serde(default)]
    factors: FactorsSpec,
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    min_seconds: f64,
    #[serde(default = "most_seconds")]
    max_seconds: f64,
    #[serde(default = "super::arrays::default_second_digits")]
    digits: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogNormal {
    median_seconds: f64,
    sigma: f64,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    #[default]
    After,
    Before,
}

fn most_seconds() -> f64 {
    MOST_SECONDS
}

/// Where the seconds come from, before factors.
#[derive(Debug)]
enum Delay {
    LogNormal { median: f64, table: Arc<QuantileTable> },
    Uniform { low: f64, width: f64 },
    Of(Numbers),
}

#[derive(Debug)]
struct Later {
    from: usize,
    from_nullable: bool,
    delay: Delay,
    cells: Cells,
    factors: Vec<f64>,
    sign: f64,
    min: f64,
    max: f64,
    step_micros: i64,
    stream: Stream,
    drift: Drift,
}

impl Later {
    fn new(scope: &mut Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        let from = scope.index(&params.from).map_err(|error| error.within("from"))?;
        let timed = matches!(scope.column(from).data_type(), DataType::Date32 | DataType::Timestamp(..));
        ensure(timed, "from", format!("column {:?} has neither dates nor instants", params.from))?;
        let (min, max) = (params.min_seconds, params.max_seconds);
        ensure(
            0.0 <= min && min <= max && max <= MOST_SECONDS,
            "min_seconds and max_seconds",
            format!("{min} to {max} is no span within 0 to {MOST_SECONDS}"),
        )?;
        let (cells, factors) = Cells::of_factors(scope, &params.factors, 1.0, |a, b| a * b)
            .map_err(|error| error.within("factors"))?;
        ensure(factors.iter().all(|factor| *factor > 0.0), "factors", "each must be above 0")?;
        Ok(Self {
            from,
            from_nullable: scope.is_nullable(from),
            delay: delay(scope, &params)?,
            cells,
            factors,
            sign: if matches!(params.direction, Direction::Before) { -1.0 } else { 1.0 },
            min,
            max,
            step_micros: arrays::second_step(params.digits)?,
            stream: scope.stream(),
            drift: Drift::default(),
        })
    }

    /// Seconds as drawn, before the limits.
    fn seconds(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<f64> {
        let mut seconds = match &self.delay {
            Delay::LogNormal { median, table } => {
                span.map_words(self.stream, |word| f64::from(table.at((word >> 32) as u32)) * median)
            }
            Delay::Uniform { low, width } => span.map_words(self.stream, |word| low + width * unit(word)),
            Delay::Of(numbers) => numbers.values(batch),
        };
        if self.cells.count() > 1 {
            let cells = self.cells.of_rows(batch, span.len());
            seconds.iter_mut().zip(cells).for_each(|(seconds, cell)| *seconds *= self.factors[cell as usize]);
        }
        for effect in &self.drift.effects {
            effect.each(span, batch, |offset, strength| {
                let days = effect.change.size(seconds[offset] / DAY_SECONDS, strength);
                seconds[offset] = days * DAY_SECONDS;
            });
        }
        seconds
    }
}

fn delay(scope: &mut Scope, params: &Params) -> Result<Delay> {
    match (&params.lognormal, params.uniform, &params.seconds) {
        (Some(LogNormal { median_seconds, sigma }), None, None) => {
            let within = *median_seconds > 0.0 && *median_seconds <= MOST_SECONDS;
            let problem = format!("{median_seconds} is not within 0 (excluded) to {MOST_SECONDS}");
            ensure(within, "lognormal.median_seconds", problem)?;
            let table = scope.quantile_table(Distribution::LogNormal { sigma: *sigma });
            let table = table.map_err(|error| error.within("lognormal"))?;
            Ok(Delay::LogNormal { median: *median_seconds, table })
        }
        (None, Some([low, high]), None) => {
            let problem = format!("[{low}, {high}] is no span within 0 to {MOST_SECONDS}");
            ensure(0.0 <= low && low <= high && high <= MOST_SECONDS, "uniform", problem)?;
            Ok(Delay::Uniform { low, width: high - low })
        }
        (None, None, Some(column)) => {
            Ok(Delay::Of(Numbers::new(scope, column).map_err(|error| error.within("seconds"))?))
        }
        _ => Err(SpecError::at("", "give one of `lognormal`, `uniform` and `seconds`")),
    }
}

impl Column for Later {
    fn data_type(&self) -> DataType {
        arrays::instant_type()
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let seconds = self.seconds(&span, batch);
        let moved = |(from, seconds): (i64, f64)| {
            let micros = (seconds.clamp(self.min, self.max) * self.sign * 1e6) as i64;
            (from + micros).div_euclid(self.step_micros) * self.step_micros
        };
        let from = batch.array(self.from);
        let micros: Vec<i64> = if *from.data_type() == DataType::Date32 {
            let starts = batch.days(self.from).iter().map(|day| i64::from(*day) * arrays::DAY_MICROS);
            starts.zip(seconds).map(moved).collect()
        } else {
            let instants = from.as_primitive::<TimestampMicrosecondType>().values().iter().copied();
            instants.zip(seconds).map(moved).collect()
        };
        let nulls = NullBuffer::union(span.nulls.as_ref(), from.nulls());
        let of_delay = if let Delay::Of(numbers) = &self.delay { numbers.nulls(batch) } else { None };
        arrays::instants(micros, NullBuffer::union(nulls.as_ref(), of_delay))
    }

    fn reads(&self) -> Vec<usize> {
        let of_delay = if let Delay::Of(numbers) = &self.delay { Some(numbers.column()) } else { None };
        self.cells.columns().chain([self.from]).chain(of_delay).chain(self.drift.reads()).collect()
    }

    fn makes_nulls(&self) -> bool {
        let of_delay = matches!(&self.delay, Delay::Of(numbers) if numbers.is_nullable());
        self.from_nullable || of_delay
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        let Delay::LogNormal { median, table } = &self.delay else { return None };
        let medians = self.factors.iter().map(|factor| factor * median / DAY_SECONDS).collect();
        let model = Model::Size { medians, table, unit: "days" };
        Some(Parameters { cells: self.cells.clone(), model, effects: &self.drift.effects })
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}
