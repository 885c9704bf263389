//! One of a fixed set of texts.

use super::{Column, ColumnKind, Drift, Model, Parameters, arrays, keys};
use crate::batch::{BatchSoFar, RowSpan};
use crate::drift::{Change, Tilt, What};
use crate::error::{Result, SpecError, ensure};
use crate::population::Marginal;
use crate::rng::Stream;
use crate::scope::Scope;
use crate::tables::{Alias, Cells, nested};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::DataType;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The registry line.
pub(super) const KIND: ColumnKind = ColumnKind {
    name: "category",
    about: "one of a fixed set of texts, by weights or Zipf's law; conditional on other columns with `by`",
    keys: "weights = { VALUE = WEIGHT }; or values = [...] and zipf; or by = [COLUMN, ...] and tables, nested by value, \"*\" for all others",
    drifts: &[What::Mix],
    build: |scope, params| Category::new(scope, params).map(|column| Box::new(column) as Box<dyn Column>),
};

/// The keys that say which values there are and how often; also used by lists.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    /// Value → weight.
    pub(super) weights: Option<BTreeMap<String, f64>>,
    /// Values in order of rank, for Zipf's law.
    pub(super) values: Option<Vec<String>>,
    /// The exponent of Zipf's law: rank r has weight 1/r^zipf.
    pub(super) zipf: Option<f64>,
    /// Category columns before this one that choose the table.
    #[serde(default)]
    pub(super) by: Vec<String>,
    /// With `by`: nested tables of weights, a level for each column; `*` stands for all other values.
    pub(super) tables: Option<toml::Table>,
}

/// The most weights that all tables of a column may have together; each takes some tens of bytes.
const MAX_WEIGHTS: usize = 1 << 20;

/// Texts and the weights of each cell.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) values: Arc<StringArray>,
    pub(super) cells: Cells,
    pub(super) tables: Vec<Alias>,
}

impl Choices {
    pub(super) fn new(scope: &Scope, choice: &Choice) -> Result<Self> {
        let cells = Cells::new(scope, &choice.by).map_err(|error| error.within("by"))?;
        let weights = match choice {
            Choice { weights: Some(weights), values: None, zipf: None, tables: None, .. }
                if choice.by.is_empty() =>
            {
                vec![weights.clone()]
            }
            Choice { weights: None, values: Some(values), zipf: Some(zipf), tables: None, .. }
                if choice.by.is_empty() =>
            {
                vec![zipf_weights(values, *zipf)?]
            }
            Choice { weights: None, values: None, zipf: None, tables: Some(tables), .. }
                if !choice.by.is_empty() =>
            {
                cell_weights(scope, &cells, tables)?
            }
            _ => {
                let problem = "give either `weights`, or `values` and `zipf`, or `by` and `tables`";
                return Err(SpecError::at("", problem));
            }
        };
        Self::of_cells(cells, &weights)
    }

    fn of_cells(cells: Cells, weights: &[BTreeMap<String, f64>]) -> Result<Self> {
        let names: BTreeSet<&str> =
            weights.iter().flat_map(|table| table.keys().map(String::as_str)).collect();
        let slots = names.len().saturating_mul(weights.len());
        let problem =
            format!("{} values in {} tables are more than {MAX_WEIGHTS}", names.len(), weights.len());
        ensure(slots <= MAX_WEIGHTS, "", problem)?;
        let table = |weights: &BTreeMap<String, f64>| {
            Alias::new(
                &names.iter().map(|name| weights.get(*name).copied().unwrap_or(0.0)).collect::<Vec<f64>>(),
            )
        };
        let tables = weights.iter().map(table).collect::<Result<_>>()?;
        Ok(Self { values: arrays::names(names.iter().copied()), cells, tables })
    }
}

fn zipf_weights(values: &[String], zipf: f64) -> Result<BTreeMap<String, f64>> {
    ensure((0.0..=10.0).contains(&zipf), "zipf", format!("{zipf} is not within 0 to 10"))?;
    let ranked =
        values.iter().zip(1u32..).map(|(value, rank)| (value.clone(), libm::pow(f64::from(rank), -zipf)));
    let weights: BTreeMap<String, f64> = ranked.collect();
    ensure(weights.len() == values.len(), "values", "a value is named twice")?;
    Ok(weights)
}

fn cell_weights(scope: &Scope, cells: &Cells, tables: &toml::Table) -> Result<Vec<BTreeMap<String, f64>>> {
    let columns: Vec<usize> = cells.columns().collect();
    let of_cell = |cell: usize| -> Result<BTreeMap<String, f64>> {
        let codes = cells.codes(cell);
        let names = columns
            .iter()
            .zip(&codes)
            .filter_map(|(column, code)| Some(scope.column(*column).categories()?.value(*code).to_owned()));
        let names: Vec<String> = names.collect();
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = toml::Value::Table(nested(tables, &path)?.clone());
        let place = || format!("tables.{}", path.join("."));
        table.try_into().map_err(|error| SpecError::of_value(&error).within(place()))
    };
    let mut all = Vec::new();
    let mut weights = 0;
    for cell in 0..cells.count() {
        let table = of_cell(cell)?;
        weights += table.len();
        let problem =
            format!("the tables of {} combinations have more than {MAX_WEIGHTS} weights", cells.count());
        ensure(weights <= MAX_WEIGHTS, "tables", problem)?;
        all.push(table);
    }
    Ok(all)
}

