//! An event that happens at a rate: a flag, or one of two texts.

use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::What;
use crate::error::{Result, SpecError, ensure};
use crate::loads::Loads;
use crate::rng::{Stream, happens, threshold};
use crate::scope::{Condition, Scope};
use crate::spec::ConditionSpec;
use crate::tables::{Cells, FactorsSpec};
use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "rate",
    about: "whether an event happens: a Bernoulli draw, with effects by category added on the logit scale",
    keys: "base; effects = { COLUMN = { VALUE = LOGIT } }; limits = [LOW, HIGH]; only_if, never_if, always_if; first_row = true; yes, no, aside = { value, rate }",
    drifts: &[What::Rate],
    build: |scope, params| Rate::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    /// The rate where no effect applies.
    base: f64,
    /// Column → value → what is added to the logit of the base.
    #[serde(default)]
    effects: FactorsSpec,
    /// The rate of every cell is kept within these two.
    limits: Option<[f64; 2]>,
    /// It can only happen where this holds.
    only_if: Option<ConditionSpec>,
    /// It cannot happen where this holds.
    never_if: Option<ConditionSpec>,
    /// It always happens where this holds, unless another condition forbids it.
    always_if: Option<ConditionSpec>,
    /// It always happens in the first row of a load: what others refer to must have begun.
    #[serde(default)]
    first_row: bool,
    /// The text where it happens; without it the column is a flag.
    yes: Option<String>,
    /// The text where it does not happen.
    no: Option<String>,
    /// Rows set aside before the rate applies: their text and share.
    aside: Option<Aside>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aside {
    value: String,
    rate: f64,
}

#[derive(Debug)]
struct Rate {
    cells: Cells,
    rates: Vec<f64>,
    thresholds: Vec<u64>,
    gates: Gates,
    /// It always happens in the first row of each of these.
    first_row: Option<Loads>,
    labels: Option<Labels>,
    stream: Stream,
    drift: Drift,
}

/// Where the event is certain or impossible, whatever the rate.
#[derive(Debug)]
struct Gates {
    only_if: Option<Condition>,
    never_if: Option<Condition>,
    always_if: Option<Condition>,
}

