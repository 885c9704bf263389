//! Whether two rates differ, exactly.

use super::windows::{Data, Rates, Windows};
use super::{About, Comparison, Effect, effects};
use crate::special::hypergeometric::Hypergeometric;

pub(super) const ABOUT: About = About {
    name: "fisher-exact",
    about: "whether two rates differ: the probability of all tables with these margins that are no more probable",
    data: &[Data::Rates],
    has_p_value: true,
    parameters: &[],
    reference: "scipy.stats.fisher_exact, 1.17, two-sided",
    compare: |windows| match windows {
        Windows::Rates(rates) => fisher_exact(rates),
        _ => None,
    },
};

/// Fisher's exact test, two-sided. The statistic is the odds ratio, infinite where the baseline has no hits
/// or the current window no misses.
///
/// `None` for an empty window, and where nothing or everything is a hit. Takes time in proportion to √rows.
#[must_use]
pub fn fisher_exact(rates: &Rates) -> Option<Comparison> {
    let (baseline, current) = (rates.baseline(), rates.current());
    let (hits, total) = (baseline.hits + current.hits, baseline.trials + current.trials);
    if baseline.trials == 0 || current.trials == 0 || hits == 0 || hits == total {
        return None;
    }
    let law = Hypergeometric::new(total, hits, current.trials)?;
    let p_value = law.two_sided(current.hits);
    let statistic = effects::odds_ratio(rates).unwrap_or(f64::INFINITY);
    Some(Comparison { statistic, p_value, effect: Effect::of_rates(rates) })
}
