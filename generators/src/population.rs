//! How often the combinations of categories occur, read off the plan.

use crate::error::{Result, SpecError};
use crate::scope::{Condition, Scope};
use std::collections::BTreeMap;

/// The most combinations of categories, times the days of the calendar, that are looked at one by one: about a
/// second's work.
const MAX_COMBINATION_DAYS: usize = 1 << 24;

/// Where the categories of a column come from.
#[derive(Debug, Clone)]
pub enum Marginal {
    /// The column is drawn by itself, with these probabilities.
    Drawn(Vec<f64>),
    /// Each code of another column stands for one code of this one.
    Derived {
        /// The other column.
        from: usize,
        /// For each of its codes, the code here.
        codes: Vec<u16>,
    },
}

/// The marginal distributions of all category columns that do not depend on others.
#[derive(Debug)]
pub(crate) struct Marginals<'a> {
    scope: &'a Scope,
}

/// The part of a segment that one drawn column decides.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) column: usize,
    pub(crate) probabilities: Vec<f64>,
    /// Which codes the segment allows.
    pub(crate) codes: Vec<bool>,
    /// The probability of those codes; above 0.
    pub(crate) share: f64,
}

impl<'a> Marginals<'a> {
    pub(crate) fn new(scope: &'a Scope) -> Self {
        Self { scope }
    }

    /// The drawn column that decides a category column, with the map from its codes to the column's.
    pub(crate) fn root(&self, column: usize) -> Option<(usize, Vec<f64>, Vec<u16>)> {
        match self.scope.column(column).marginal()? {
            Marginal::Drawn(probabilities) => {
                let codes = (0..probabilities.len()).map(|code| code as u16).collect();
                Some((column, probabilities, codes))
            }
            Marginal::Derived { from, codes } => {
                let (root, probabilities, inner) = self.root(from)?;
                Some((root, probabilities, inner.iter().map(|code| codes[usize::from(*code)]).collect()))
            }
        }
    }

    /// A segment as its drawn columns decide it, in the order of the table.
    ///
    /// # Errors
    /// When a column of it depends on others, or nothing can be in the segment.
    pub(crate) fn named(&self, segment: &Condition) -> Result<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        let mut columns: Vec<usize> = segment.reads().collect();
        columns.sort_unstable();
        for column in columns {
            let name = &self.scope.columns[column].name;
            let allowed = segment.codes(column);
            let (Some(allowed), Some((root, probabilities, codes))) = (allowed, self.root(column)) else {
                let problem = format!("{name:?} is no category that is drawn independently of other columns");
                return Err(SpecError::at("", problem));
            };
            let within = codes.iter().map(|code| allowed[usize::from(*code)]);
            match parts.iter_mut().find(|part| part.column == root) {
                Some(part) => part.codes.iter_mut().zip(within).for_each(|(kept, within)| *kept &= within),
                None => parts.push(Part { column: root, probabilities, codes: within.collect(), share: 0.0 }),
            }
        }
        parts.sort_by_key(|part| part.column);
        for part in &mut parts {
            part.share =
                part.probabilities.iter().zip(&part.codes).filter(|(_, kept)| **kept).map(|(p, _)| p).sum();
            if part.share <= 0.0 {
                return Err(SpecError::at("", "no row can be in it"));
            }
        }
        Ok(parts)
    }
}

/// All combinations of the categories of some columns, with how often they occur on any day.
#[derive(Debug)]
pub(crate) struct Combinations<'a> {
    scope: &'a Scope,
    /// The drawn columns that decide, in the order of the table.
    roots: Vec<usize>,
    /// For each column: which of the roots decides it, and its code for each of the root's codes.
    columns: BTreeMap<usize, (usize, Vec<u16>)>,
}

/// One combination: a code for each root.
#[derive(Debug)]
pub(crate) struct Combination {
    pub(crate) probability: f64,
    codes: Vec<usize>,
}

impl<'a> Combinations<'a> {
    /// The combinations of `columns` and of whatever moves their probabilities; none where one of them
    /// depends on others, or there are too many.
    pub(crate) fn new(scope: &'a Scope, columns: impl IntoIterator<Item = usize>) -> Option<Self> {
        let marginals = Marginals::new(scope);
        let mut decided: BTreeMap<usize, (usize, Vec<u16>)> = BTreeMap::new();
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waiting: Vec<usize> = columns.into_iter().collect();
        while let Some(column) = waiting.pop() {
            if decided.contains_key(&column) {
                continue;
            }
            let (root, probabilities, codes) = marginals.root(column)?;
            decided.insert(column, (root, codes));
            if sizes.insert(root, probabilities.len()).is_none() {
                waiting.push(root);
                waiting.extend(scope.column(root).moved_by());
            }
        }
        let days = scope.calendar.day_count();
        let visits = sizes.values().try_fold(days, |visits, size| visits.checked_mul(*size))?;
        if visits > MAX_COMBINATION_DAYS {
            return None;
        }
        let roots: Vec<usize> = sizes.into_keys().collect();
        let position = |root: usize| roots.iter().position(|known| *known == root).unwrap_or_default();
        let columns =
            decided.into_iter().map(|(column, (root, codes))| (column, (position(root), codes))).collect();
        Some(Self { scope, roots, columns })
    }

    /// Whether drift moves the probabilities on a day of the calendar.
    pub(crate) fn moved_on(&self, day: usize) -> bool {
        self.roots.iter().any(|root| self.scope.column(*root).moved_on(day))
    }

    /// Visits every combination that can occur on a day of the calendar, or without any drift.
    pub(crate) fn visit(&self, day: Option<usize>, mut visitor: impl FnMut(&Combination)) {
        let codes = Vec::with_capacity(self.roots.len());
        self.extend(&mut Combination { probability: 1.0, codes }, day, &mut visitor);
    }

    /// Visits every combination that begins with the codes of `prefix`.
    fn extend(&self, prefix: &mut Combination, day: Option<usize>, visitor: &mut dyn FnMut(&Combination)) {
        let Some(root) = self.roots.get(prefix.codes.len()) else {
            visitor(prefix);
            return;
        };
        let probabilities = self.scope.column(*root).probabilities(day, &|column| self.code(prefix, column));
        let so_far = prefix.probability;
        for (code, probability) in probabilities.into_iter().enumerate().filter(|(_, share)| *share > 0.0) {
            prefix.codes.push(code);
            prefix.probability = so_far * probability;
            self.extend(prefix, day, visitor);
            prefix.codes.pop();
        }
        prefix.probability = so_far;
    }

    /// The code of a column in a combination.
    pub(crate) fn code(&self, combination: &Combination, column: usize) -> usize {
        let (root, codes) = &self.columns[&column];
        usize::from(codes[combination.codes[*root]])
    }

    /// Whether a condition on categories holds in a combination.
    pub(crate) fn satisfies(&self, combination: &Combination, condition: &Condition) -> bool {
        condition.holds(&|column| self.code(combination, column))
    }
}
