//! How often the combinations of categories occur, read off the plan.

use crate::error::{Result, SpecError};
use crate::scope::{Condition, Scope};
use std::collections::BTreeMap;

/// The most combinations of categories that are looked at one by one.
const MAX_COMBINATIONS: usize = 1 << 20;

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
            part.share = part.probabilities.iter().zip(&part.codes).filter(|(_, kept)| **kept).map(|(p, _)| p).sum();
            if part.share <= 0.0 {
                return Err(SpecError::at("", "no row can be in it"));
            }
        }
        Ok(parts)
    }
}

/// All combinations of the categories of some columns.
#[derive(Debug)]
pub(crate) struct Combinations {
    /// For each column: which drawn column decides it, and its code for each of that column's codes.
    columns: BTreeMap<usize, (usize, Vec<u16>)>,
    /// The probabilities of each drawn column.
    roots: Vec<Vec<f64>>,
}

/// One combination: a code for each drawn column.
#[derive(Debug)]
pub(crate) struct Combination {
    pub(crate) probability: f64,
    codes: Vec<usize>,
}

impl Combinations {
    /// The combinations of `columns`; none where one of them depends on others, or there are too many.
    pub(crate) fn new(scope: &Scope, columns: impl IntoIterator<Item = usize>) -> Option<Self> {
        let marginals = Marginals::new(scope);
        let mut positions: BTreeMap<usize, usize> = BTreeMap::new();
        let mut all = Self { columns: BTreeMap::new(), roots: Vec::new() };
        for column in columns {
            let (root, probabilities, codes) = marginals.root(column)?;
            let position = *positions.entry(root).or_insert_with(|| {
                all.roots.push(probabilities);
                all.roots.len() - 1
            });
            all.columns.insert(column, (position, codes));
        }
        let count = all.roots.iter().try_fold(1usize, |count, root| count.checked_mul(root.len()))?;
        (count <= MAX_COMBINATIONS).then_some(all)
    }

    /// Every combination that can occur.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Combination> + '_ {
        let count = self.roots.iter().map(Vec::len).product();
        (0..count).map(|number| self.combination(number)).filter(|combination| combination.probability > 0.0)
    }

    fn combination(&self, number: usize) -> Combination {
        let mut rest = number;
        let mut probability = 1.0;
        let codes = self.roots.iter().map(|root| {
            let code = rest % root.len();
            rest /= root.len();
            probability *= root[code];
            code
        });
        let codes = codes.collect();
        Combination { probability, codes }
    }

    /// The code of a column in a combination.
    pub(crate) fn code(&self, combination: &Combination, column: usize) -> usize {
        let (root, codes) = &self.columns[&column];
        usize::from(codes[combination.codes[*root]])
    }

    /// Whether a condition on categories holds in a combination.
    pub(crate) fn satisfies(&self, combination: &Combination, condition: &Condition) -> bool {
        condition.reads().all(|column| {
            condition.codes(column).is_some_and(|allowed| allowed[self.code(combination, column)])
        })
    }
}
