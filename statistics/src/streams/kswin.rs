//! KSWIN: the newest values against a sample of older ones, by the Kolmogorov-Smirnov test.

use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, OPEN_UNIT, Parameter, ParameterError};
use std::ops::Bound;

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "kswin",
    about: "the newest values of a window and a sample of its older ones differ by the Kolmogorov-Smirnov test",
    data: Data::Real,
    parameters: PARAMETERS,
    reference: "C. Raab, M. Heusinger, F.-M. Schleif, Reactive soft prototype computing for concept drift streams, Neurocomputing 416 (2020) 340-351",
    build: |given| Ok(Box::new(Kswin::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number("alpha", 0.005, OPEN_UNIT, "significance of the test that is made at every value"),
    Parameter::number("window_size", 100.0, Allowed::Whole(4, 1 << 20), "values in the window"),
    Parameter::number(
        "stat_size",
        30.0,
        Allowed::Whole(2, 1 << 12),
        "newest values, and values of the sample",
    ),
    Parameter::number(
        "least_distance",
        0.1,
        Allowed::Real(Bound::Included(0.0), Bound::Excluded(1.0)),
        "distance of the two distributions that is no drift however significant",
    ),
    Parameter::number("seed", 0.0, Allowed::Whole(0, u32::MAX), "which samples are drawn"),
];

/// KSWIN. The samples are drawn from a seed: the same values give the same alarms, but not those of river, which draws
/// from Python's generator.
#[derive(Debug, Clone)]
pub struct Kswin {
    seed: u64,
    /// The steps of 1 / stat_size between the distributions from which on they differ.
    limit_steps: usize,
    /// The window as a ring, and where the oldest value is once it is full.
    ring: Vec<f64>,
    oldest: usize,
    window_size: usize,
    newest: Vec<f64>,
    sample: Vec<f64>,
    /// Places among the older values, in an order that shuffling never undoes.
    places: Vec<usize>,
    state: u64,
}

impl Kswin {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed, if the older values are fewer than the sample, or if no
    /// two samples of this size differ significantly.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let (window_size, stat_size) = (checked.size("window_size"), checked.size("stat_size"));
        if window_size < 2 * stat_size {
            let problem = format!("{stat_size} is more than half of window_size, which is {window_size}");
            return Err(checked.refuse("stat_size", problem));
        }
        let alpha = checked.number("alpha");
        let Some(significant) = significant_steps(stat_size, alpha) else {
            let problem = format!("no two samples of {stat_size} values differ at the level {alpha}");
            return Err(checked.refuse("alpha", problem));
        };
        let tolerated = (checked.number("least_distance") * stat_size as f64).floor() as usize;
        let mut kswin = Self {
            seed: u64::from(checked.whole("seed")),
            limit_steps: significant.max(tolerated + 1),
            ring: Vec::with_capacity(window_size),
            oldest: 0,
            window_size,
            newest: Vec::with_capacity(stat_size),
            sample: vec![0.0; stat_size],
            places: (0..window_size - stat_size).collect(),
            state: 0,
        };
        kswin.reset();
        Ok(kswin)
    }

    /// The value that is `age` values younger than the oldest of a full window.
    fn at(&self, age: usize) -> f64 {
        self.ring[(self.oldest + age) % self.window_size]
    }

    fn draw(&mut self) {
        for drawn in 0..self.sample.len() {
            let left = self.places.len() - drawn;
            let word = next_word(&mut self.state);
            // The upper half of the product is uniform below `left` but for 2^-52 at most.
            let chosen = ((u128::from(word) * left as u128) >> 64) as usize;
            self.places.swap(drawn, drawn + chosen);
            self.sample[drawn] = self.at(self.places[drawn]);
        }
    }

    fn differ(&mut self) -> bool {
        self.draw();
        self.newest.clear();
        for age in self.window_size - self.sample.len()..self.window_size {
            let value = self.at(age);
            self.newest.push(value);
        }
        self.sample.sort_unstable_by(f64::total_cmp);
        self.newest.sort_unstable_by(f64::total_cmp);
        steps_apart(&self.sample, &self.newest) >= self.limit_steps
    }
}

