//! Which values of a column are missing.

use crate::batch::{BatchSoFar, RowNumbers, RowSpan};
use crate::columns::{Model, Parameters};
use crate::drift::Effect;
use crate::error::{Result, ensure};
use crate::rng::{Stream, happens, threshold};
use crate::scope::{Condition, Scope};
use crate::spec::ColumnSpec;
use crate::tables::Cells;
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// The rule by which a column of any kind has nulls: at a rate, and outside a condition.
#[derive(Debug)]
pub(crate) struct Nulls {
    rate: f64,
    unless: Option<Condition>,
    stream: Stream,
    pub(crate) effects: Vec<Effect>,
}

impl Nulls {
    pub(crate) fn new(scope: &Scope, spec: &ColumnSpec) -> Result<Self> {
        let rate = spec.null_rate;
        ensure((0.0..=1.0).contains(&rate), "null_rate", format!("{rate} is not within 0 to 1"))?;
        let unless = spec.null_unless.as_ref().map(|condition| Condition::new(scope, condition)).transpose();
        Ok(Self {
            rate,
            unless: unless.map_err(|error| error.within("null_unless"))?,
            stream: scope.stream().keyed("null"),
            effects: Vec::new(),
        })
    }

    /// Whether any row can be null.
    pub(crate) fn any(&self) -> bool {
        self.rate > 0.0 || self.unless.is_some() || !self.effects.is_empty()
    }

    /// The rows to fill, with their nulls.
    pub(crate) fn span(&self, rows: RowNumbers, batch: &BatchSoFar) -> RowSpan {
        let mut span = RowSpan { rows, nulls: None };
        if !self.any() {
            return span;
        }
        let outside = self.unless.as_ref().map(|condition| condition.mask(batch, span.len()));
        let kept = |offset: usize| outside.as_ref().is_none_or(|mask| mask[offset]);
        let valid = if self.rate == 0.0 && self.effects.is_empty() {
            BooleanBuffer::collect_bool(span.len(), kept)
        } else {
            let thresholds = self.thresholds(&span, batch);
            span.flags(self.stream, |offset, word| kept(offset) && !happens(word, thresholds[offset]))
        };
        span.nulls = Some(NullBuffer::new(valid));
        span
    }

    fn thresholds(&self, span: &RowSpan, batch: &BatchSoFar) -> Vec<u64> {
        let mut thresholds = vec![threshold(self.rate); span.len()];
        let mut rates = (self.effects.len() > 1).then(|| vec![self.rate; span.len()]);
        for effect in &self.effects {
            effect.each(span, batch, |offset, strength| {
                let before = rates.as_ref().map_or(self.rate, |rates| rates[offset]);
                let rate = effect.change.rate(before, strength);
                thresholds[offset] = threshold(rate);
                if let Some(rates) = &mut rates {
                    rates[offset] = rate;
                }
            });
        }
        thresholds
    }

    /// The share of nulls, where it is the same for all rows.
    pub(crate) fn unconditional_rate(&self) -> Option<f64> {
        (self.unless.is_none() && self.effects.is_empty()).then_some(self.rate)
    }

    /// Whether only rows that satisfy a condition have values.
    pub(crate) fn conditional(&self) -> bool {
        self.unless.is_some()
    }

    /// The null rate as a parameter of the column.
    pub(crate) fn parameters(&self) -> Parameters<'_> {
        Parameters {
            cells: Cells::default(),
            model: Model::Rate { rates: vec![self.rate], unit: "share of rows" },
            effects: &self.effects,
        }
    }

    /// The columns it reads.
    pub(crate) fn reads(&self) -> impl Iterator<Item = usize> + '_ {
        self.unless.iter().flat_map(Condition::reads).chain(self.effects.iter().flat_map(Effect::reads))
    }
}
