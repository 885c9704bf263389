//! How often each value occurs: exact while there are few, then the frequent ones with a bound on their error.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

/// Values that are counted exactly.
pub(super) const MOST_VALUES: usize = 2_048;

/// The longest text that is kept of a value, in bytes; values are told apart by the hash of the whole.
const LONGEST_KEPT_BYTES: usize = 96;

/// Counts of values, by the summary of Misra and Gries ("Finding repeated elements", 1982) with the merge of Agarwal
/// et al. ("Mergeable summaries", 2012): when there are too many values, all counts fall by the same number, and
/// the sum of those falls bounds how much any count is too low.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    counts: HashMap<u64, Counted>,
    /// How much a count can be too low; 0: all counts are exact.
    error: u64,
    distinct: Distinct,
}

#[derive(Debug, Clone)]
struct Counted {
    text: String,
    count: u64,
}

/// A frequent value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frequent {
    pub text: String,
    /// At least so often.
    pub count: u64,
}

impl Counter {
    /// Adds a value `times` over.
    pub(super) fn add(&mut self, value: &str, times: u64) {
        if times == 0 {
            return;
        }
        let hash = xxh3_64(value.as_bytes());
        self.distinct.add(hash);
        match self.counts.get_mut(&hash) {
            Some(counted) => counted.count += times,
            None => {
                self.counts.insert(hash, Counted { text: kept(value).to_owned(), count: times });
                self.shrink();
            }
        }
    }

    /// Adds all that another counter has.
    pub(super) fn merge(&mut self, other: Self) {
        self.distinct.merge(&other.distinct);
        self.error += other.error;
        for (hash, counted) in other.counts {
            match self.counts.get_mut(&hash) {
                Some(own) => own.count += counted.count,
                None => {
                    self.counts.insert(hash, counted);
                }
            }
        }
        self.shrink();
    }

    /// Takes the median count off all counts, which at least halves their number; doing it rarely makes it cheap.
    fn shrink(&mut self) {
        if self.counts.len() <= 2 * MOST_VALUES && (self.error > 0 || self.counts.len() <= MOST_VALUES) {
            return;
        }
        let mut counts: Vec<u64> = self.counts.values().map(|counted| counted.count).collect();
        let middle = counts.len().saturating_sub(MOST_VALUES);
        let (_, fall, _) = counts.select_nth_unstable(middle);
        let fall = *fall;
        self.error += fall;
        self.counts.retain(|_, counted| {
            counted.count = counted.count.saturating_sub(fall);
            counted.count > 0
        });
    }

    /// How many different values there are, and whether that is exact.
    pub(super) fn distinct(&self) -> (u64, bool) {
        if self.error == 0 { (self.counts.len() as u64, true) } else { (self.distinct.estimate(), false) }
    }

    /// The most frequent values, the first of them first. Of counts that are not exact, only those that are above
    /// their possible error.
    pub(super) fn top(&self, most: usize) -> Vec<Frequent> {
        let sure = self.counts.values().filter(|counted| self.error == 0 || counted.count > self.error);
        let mut top: Vec<&Counted> = sure.collect();
        top.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.text.cmp(&right.text)));
        top.truncate(most);
        top.iter().map(|counted| Frequent { text: counted.text.clone(), count: counted.count }).collect()
    }

    /// How much a count can be too low.
    pub(super) fn error(&self) -> u64 {
        self.error
    }
}

/// The beginning of a long text.
fn kept(value: &str) -> &str {
    let mut end = value.len().min(LONGEST_KEPT_BYTES);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}

/// Registers of the estimate, as a power of two; the standard error is 1.04 / √2¹² = 1.6 %.
const REGISTERS_LOG2: u32 = 12;

/// An estimate of the number of different values: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007), with
/// its linear counting for small numbers.
#[derive(Debug, Clone, Default)]
struct Distinct {
    /// The longest run of zeros of each register, plus one; empty before the first value.
    registers: Vec<u8>,
}

impl Distinct {
    fn add(&mut self, hash: u64) {
        self.registers.resize(1 << REGISTERS_LOG2, 0);
        let register = (hash >> (64 - REGISTERS_LOG2)) as usize;
        let rest = (hash << REGISTERS_LOG2) | (1 << (REGISTERS_LOG2 - 1));
        self.registers[register] = self.registers[register].max(rest.leading_zeros() as u8 + 1);
    }

    fn merge(&mut self, other: &Self) {
        if other.registers.is_empty() {
            return;
        }
        self.registers.resize(1 << REGISTERS_LOG2, 0);
        for (own, other) in self.registers.iter_mut().zip(&other.registers) {
            *own = (*own).max(*other);
        }
    }

    fn estimate(&self) -> u64 {
        let registers = f64::from(1_u32 << REGISTERS_LOG2);
        let sum: f64 = self.registers.iter().map(|zeros| (-f64::from(*zeros)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let empty = self.registers.iter().filter(|zeros| **zeros == 0).count();
        // Figure 3 of the paper: below 2.5 values a register, empty registers tell more.
        let estimate = if raw <= 2.5 * registers && empty > 0 {
            registers * (registers / empty as f64).ln()
        } else {
            raw
        };
        estimate.round() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_values_are_counted_exactly() {
        let mut counter = Counter::default();
        for number in 0..1_000_u64 {
            counter.add(&format!("v{}", number % 7), 1 + number % 2);
        }
        assert_eq!((counter.distinct(), counter.error()), ((7, true), 0));
        assert_eq!(counter.top(100).iter().map(|value| value.count).sum::<u64>(), 1_500);
    }

    #[test]
    fn the_number_of_many_values_is_estimated_within_four_standard_errors() {
        for values in [3_000_u64, 20_000, 300_000] {
            let mut counter = Counter::default();
            (0..values).for_each(|number| counter.add(&number.to_string(), 1));
            let (estimate, exact) = counter.distinct();
            assert!(!exact);
            assert!((estimate as f64 / values as f64 - 1.0).abs() < 4.0 * 0.0163, "{estimate} of {values}");
        }
    }

    #[test]
    fn a_frequent_value_is_found_among_many_rare_ones() {
        let mut counter = Counter::default();
        for number in 0..100_000 {
            counter.add(&format!("rare {number}"), 1);
            counter.add("often", 1);
        }
        let top = counter.top(5);
        assert_eq!(top.len(), 1, "{top:?}");
        assert_eq!(top[0].text, "often");
        assert!(top[0].count <= 100_000 && top[0].count + counter.error() >= 100_000);
    }

    proptest! {
        /// In whatever pieces values come, a count is never too high, and too low by the error at most.
        #[test]
        fn bounds_hold_for_merged_counters(
            values in proptest::collection::vec(0u64..6_000, 0..12_000),
            pieces in 1usize..5,
        ) {
            let mut merged = Counter::default();
            let mut counts: HashMap<u64, u64> = HashMap::new();
            for piece in values.chunks(values.len() / pieces + 1) {
                let mut counter = Counter::default();
                for value in piece {
                    // Skewed, so that some are frequent.
                    let value = value * value / 6_000;
                    counter.add(&value.to_string(), 1);
                    *counts.entry(value).or_default() += 1;
                }
                merged.merge(counter);
            }
            for value in merged.top(usize::MAX) {
                let count = counts[&value.text.parse::<u64>().unwrap()];
                prop_assert!(value.count <= count && count <= value.count + merged.error());
            }
            if merged.error() == 0 {
                prop_assert_eq!(merged.distinct(), (counts.len() as u64, true));
            }
        }
    }
}
