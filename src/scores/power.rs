//! Power against effect size: how much of each size of drift is found.

use serde::{Deserialize, Serialize};

use super::matching::Matching;

/// The drifts of one metric and size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// The metric.
    pub metric: String,
    /// The size, in the unit of its kind.
    pub size: f64,
    /// Drifts of that metric and size.
    pub drifts: u64,
    /// Those that were found.
    pub found: u64,
}

impl Power {
    /// The share that was found; `None` without drifts.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.drifts > 0).then(|| self.found as f64 / self.drifts as f64)
    }
}

/// One entry for each metric and size, metrics in order of their names, sizes from the smallest effect on.
#[must_use]
pub fn power(matching: &Matching) -> Vec<Power> {
    let mut all: Vec<Power> = Vec::new();
    for (drift, found) in matching.drifts.iter().zip(matching.found()) {
        add(
            &mut all,
            Power { metric: drift.metric.clone(), size: drift.size, drifts: 1, found: found.into() },
        );
    }
    all
}

/// The powers of several runs together.
#[must_use]
pub fn pooled<'a>(runs: impl IntoIterator<Item = &'a Power>) -> Vec<Power> {
    let mut all = Vec::new();
    runs.into_iter().for_each(|power| add(&mut all, power.clone()));
    all
}

fn add(all: &mut Vec<Power>, power: Power) {
    let key = |power: &Power| (power.metric.clone(), power.size.abs(), power.size);
    let order = |known: &Power| {
        let ((a, b, c), (x, y, z)) = (key(known), key(&power));
        a.cmp(&x).then(b.total_cmp(&y)).then(c.total_cmp(&z))
    };
    match all.binary_search_by(order) {
        Ok(place) => {
            all[place].drifts += power.drifts;
            all[place].found += power.found;
        }
        Err(place) => all.insert(place, power),
    }
}
