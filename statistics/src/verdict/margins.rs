//! What segments lend each other: additive effects of the segment columns' values and of the strata.
//!
//! A cell is one stratum of one segment. Its fitted value is the sum of a base and of one effect for each factor (payer,
//! group, stratum), each drawn towards 0 by a normal prior: ridge regression, by coordinate descent. So a small cell is
//! expected to be what its payer, its group and its stratum make of it.

/// The levels of one cell, one for each factor.
pub(super) type Levels = Vec<usize>;

/// Sweeps over all factors. The designs at hand are nearly balanced, so that a few suffice.
const SWEEPS: usize = 8;

/// The precision of the prior of an effect on the logit scale: a standard deviation of 0.7.
const LOGIT_PRECISION: f64 = 2.0;

/// Dense codes for the levels of all factors.
#[derive(Debug, Default)]
pub(super) struct Factors {
    sizes: Vec<usize>,
}

impl Factors {
    pub(super) fn of(cells: &[Levels]) -> Self {
        let factors = cells.first().map_or(0, Vec::len);
        let size = |factor| cells.iter().map(|levels| levels[factor] + 1).max().unwrap_or(0);
        Self { sizes: (0..factors).map(size).collect() }
    }

    /// How many effects there are.
    pub(super) fn effects(&self) -> usize {
        self.sizes.iter().sum()
    }
}

pub(super) fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-logit))
}

/// The logit of each cell, from its hits and trials.
pub(super) fn fit_logits(cells: &[Levels], tallies: &[(f64, f64)]) -> Vec<f64> {
    let (hits, trials) = tallies.iter().fold((0.0, 0.0), |sum, tally| (sum.0 + tally.0, sum.1 + tally.1));
    let base = libm::log((hits + 0.5) / (trials - hits + 0.5));
    let mut logits = vec![base; cells.len()];
    let factors = Factors::of(cells);
    let mut effects: Vec<Vec<f64>> = factors.sizes.iter().map(|&size| vec![0.0; size]).collect();
    for _ in 0..SWEEPS {
        for (factor, effects) in effects.iter_mut().enumerate() {
            let mut slopes: Vec<(f64, f64)> =
                effects.iter().map(|effect| (-LOGIT_PRECISION * effect, LOGIT_PRECISION)).collect();
            for ((levels, tally), logit) in cells.iter().zip(tallies).zip(&logits) {
                let rate = logistic(*logit);
                let slope = &mut slopes[levels[factor]];
                slope.0 += tally.0 - tally.1 * rate;
                slope.1 += tally.1 * rate * (1.0 - rate);
            }
            let steps: Vec<f64> = slopes.iter().map(|slope| (slope.0 / slope.1).clamp(-2.0, 2.0)).collect();
            effects.iter_mut().zip(&steps).for_each(|(effect, step)| *effect += step);
            logits.iter_mut().zip(cells).for_each(|(logit, levels)| *logit += steps[levels[factor]]);
        }
    }
    logits
}

/// The location of each cell, from its mean and rows; `variance` is that of a row.
pub(super) fn fit_locations(cells: &[Levels], means: &[(f64, f64)], variance: f64) -> Vec<f64> {
    let rows: f64 = means.iter().map(|mean| mean.1).sum();
    let base = means.iter().map(|mean| mean.0 * mean.1).sum::<f64>() / rows.max(1.0);
    let mut locations = vec![base; cells.len()];
    let factors = Factors::of(cells);
    // Effects may be as large as ten times the spread of rows: next to no shrinkage.
    let precision = variance / (100.0 * variance).max(f64::MIN_POSITIVE);
    let mut effects: Vec<Vec<f64>> = factors.sizes.iter().map(|&size| vec![0.0; size]).collect();
    for _ in 0..SWEEPS {
        for (factor, effects) in effects.iter_mut().enumerate() {
            let mut slopes: Vec<(f64, f64)> =
                effects.iter().map(|effect| (-precision * effect, precision)).collect();
            for ((levels, mean), location) in cells.iter().zip(means).zip(&locations) {
                let slope = &mut slopes[levels[factor]];
                slope.0 += mean.1 * (mean.0 - location);
                slope.1 += mean.1;
            }
            let steps: Vec<f64> = slopes.iter().map(|slope| slope.0 / slope.1).collect();
            effects.iter_mut().zip(&steps).for_each(|(effect, step)| *effect += step);
            locations.iter_mut().zip(cells).for_each(|(location, levels)| *location += steps[levels[factor]]);
        }
    }
    locations
}