impl Gates {
    fn new(scope: &Scope, params: &Params) -> Result<Self> {
        let condition = |name: &str, spec: &Option<ConditionSpec>| {
            let condition = spec.as_ref().map(|spec| Condition::new(scope, spec)).transpose();
            condition.map_err(|error| error.within(name))
        };
        Ok(Self {
            only_if: condition("only_if", &params.only_if)?,
            never_if: condition("never_if", &params.never_if)?,
            always_if: condition("always_if", &params.always_if)?,
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Condition> {
        [&self.only_if, &self.never_if, &self.always_if].into_iter().flatten()
    }

    /// Sets the thresholds of rows where the event is certain or impossible.
    fn apply(&self, batch: &BatchSoFar, thresholds: &mut [u64]) {
        if let Some(condition) = &self.always_if {
            let mask = condition.mask(batch, thresholds.len());
            thresholds
                .iter_mut()
                .zip(mask)
                .filter(|(_, holds)| *holds)
                .for_each(|(event, _)| *event = threshold(1.0));
        }
        if let Some(condition) = &self.never_if {
            let mask = condition.mask(batch, thresholds.len());
            thresholds.iter_mut().zip(mask).for_each(|(event, holds)| *event *= u64::from(!holds));
        }
        if let Some(condition) = &self.only_if {
            let mask = condition.mask(batch, thresholds.len());
            thresholds.iter_mut().zip(mask).for_each(|(event, holds)| *event *= u64::from(holds));
        }
    }
}

#[derive(Debug)]
struct Labels {
    values: Arc<StringArray>,
    yes: u16,
    no: u16,
    aside: u16,
    aside_threshold: u64,
}

impl Rate {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let params: Params = keys(params)?;
        ensure((0.0..=1.0).contains(&params.base), "base", format!("{} is not within 0 to 1", params.base))?;
        let [low, high] = params.limits.unwrap_or([0.0, 1.0]);
        ensure(
            0.0 <= low && low <= high && high <= 1.0,
            "limits",
            format!("[{low}, {high}] is no span within 0 to 1"),
        )?;
        let (cells, effects) = Cells::of_factors(scope, &params.effects, 0.0, |a, b| a + b)
            .map_err(|error| error.within("effects"))?;
        let rates: Vec<f64> =
            effects.iter().map(|effect| shifted(params.base, *effect).clamp(low, high)).collect();
        Ok(Self {
            cells,
            thresholds: rates.iter().map(|rate| threshold(*rate)).collect(),
            rates,
            gates: Gates::new(scope, &params)?,
            first_row: params.first_row.then(|| scope.loads.clone()),
            labels: Labels::new(&params)?,
            stream: scope.stream(),
            drift: Drift::default(),
        })
    }

    /// For each row the threshold of the event.
    fn thresholds(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<u64> {
        let cells = self.cells.of_rows(batch, span.len());
        if self.drift.effects.is_empty() {
            return cells.iter().map(|cell| self.thresholds[*cell as usize]).collect();
        }
        let mut rates: Vec<f64> = cells.iter().map(|cell| self.rates[*cell as usize]).collect();
        for effect in &self.drift.effects {
            effect.each(span, batch, |offset, strength| {
                rates[offset] = effect.change.rate(rates[offset], strength);
            });
        }
        rates.into_iter().map(threshold).collect()
    }
}

/// A rate whose logit is moved by `effect`; what is certain or impossible stays so.
fn shifted(base: f64, effect: f64) -> f64 {
    if base <= 0.0 || base >= 1.0 {
        return base;
    }
    let odds = base / (1.0 - base) * libm::exp(effect);
    if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
}

impl Labels {
    fn new(params: &Params) -> Result<Option<Self>> {
        let (Some(yes), Some(no)) = (&params.yes, &params.no) else {
            let none = params.yes.is_none() && params.no.is_none() && params.aside.is_none();
            ensure(none, "", "`yes` and `no` come together, and `aside` only with them")?;
            return Ok(None);
        };
        let mut values = vec![yes.as_str(), no.as_str()];
        let aside_rate = params.aside.as_ref().map_or(0.0, |aside| aside.rate);
        ensure(
            (0.0..=1.0).contains(&aside_rate),
            "aside.rate",
            format!("{aside_rate} is not within 0 to 1"),
        )?;
        values.extend(params.aside.as_ref().map(|aside| aside.value.as_str()));
        let mut distinct = values.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < values.len() {
            return Err(SpecError::at("", "`yes`, `no` and `aside.value` must differ"));
        }
        Ok(Some(Self {
            values: arrays::names(values),
            yes: 0,
            no: 1,
            aside: 2,
            aside_threshold: threshold(aside_rate),
        }))
    }

    fn code(&self, word: u64, event: u64) -> u16 {
        // The lower half of the word decides who is set aside, the upper half the event.
        if happens(word << 32, self.aside_threshold) {
            self.aside
        } else if happens(word, event) {
            self.yes
        } else {
            self.no
        }
    }
}

impl Column for Rate {
    fn data_type(&self) -> DataType {
        match &self.labels {
            None => DataType::Boolean,
            Some(labels) => arrays::dictionary_type(labels.values.len(), &DataType::Utf8),
        }
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let mut thresholds = self.thresholds(&span, batch);
        self.gates.apply(batch, &mut thresholds);
        if let Some(loads) = &self.first_row {
            let first =
                (0..span.len()).filter(|offset| loads.of(span.row(*offset)).start == span.row(*offset));
            first.for_each(|offset| thresholds[offset] = threshold(1.0));
        }
        match &self.labels {
            None => {
                let flags = span.flags(self.stream, |offset, word| happens(word, thresholds[offset]));
                Arc::new(BooleanArray::new(flags, span.nulls))
            }
            Some(labels) => {
                let code = |word, event| labels.code(word, event);
                let codes = span.map_words_with(self.stream, &thresholds, code);
                let values: ArrayRef = labels.values.clone();
                arrays::dictionary(&codes, span.nulls, &values)
            }
        }
    }

    fn reads(&self) -> Vec<usize> {
        let conditions = self.gates.iter().flat_map(Condition::reads);
        self.cells.columns().chain(conditions).chain(self.drift.reads()).collect()
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        self.labels.as_ref().map(|labels| &labels.values)
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        // How often a condition on other columns holds is more than the plan knows.
        if self.gates.iter().next().is_some() {
            return None;
        }
        let some_aside = self.labels.as_ref().is_some_and(|labels| labels.aside_threshold > 0);
        let unit = if some_aside { "share of the rows that are not set aside" } else { "share of rows" };
        Some(Parameters {
            cells: self.cells.clone(),
            model: Model::Rate { rates: self.rates.clone(), unit },
            effects: &self.drift.effects,
        })
    }

    fn set_drift(&mut self, drift: Drift) {
        self.drift = drift;
    }
}
