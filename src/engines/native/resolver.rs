//! What a row means to a metric: looked up once for each combined code, never per row.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cells::CodeHasher;
use super::chunk::Chunk;
use super::codes::{Combination, Part};
use super::segment_index::SegmentIndex;
use crate::mappings::{Filter, Mapping, Measure};
use crate::sources::{Batch, Values};
use crate::summaries::{Plan, Segment};
use crate::{Error, Result};

/// Tells segments, filters, strata and categories of rows.
#[derive(Debug)]
pub(super) struct Resolver<'p> {
    mapping: &'p Mapping,
    /// Where the values of a segment come from.
    origins: Vec<Origin<'p>>,
    pub(super) segments: SegmentIndex,
    /// Of the columns that segments come from.
    combination: Combination,
    /// Segment numbers by their codes, as long as these mean the same.
    known: HashMap<u64, u32, BuildHasherDefault<CodeHasher>>,
}

impl<'p> Resolver<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mapping = &*plan.mapping;
        let origins: Vec<Origin> = mapping.segments().iter().map(|name| Origin::of(mapping, name)).collect();
        let columns = origins.iter().flat_map(|origin| origin.columns.iter().flatten());
        let combination = Combination::of(columns.map(|&column| Part::Text(column)));
        let known = HashMap::default();
        Self { mapping, origins, segments: SegmentIndex::default(), combination, known }
    }

    /// Forgets what codes mean.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    pub(super) fn metric_name(&self, metric: usize) -> &'p str {
        &self.mapping.metrics()[metric].name
    }

    /// The number of a row's segment.
    pub(super) fn segment_of(&mut self, batch: &Batch, row: usize) -> Result<u32> {
        let code = self.combination.code(batch, row);
        if let Some(&number) = self.known.get(&code) {
            return Ok(number);
        }
        let values = self.origins.iter().map(|origin| {
            origin.value(batch, row).map(str::to_owned).ok_or_else(|| {
                let problem = format!("row {row}: the code of {:?} has no text", origin.name);
                Error::input("batch", problem)
            })
        });
        let number = self.segments.number(Segment(values.collect::<Result<_>>()?))?;
        self.known.insert(code, number);
        Ok(number)
    }

    /// Whether a metric looks at a row.
    pub(super) fn is_among(&self, batch: &Batch, metric: usize, row: usize) -> bool {
        let metric = &self.mapping.metrics()[metric];
        self.passes(&metric.among, batch, row)
            && metric.present.iter().all(|column| self.is_there(batch, column, row))
            && match &metric.measure {
                Measure::Days { from, to } => {
                    self.is_there(batch, from, row) && self.is_there(batch, to, row)
                }
                Measure::Amount { column, .. } => self.is_there(batch, column, row),
                _ => true,
            }
    }

    /// Whether a row's days have begun and not ended, and the metric may look at it once they have.
    pub(super) fn is_pending(&self, batch: &Batch, metric: usize, row: usize) -> bool {
        let about = &self.mapping.metrics()[metric];
        let is_running = match &about.measure {
            Measure::Days { from, to } => self.is_there(batch, from, row) && !self.is_there(batch, to, row),
            _ => false,
        };
        is_running && about.among.may_pass(|column| self.text_of(batch, column, row))
    }

    /// Whether the days of some row of the chunk have no end.
    pub(super) fn some_end_is_missing(&self, metric: usize, chunk: &Chunk) -> bool {
        let Measure::Days { to, .. } = &self.mapping.metrics()[metric].measure else { return true };
        let place = self.mapping.columns().position(to).and_then(|place| place.checked_sub(1));
        let nulls = place.and_then(|column| chunk.batch.columns[column].nulls());
        nulls.is_some_and(|nulls| nulls.slice(chunk.rows.start, chunk.rows.len()).null_count() > 0)
    }

    /// Whether a row is a hit of a tallied metric.
    pub(super) fn is_hit(&self, batch: &Batch, metric: usize, row: usize) -> bool {
        match &self.mapping.metrics()[metric].measure {
            Measure::Rate { hit } => self.passes(hit, batch, row),
            Measure::NullRate { column } => !self.is_there(batch, column, row),
            _ => true,
        }
    }

    /// The value of a metric's stratum column.
    pub(super) fn stratum_of<'b>(&self, batch: &'b Batch, metric: usize, row: usize) -> Option<&'b str> {
        let strata = self.mapping.metrics()[metric].strata.as_ref()?;
        self.text_of(batch, strata, row)
    }

    /// The category of a mix.
    pub(super) fn category_of<'b>(&self, batch: &'b Batch, metric: usize, row: usize) -> Option<&'b str> {
        match &self.mapping.metrics()[metric].measure {
            Measure::Mix { column } => self.text_of(batch, column, row),
            _ => None,
        }
    }

    fn passes(&self, filter: &Filter, batch: &Batch, row: usize) -> bool {
        filter.passes(|column| self.text_of(batch, column, row))
    }

    fn text_of<'b>(&self, batch: &'b Batch, column: &str, row: usize) -> Option<&'b str> {
        text(batch, self.mapping.columns().position(column)?.checked_sub(1)?, row)
    }

    fn is_there(&self, batch: &Batch, column: &str, row: usize) -> bool {
        let Some(place) = self.mapping.columns().position(column) else { return false };
        let Some(column) = place.checked_sub(1) else { return true };
        match &batch.columns[column] {
            Values::Text(_) => text(batch, column, row).is_some(),
            values => values.nulls().is_none_or(|nulls| nulls.is_valid(row)),
        }
    }
}

/// Where one value of a segment comes from.
#[derive(Debug)]
struct Origin<'p> {
    name: &'p str,
    /// The batch's columns to look in, one after the other.
    columns: [Option<usize>; 2],
    /// What the value is when none of them has one.
    otherwise: Option<&'p str>,
}

impl<'p> Origin<'p> {
    fn of(mapping: &'p Mapping, name: &'p str) -> Self {
        // The time, the first of the columns read, is no column of the batch.
        let place = |name: &str| mapping.columns().position(name)?.checked_sub(1);
        let instead = mapping.instead_of(name);
        let stand_in = instead.and_then(|instead| place(instead.column.as_deref()?));
        let otherwise = instead.map(|instead| instead.value.as_str());
        Self { name, columns: [place(name), stand_in], otherwise }
    }

    fn value<'b>(&self, batch: &'b Batch, row: usize) -> Option<&'b str>
    where
        'p: 'b,
    {
        let is_value = |text: &&str| self.otherwise.is_none() || !text.is_empty();
        let mut texts = self.columns.iter().flatten().filter_map(|&column| text(batch, column, row));
        texts.find(is_value).or(self.otherwise)
    }
}

fn text(batch: &Batch, column: usize, row: usize) -> Option<&str> {
    match &batch.columns[column] {
        Values::Text(codes) => codes.text(codes.keys.key(row)),
        _ => None,
    }
}
