//! What a seed decides: which segments drift, from when on, and how the parameters of the segments differ.

use driftforge_generators::Stream;

/// The random words of one purpose in one scenario under one seed.
fn stream(seed: u64, scenario: &str, purpose: &str) -> Stream {
    Stream::of_column(seed, scenario, purpose)
}

/// The numbers below `count` in random order.
pub(super) fn order(seed: u64, scenario: &str, purpose: &str, count: usize) -> Vec<usize> {
    let stream = stream(seed, scenario, purpose);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|number| (stream.word(*number as u64), *number));
    order
}

/// A whole number of a span, both ends included, each as likely. The bias is below 2^-32.
pub(super) fn within(
    seed: u64,
    scenario: &str,
    purpose: &str,
    number: usize,
    [first, last]: [i32; 2],
) -> i32 {
    let count = u64::from(last.abs_diff(first)) + 1;
    let word = stream(seed, scenario, purpose).word(number as u64);
    let step = (u128::from(word) * u128::from(count)) >> 64;
    first.saturating_add(step as i32)
}

/// `count` numbers that lie evenly from −`width` to `width`, in random order; 0 for a single one.
pub(super) fn spread(seed: u64, scenario: &str, purpose: &str, count: usize, width: f64) -> Vec<f64> {
    let place = |rank: usize| {
        let last = count.saturating_sub(1);
        let position = if last == 0 { 0.5 } else { rank as f64 / last as f64 };
        // Four decimals are enough, and can be read.
        ((2.0 * position - 1.0) * width * 1e4).round() / 1e4
    };
    order(seed, scenario, purpose, count).into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_order_has_every_number_once(seed: u64, count in 0usize..200) {
            let mut order = order(seed, "sudden", "placement", count);
            order.sort_unstable();
            prop_assert_eq!(order, (0..count).collect::<Vec<_>>());
        }

        #[test]
        fn a_draw_stays_within_its_span(seed: u64, first in -400i32..0, width in 0i32..100) {
            let day = within(seed, "sudden", "start", 3, [first, first + width]);
            prop_assert!((first..=first + width).contains(&day));
        }

        #[test]
        fn a_spread_is_even_and_reaches_both_ends(seed: u64, count in 2usize..50) {
            let mut numbers = spread(seed, "sudden", "x", count, 0.5);
            numbers.sort_by(f64::total_cmp);
            prop_assert_eq!((numbers[0], numbers[count - 1]), (-0.5, 0.5));
            prop_assert!(numbers.iter().sum::<f64>().abs() < 1e-3);
        }
    }

    #[test]
    fn seeds_and_scenarios_have_orders_of_their_own() {
        let base = order(1, "sudden", "placement", 300);
        assert_ne!(base, order(2, "sudden", "placement", 300));
        assert_ne!(base, order(1, "gradual", "placement", 300));
        assert_eq!(base, order(1, "sudden", "placement", 300));
    }

    #[test]
    fn every_day_of_a_span_is_drawn() {
        let mut days: Vec<i32> = (0..200).map(|number| within(7, "s", "start", number, [-16, -12])).collect();
        days.sort_unstable();
        days.dedup();
        assert_eq!(days, [-16, -15, -14, -13, -12]);
    }
}
