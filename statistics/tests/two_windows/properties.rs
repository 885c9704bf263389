//! What holds for all data.

use driftforge_statistics::two_windows::{
    Categories, Data, Effect, Histograms, Moments, Numbers, Rates, Share, TWO_WINDOWS, Windows, compare,
    welch_t, welch_t_of_histograms,
};
use proptest::prelude::*;

fn counts(len: usize) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![Just(0), 0u64..6, 0u64..300], len)
}

fn values(len: usize) -> Vec<f64> {
    (0..len).map(|k| k as f64 * 1.5 - 4.0).collect()
}

/// Distances whose value depends on which window is which.
const ONE_WAY: [&str; 1] = ["kullback-leibler"];

fn of_each_kind<T>(b: &[u64], c: &[u64], mut check: impl FnMut(Windows<'_>) -> T) -> Vec<T> {
    let values = values(b.len());
    let share = |counts: &[u64]| Share { hits: counts[0], trials: counts.iter().sum() };
    let moments = |counts: &[u64]| {
        let rows: Vec<i64> =
            (0..).zip(counts).flat_map(|(k, &n)| std::iter::repeat_n(k, n as usize)).collect();
        Moments::of_integers(&rows)
    };
    vec![
        check(Windows::Rates(Rates::new(share(b), share(c)).unwrap())),
        check(Windows::Categories(Categories::new(b, c).unwrap())),
        check(Windows::Numbers(Numbers::new(moments(b), moments(c), 0.01).unwrap())),
        check(Windows::Histograms(Histograms::new(&values, b, c).unwrap())),
    ]
}

proptest! {
    #[test]
    fn p_values_are_probabilities_and_numbers_are_finite(b in counts(7), c in counts(7)) {
        of_each_kind(&b, &c, |windows| {
            for method in TWO_WINDOWS.iter().filter(|method| method.data.contains(&windows.data())) {
                let Some(comparison) = method.compare(&windows).unwrap() else { continue };
                let odds = method.name == "fisher-exact";
                prop_assert!(comparison.statistic.is_finite() || odds, "{} {:?}", method.name, comparison);
                prop_assert_eq!(comparison.p_value.is_some(), method.has_p_value);
                if let Some(p) = comparison.p_value {
                    prop_assert!((0.0..=1.0).contains(&p), "{} {:?}", method.name, comparison);
                }
                if let Some(effect) = comparison.effect {
                    prop_assert_eq!(Some(effect), Effect::of(&windows));
                    prop_assert!(effect.value.is_finite());
                }
            }
            Ok(())
        }).into_iter().collect::<Result<(), TestCaseError>>()?;
    }

    #[test]
    fn exchanged_windows_have_the_same_p_value_and_the_opposite_effect(b in counts(6), c in counts(6)) {
        let answers = |b: &[u64], c: &[u64]| of_each_kind(b, c, |windows| {
            TWO_WINDOWS.iter().filter(|method| method.data.contains(&windows.data()) && !ONE_WAY.contains(&method.name))
                .map(|method| (method.name, windows.data(), method.has_p_value, method.compare(&windows).unwrap()))
                .collect::<Vec<_>>()
        }).concat();
        for ((name, data, has_p, one), (_, _, _, other)) in answers(&b, &c).into_iter().zip(answers(&c, &b)) {
            prop_assert_eq!(one.is_some(), other.is_some(), "{}", name);
            let (Some(one), Some(other)) = (one, other) else { continue };
            let close = |x: f64, y: f64| (x - y).abs() <= 1e-11 * (x.abs() + y.abs()) + 1e-300;
            if has_p {
                prop_assert!(close(one.p_value.unwrap(), other.p_value.unwrap()), "{name} {one:?} {other:?}");
            } else {
                prop_assert!(close(one.statistic, other.statistic), "{name} {one:?} {other:?}");
            }
            let sign = if data == Data::Categories { 1.0 } else { -1.0 };
            match (one.effect, other.effect) {
                (Some(one), Some(other)) => prop_assert!(close(one.value, sign * other.value), "{name}"),
                (one, other) => prop_assert_eq!(one.is_some(), other.is_some()),
            }
        }
    }

    #[test]
    fn the_order_of_categories_does_not_matter(b in counts(6), c in counts(6), seed in 0usize..720) {
        let mut order: Vec<usize> = Vec::new();
        let mut rest: Vec<usize> = (0..6).collect();
        let mut seed = seed;
        while !rest.is_empty() {
            order.push(rest.remove(seed % rest.len()));
            seed /= rest.len() + 1;
        }
        let moved = |counts: &[u64]| order.iter().map(|&k| counts[k]).collect::<Vec<u64>>();
        let (moved_b, moved_c) = (moved(&b), moved(&c));
        let one = Windows::Categories(Categories::new(&b, &c).unwrap());
        let other = Windows::Categories(Categories::new(&moved_b, &moved_c).unwrap());
        for method in TWO_WINDOWS.iter().filter(|method| method.data.contains(&Data::Categories)) {
            let (one, other) = (method.compare(&one).unwrap(), method.compare(&other).unwrap());
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one.statistic - other.statistic).abs() <= 1e-12 * one.statistic.abs() + 1e-300, "{}", method.name);
            }
        }
    }

    /// Splitting a histogram into parts, adding empty bins, and giving each value its own bin change nothing.
    #[test]
    fn empty_bins_change_nothing(b in counts(5), c in counts(5), place in 0usize..=5) {
        let plain_values = values(5);
        let mut more_values = plain_values.clone();
        more_values.insert(place, plain_values.get(place).map_or(99.0, |value| value - 0.5));
        let with_empty = |counts: &[u64]| {
            let mut counts = counts.to_vec();
            counts.insert(place, 0);
            counts
        };
        let (more_b, more_c) = (with_empty(&b), with_empty(&c));
        let one = Windows::Histograms(Histograms::new(&plain_values, &b, &c).unwrap());
        let other = Windows::Histograms(Histograms::new(&more_values, &more_b, &more_c).unwrap());
        for method in TWO_WINDOWS.iter().filter(|method| method.data.contains(&Data::Histograms)) {
            let (one, other) = (method.compare(&one).unwrap(), method.compare(&other).unwrap());
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one.statistic - other.statistic).abs() <= 1e-12 * one.statistic.abs() + 1e-14, "{}", method.name);
            }
        }
        let one = Windows::Categories(Categories::new(&b, &c).unwrap());
        let other = Windows::Categories(Categories::new(&more_b, &more_c).unwrap());
        for method in TWO_WINDOWS.iter().filter(|method| method.data.contains(&Data::Categories)) {
            prop_assert_eq!(method.compare(&one).unwrap(), method.compare(&other).unwrap());
        }
    }

    #[test]
    fn the_histogram_and_the_moments_of_the_same_values_have_the_same_t(b in counts(6), c in counts(6)) {
        let whole: Vec<f64> = (0..6).map(f64::from).collect();
        let moments = |counts: &[u64]| (0..).zip(counts).fold(Moments::default(), |sum, (value, &n)| {
            sum.merged(Moments { n, sum: i128::from(n) * value, sum_of_squares: u128::from(n) * (value * value) as u128 })
        });
        let of_moments = welch_t(&Numbers::new(moments(&b), moments(&c), 1.0).unwrap());
        let of_histogram = welch_t_of_histograms(&Histograms::new(&whole, &b, &c).unwrap());
        prop_assert_eq!(of_moments.is_some(), of_histogram.is_some());
        if let (Some(one), Some(other)) = (of_moments, of_histogram) {
            prop_assert!((one.t - other.t).abs() <= 1e-11 * one.t.abs() + 1e-12);
            prop_assert!((one.p_value / other.p_value - 1.0).abs() < 1e-9 || one.p_value < 1e-290);
        }
    }

    /// What raw rows give by definition, row by row and pair by pair.
    #[test]
    fn histograms_give_what_their_rows_give(b in prop::collection::vec(0u64..4, 5), c in prop::collection::vec(0u64..4, 5)) {
        let values = values(5);
        let rows = |counts: &[u64]| -> Vec<f64> {
            values.iter().zip(counts).flat_map(|(&value, &n)| std::iter::repeat_n(value, n as usize)).collect()
        };
        let (x, y) = (rows(&b), rows(&c));
        prop_assume!(!x.is_empty() && !y.is_empty());
        let windows = Windows::Histograms(Histograms::new(&values, &b, &c).unwrap());
        let statistic = |name: &str| compare(name, &windows).unwrap().map(|comparison| comparison.statistic);
        let pairs = (x.len() * y.len()) as f64;
        let mean = |f: &dyn Fn(f64, f64) -> f64, x: &[f64], y: &[f64]| {
            x.iter().flat_map(|&p| y.iter().map(move |&q| f(p, q))).sum::<f64>() / (x.len() * y.len()) as f64
        };
        let apart = |p: f64, q: f64| (p - q).abs();
        let energy = 2.0 * mean(&apart, &x, &y) - mean(&apart, &x, &x) - mean(&apart, &y, &y);
        prop_assert!((statistic("energy-distance").unwrap().powi(2) - energy).abs() < 1e-10);
        if let Some(u) = statistic("mann-whitney") {
            let wins = |p: f64, q: f64| if q > p { 1.0 } else if q == p { 0.5 } else { 0.0 };
            prop_assert!((u - pairs * mean(&wins, &x, &y)).abs() < 1e-9);
        }
        let below = |rows: &[f64], at: f64| rows.iter().filter(|&&row| row <= at).count() as f64 / rows.len() as f64;
        let d = values.iter().map(|&at| (below(&x, at) - below(&y, at)).abs()).fold(0.0, f64::max);
        prop_assert!((statistic("kolmogorov-smirnov").unwrap() - d).abs() < 1e-12);
    }
}
