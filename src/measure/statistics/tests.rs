use proptest::prelude::*;

use super::*;

/// The bootstrap distribution of the median is known exactly for an odd count n: the resample's median is at
/// most the i-th smallest value when at least (n + 1)/2 of n draws are, each with probability i/n (Efron 1979,
/// section 3). No draws, no seed: the second route to the same interval.
fn exact_interval(sorted: &[f64]) -> (f64, f64) {
    let count = sorted.len();
    let at_most = |rank: usize| -> f64 {
        let p = rank as f64 / count as f64;
        (count.div_ceil(2)..=count)
            .map(|k| binomial(count, k) * p.powi(k as i32) * (1.0 - p).powi((count - k) as i32))
            .sum()
    };
    let quantile =
        |p: f64| (1..=count).find(|rank| at_most(*rank) >= p).map(|rank| sorted[rank - 1]).unwrap();
    (quantile(0.025), quantile(0.975))
}

fn binomial(n: usize, k: usize) -> f64 {
    (1..=k).map(|i| (n + 1 - i) as f64 / i as f64).product()
}

fn naive_median(values: &[f64]) -> f64 {
    let below = |x: f64| values.iter().filter(|v| **v < x).count();
    let up_to = |x: f64| values.iter().filter(|v| **v <= x).count();
    let nth = |n: usize| *values.iter().find(|v| below(**v) <= n && n < up_to(**v)).unwrap();
    nth((values.len() - 1) / 2).midpoint(nth(values.len() / 2))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_figure_keeps_its_order_and_ignores_the_order_of_values(
        values in prop::collection::vec(-1e9_f64..1e9, 1..30),
        rotation in 0_usize..30,
    ) {
        let figure = Figure::of(&values).unwrap();
        prop_assert!(figure.min <= figure.median && figure.median <= figure.max);
        prop_assert!(figure.min <= figure.average && figure.average <= figure.max);
        prop_assert!(figure.mad >= 0.0 && figure.mad <= figure.max - figure.min);
        prop_assert!(values.contains(&figure.min) && values.contains(&figure.max));
        let mut turned = values.clone();
        turned.rotate_left(rotation % values.len());
        turned.reverse();
        prop_assert_eq!(Figure::of(&turned), Some(figure));
    }

    #[test]
    fn the_median_agrees_with_counting(values in prop::collection::vec(-50_i32..50, 1..40)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        prop_assert_eq!(median(&values), Some(naive_median(&values)));
        let center = naive_median(&values);
        let deviations: Vec<f64> = values.iter().map(|v| (v - center).abs()).collect();
        prop_assert_eq!(median_absolute_deviation(&values), Some(naive_median(&deviations)));
    }

    #[test]
    fn the_mean_agrees_with_integer_arithmetic(values in prop::collection::vec(-1_000_000_i64..1_000_000, 1..40)) {
        let exact = values.iter().sum::<i64>() as f64 / values.len() as f64;
        let values: Vec<f64> = values.into_iter().map(|v| v as f64).collect();
        prop_assert!((mean(&values).unwrap() - exact).abs() <= 1e-9 * exact.abs().max(1e6));
    }

    #[test]
    fn the_interval_contains_the_median_and_lies_in_the_range(
        values in prop::collection::vec(0.001_f64..10.0, MIN_INTERVAL_VALUES..25),
    ) {
        let figure = Figure::of(&values).unwrap();
        let interval = figure.median_interval_95.unwrap();
        prop_assert!(figure.min <= interval.low && interval.low <= figure.median);
        prop_assert!(figure.median <= interval.high && interval.high <= figure.max);
    }

    #[test]
    fn figures_scale_with_their_unit(values in prop::collection::vec(0.001_f64..10.0, 5..12)) {
        // A power of two scales without rounding, so equal means equal.
        let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        let (small, large) = (Figure::of(&values).unwrap(), Figure::of(&scaled).unwrap());
        prop_assert_eq!(small.median * 1024.0, large.median);
        prop_assert_eq!(small.mad * 1024.0, large.mad);
        prop_assert_eq!(
            small.median_interval_95.map(|i| (i.low * 1024.0, i.high * 1024.0)),
            large.median_interval_95.map(|i| (i.low, i.high))
        );
    }
}

#[test]
fn the_interval_is_the_exact_bootstraps() {
    // At these odd counts no rank's exact probability lies within a Monte Carlo error (0.0016) of 2.5 %.
    for count in [5_usize, 7, 9, 11, 15, 21, 25] {
        let values: Vec<f64> = (1..=count).map(|i| (i * i) as f64).collect();
        let interval = median_interval(&values).unwrap();
        assert_eq!((interval.low, interval.high), exact_interval(&values), "{count} values");
    }
}

#[test]
fn five_values_by_hand() {
    // Sorted 1 2 4 7 11: median 4; deviations 3 2 0 3 7, sorted 0 2 3 3 7: MAD 3; mean 25/5.
    let figure = Figure::of(&[7.0, 1.0, 11.0, 2.0, 4.0]).unwrap();
    assert_eq!((figure.average, figure.min, figure.max), (5.0, 1.0, 11.0));
    assert_eq!((figure.median, figure.mad), (4.0, 3.0));
    assert_eq!(figure.median_interval_95, Some(Interval { low: 1.0, high: 11.0 }));
}

#[test]
fn the_draws_are_the_published_ones() {
    // First outputs of the authors' reference implementation (splitmix64.c, Vigna 2015) for seed 1234567.
    let mut draws = SplitMix64(1_234_567);
    assert_eq!(draws.next(), 6_457_827_717_110_365_317);
    assert_eq!(draws.next(), 3_203_168_211_198_807_973);
}

#[test]
fn what_cannot_be_said_is_not_said() {
    assert_eq!(Figure::of(&[]), None);
    assert_eq!(Figure::of(&[1.0, f64::NAN]), None);
    assert_eq!(Figure::of(&[f64::INFINITY]), None);
    assert_eq!(Figure::of(&[2.0; 4]).unwrap().median_interval_95, None);
    assert_eq!(Figure::of(&[2.0; 5]).unwrap().median_interval_95, Some(Interval { low: 2.0, high: 2.0 }));
    assert_eq!(mean(&[f64::MAX, f64::MAX]), Some(f64::MAX));
    assert_eq!(median(&[f64::MAX, f64::MAX]), Some(f64::MAX));
}
