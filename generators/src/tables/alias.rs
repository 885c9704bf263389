//! Weighted choice in constant time.

use crate::error::{Result, SpecError, ensure};

/// An alias table: draws index *i* with probability `weights[i] / sum(weights)`.
///
/// Built with Vose's method (M. D. Vose, "A linear algorithm for generating random numbers with a given
/// distribution", IEEE TSE 17(9), 1991). Probabilities are held to 2^-32.
#[derive(Debug, Clone)]
pub struct Alias {
    slots: Vec<Slot>,
    probabilities: Vec<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    keep_below: u32,
    other: u32,
}

impl Alias {
    /// Builds the table.
    ///
    /// # Errors
    /// When there is no weight, more than 65,536 of them, one is negative or not finite, or all are zero.
    pub fn new(weights: &[f64]) -> Result<Self> {
        ensure(!weights.is_empty(), "weights", "at least one value is needed")?;
        ensure(
            weights.len() <= 1 << 16,
            "weights",
            format!("{} values, at most 65536 are allowed", weights.len()),
        )?;
        if let Some(bad) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            return Err(SpecError::at(
                "weights",
                format!("{bad} is not a weight: use finite numbers of at least 0"),
            ));
        }
        let sum: f64 = weights.iter().sum();
        ensure(sum > 0.0, "weights", "they sum to 0: at least one must be above 0")?;
        ensure(sum.is_finite(), "weights", "their sum is too large: use smaller numbers")?;
        let probabilities: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        Ok(Self { slots: slots(&probabilities), probabilities })
    }

    /// The index that this word draws.
    #[inline]
    #[must_use]
    pub fn draw(&self, word: u64) -> usize {
        let index = ((word >> 32) * self.slots.len() as u64) >> 32;
        let slot = self.slots[index as usize];
        if (word as u32) < slot.keep_below { index as usize } else { slot.other as usize }
    }

    /// The index after `index` that can be drawn, the first following the last.
    #[must_use]
    pub fn next_possible(&self, index: usize) -> usize {
        let count = self.probabilities.len();
        let others = (index + 1..count).chain(0..=index);
        others.into_iter().find(|other| self.probabilities[*other] > 0.0).unwrap_or(index)
    }

    /// The probability of each index; they sum to 1.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }
}

fn slots(probabilities: &[f64]) -> Vec<Slot> {
    let count = probabilities.len();
    let mut scaled: Vec<f64> = probabilities.iter().map(|probability| probability * count as f64).collect();
    let mut slots: Vec<Slot> =
        (0..count).map(|own| Slot { keep_below: u32::MAX, other: own as u32 }).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..count).partition(|index| scaled[*index] < 1.0);
    while let (Some(under), Some(over)) = (small.pop(), large.pop()) {
        slots[under] = Slot { keep_below: (scaled[under] * 4_294_967_296.0) as u32, other: over as u32 };
        scaled[over] -= 1.0 - scaled[under];
        if scaled[over] < 1.0 { small.push(over) } else { large.push(over) }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use proptest::prelude::*;

    /// The exact probability of each index, read off the table.
    fn implied(alias: &Alias) -> Vec<f64> {
        let count = alias.slots.len() as f64;
        let mut implied = vec![0.0; alias.slots.len()];
        for (index, slot) in alias.slots.iter().enumerate() {
            let keep =
                if slot.other as usize == index { 1.0 } else { f64::from(slot.keep_below) / 4_294_967_296.0 };
            implied[index] += keep / count;
            implied[slot.other as usize] += (1.0 - keep) / count;
        }
        implied
    }

    proptest! {
        #[test]
        fn the_table_holds_the_weights(weights in prop::collection::vec(0.0..10.0f64, 1..200)) {
            prop_assume!(weights.iter().sum::<f64>() > 0.01);
            let alias = Alias::new(&weights).unwrap();
            for (implied, wanted) in implied(&alias).iter().zip(alias.probabilities()) {
                prop_assert!((implied - wanted).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn draws_follow_the_weights() {
        let alias = Alias::new(&[6.0, 0.0, 3.0, 1.0]).unwrap();
        let mut counts = [0u32; 4];
        let stream = Stream::of_column(3, "t", "alias");
        (0..100_000).for_each(|row| counts[alias.draw(stream.word(row))] += 1);
        assert_eq!(counts[1], 0);
        assert!((59_000..61_000).contains(&counts[0]) && (9_500..10_500).contains(&counts[3]), "{counts:?}");
    }

    #[test]
    fn impossible_weights_are_refused() {
        for weights in [&[][..], &[0.0, 0.0], &[1.0, -0.5], &[f64::NAN], &[f64::INFINITY]] {
            assert!(Alias::new(weights).is_err(), "{weights:?}");
        }
    }
}