#[derive(Debug)]
struct Category {
    choices: Choices,
    stream: Stream,
    drift: Drift,
    /// For each mix drift the weights of each cell under it.
    drifted: Vec<Vec<Alias>>,
}

impl Category {
    fn new(scope: &Scope, params: toml::Table) -> Result<Self> {
        let choices = Choices::new(scope, &keys::<Choice>(params)?)?;
        Ok(Self { choices, stream: scope.stream(), drift: Drift::default(), drifted: Vec::new() })
    }

    fn draw(&self, span: &RowSpan, cells: Option<&[u32]>) -> Vec<u16> {
        let tables = &self.choices.tables;
        match cells {
            None => span.map_words(self.stream, |word| tables[0].draw(word) as u16),
            Some(cells) => {
                span.map_words_with(self.stream, cells, |word, cell| tables[cell as usize].draw(word) as u16)
            }
        }
    }
}

impl Column for Category {
    fn data_type(&self) -> DataType {
        arrays::dictionary_type(self.choices.values.len(), &DataType::Utf8)
    }

    fn fill(&self, span: RowSpan, batch: &BatchSoFar) -> ArrayRef {
        let conditional = self.choices.cells.count() > 1;
        let cells = conditional.then(|| self.choices.cells.of_rows(batch, span.len()));
        let mut codes = self.draw(&span, cells.as_deref());
        for (lane, (effect, tables)) in self.drift.effects.iter().zip(&self.drifted).enumerate() {
            let choose = self.stream.lane(2 * lane as u64);
            let redraw = self.stream.lane(2 * lane as u64 + 1);
            effect.each(&span, batch, |offset, strength| {
                let row = span.row(offset);
                if crate::rng::unit(choose.word(row)) < strength {
                    let cell = cells.as_ref().map_or(0, |cells| cells[offset] as usize);
                    codes[offset] = tables[cell].draw(redraw.word(row)) as u16;
                }
            });
        }
        for tilt in &self.drift.tilts {
            tilt.apply(&span, batch, &mut codes);
        }
        let values: ArrayRef = self.choices.values.clone();
        arrays::dictionary(&codes, span.nulls, &values)
    }

    fn reads(&self) -> Vec<usize> {
        self.choices.cells.columns().chain(self.drift.reads()).collect()
    }

    fn categories(&self) -> Option<&Arc<StringArray>> {
        Some(&self.choices.values)
    }

    fn marginal(&self) -> Option<Marginal> {
        match self.choices.tables.as_slice() {
            [table] => Some(Marginal::Drawn(table.probabilities().to_vec())),
            _ => None,
        }
    }

    fn probabilities(&self, day: Option<usize>, code_of: &dyn Fn(usize) -> usize) -> Vec<f64> {
        let mut probabilities = self.choices.tables[0].probabilities().to_vec();
        let Some(day) = day else { return probabilities };
        for (effect, tables) in self.drift.effects.iter().zip(&self.drifted) {
            let strength = if effect.segment.holds(code_of) { effect.strengths[day] } else { 0.0 };
            let drifted = tables[0].probabilities();
            probabilities.iter_mut().zip(drifted).for_each(|(p, new)| *p += (new - *p) * strength);
        }
        self.drift.tilts.iter().for_each(|tilt| tilt.shift(&mut probabilities, day, code_of));
        probabilities
    }

    fn moved_by(&self) -> Vec<usize> {
        let segments = self.drift.effects.iter().flat_map(|effect| effect.segment.reads());
        segments.chain(self.drift.tilts.iter().flat_map(Tilt::given)).collect()
    }

    fn moved_on(&self, day: usize) -> bool {
        let effects = self.drift.effects.iter().any(|effect| effect.strengths[day] > 0.0);
        effects || self.drift.tilts.iter().any(|tilt| tilt.moves_on(day))
    }

    fn parameters(&self) -> Option<Parameters<'_>> {
        let tables = self.choices.tables.iter().map(|table| table.probabilities().to_vec()).collect();
        Some(Parameters {
            cells: self.choices.cells.clone(),
            model: Model::Mix(tables),
            effects: &self.drift.effects,
        })
    }

    fn set_drift(&mut self, drift: Drift) {
        let reweighted = |multipliers: &[f64]| -> Vec<Alias> {
            let table = |base: &Alias| {
                let weights: Vec<f64> =
                    base.probabilities().iter().zip(multipliers).map(|(p, m)| p * m).collect();
                // A drift that leaves no value in a cell leaves that cell as it is.
                Alias::new(&weights).unwrap_or_else(|_| base.clone())
            };
            self.choices.tables.iter().map(table).collect()
        };
        let tables = |effect: &crate::drift::Effect| match &effect.change {
            Change::Weights(multipliers) => reweighted(multipliers),
            _ => self.choices.tables.clone(),
        };
        self.drifted = drift.effects.iter().map(tables).collect();
        self.drift = drift;
    }
}