impl Stream for Kswin {
    fn update(&mut self, value: f64) -> Signal {
        // Zeros of either sign are one value.
        let value = value + 0.0;
        if self.ring.len() < self.window_size {
            self.ring.push(value);
            if self.ring.len() < self.window_size {
                return Signal::Quiet;
            }
        } else {
            self.ring[self.oldest] = value;
            self.oldest = (self.oldest + 1) % self.window_size;
        }
        if self.differ() {
            self.reset();
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn reset(&mut self) {
        self.ring.clear();
        self.oldest = 0;
        self.state = self.seed;
        let older = self.places.len();
        self.places.clear();
        self.places.extend(0..older);
    }
}

/// The next word of the SplitMix64 sequence (Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA
/// 2014).
fn next_word(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The greatest difference between the numbers of values up to any value, in two sorted samples of one size.
fn steps_apart(one: &[f64], other: &[f64]) -> usize {
    let (mut in_one, mut in_other, mut greatest) = (0, 0, 0);
    while in_one < one.len() && in_other < other.len() {
        // The total order, in which they are sorted, ends even for what is not a number.
        let next =
            if one[in_one].total_cmp(&other[in_other]).is_le() { one[in_one] } else { other[in_other] };
        while in_one < one.len() && one[in_one].total_cmp(&next).is_le() {
            in_one += 1;
        }
        while in_other < other.len() && other[in_other].total_cmp(&next).is_le() {
            in_other += 1;
        }
        greatest = greatest.max(in_one.abs_diff(in_other));
    }
    greatest
}

/// The least number of steps that two samples of `size` values are apart by chance with a probability of at most
/// `alpha`, none if there is no such number.
///
/// The exact probability is 2 Σ (-1)^(j-1) C(2n, n - jh) / C(2n, n) over j ≥ 1 (Gnedenko, Korolyuk, On the maximum
/// discrepancy between two empirical distributions, Doklady Akademii Nauk SSSR 80 (1951) 525-528).
fn significant_steps(size: usize, alpha: f64) -> Option<usize> {
    (1..=size).find(|&steps| chance_of_steps(size, steps) <= alpha)
}

fn chance_of_steps(size: usize, steps: usize) -> f64 {
    // C(2n, n - k) / C(2n, n) = Π (n - k + i) / (n + i) for i from 1 to k.
    let ratio = |apart: usize| -> f64 {
        (1..=apart).map(|place| (size - apart + place) as f64 / (size + place) as f64).product()
    };
    let signed =
        |term: usize| if term.is_multiple_of(2) { -ratio(term * steps) } else { ratio(term * steps) };
    2.0 * (1..=size / steps).map(signed).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Reference {
        kswin_limits: Vec<(usize, f64, Option<usize>)>,
    }

    /// The limits of scipy's exact `ks_2samp`, from `tests/reference/streams.py`.
    #[test]
    fn limits_are_scipy_s() {
        let text = include_str!("../../tests/reference/streams.json");
        let Reference { kswin_limits } = serde_json::from_str(text).unwrap();
        assert!(kswin_limits.len() >= 20);
        for (size, alpha, steps) in kswin_limits {
            assert_eq!(significant_steps(size, alpha), steps, "{size} values at {alpha}");
        }
    }

    #[test]
    fn ties_are_one_step() {
        assert_eq!(steps_apart(&[1.0, 1.0, 2.0], &[1.0, 2.0, 2.0]), 1);
        assert_eq!(steps_apart(&[0.0, 0.0, 0.0], &[0.0, 0.0, 0.0]), 0);
        assert_eq!(steps_apart(&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0]), 3);
    }
}
