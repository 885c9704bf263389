//! Rates: tests, effects and intervals.

use crate::reference::Reference;
use driftforge_statistics::two_windows::{
    Rates, Share, effects, fisher_exact, intervals, two_proportion_z, two_proportion_z_compat,
};

#[test]
fn rates_compare_as_in_scipy_and_statsmodels() {
    Reference::load("rates").each(3_000, |row| {
        let share = |hits: u64, trials: u64| Share { hits, trials };
        let baseline = share(row.count("baseline hits"), row.count("baseline trials"));
        let current = share(row.count("current hits"), row.count("current trials"));
        let rates = Rates::new(baseline, current).unwrap();

        let z = two_proportion_z(&rates);
        row.compare("statsmodels proportions_ztest z", z.map(|test| test.statistic));
        row.compare("statsmodels proportions_ztest p", z.and_then(|test| test.p_value));
        row.compare("scipy fisher_exact p", fisher_exact(&rates).and_then(|test| test.p_value));
        row.compare("statsmodels proportion_effectsize", effects::cohens_h(&rates));
        row.compare("mpmath difference", effects::risk_difference(&rates));

        // 1 − Φ(z) has no more digits than 1 has.
        let compat = two_proportion_z_compat(&rates).and_then(|test| test.p_value);
        row.compare_within("scipy 2(1-ndtr)", compat, |p| 4.5e-16 + 1e-12 * p);

        if baseline.trials > 0 && current.trials > 0 {
            let wilson = intervals::wilson(current, 0.95);
            row.compare("statsmodels wilson low", wilson.map(|interval| interval.low));
            row.compare("statsmodels wilson high", wilson.map(|interval| interval.high));
            let exact = intervals::clopper_pearson(current, 0.95);
            row.compare("statsmodels beta low", exact.map(|interval| interval.low));
            row.compare("statsmodels beta high", exact.map(|interval| interval.high));
        }
        let newcombe = intervals::newcombe_difference(&rates, 0.95);
        // Ends near zero are differences of numbers near one.
        let tolerance = |end: f64| 1e-9 * end.abs() + 1e-15;
        row.compare_within("statsmodels newcomb low", newcombe.map(|interval| interval.low), tolerance);
        row.compare_within("statsmodels newcomb high", newcombe.map(|interval| interval.high), tolerance);
    });
}

/// 98 of 822 and 27 of 128, to the bit: scipy 1.17.1, 2 * (1 - ndtr(z)) and 2 * norm.sf(z).
#[test]
fn the_literal_p_value_differs_in_its_last_digits() {
    let rates = Rates::new(Share { hits: 98, trials: 822 }, Share { hits: 27, trials: 128 }).unwrap();
    assert_eq!(two_proportion_z_compat(&rates).unwrap().p_value, Some(0.004298329138060941));
    let z = two_proportion_z(&rates).unwrap();
    assert!((z.p_value.unwrap() / 0.004298329138060834 - 1.0).abs() < 1e-13);
}

#[test]
fn the_literal_p_value_is_zero_far_out_and_one_without_spread() {
    let of = |b, n, c, m| Rates::new(Share { hits: b, trials: n }, Share { hits: c, trials: m }).unwrap();
    let far = two_proportion_z_compat(&of(10, 1000, 990, 1000)).unwrap();
    assert_eq!(far.p_value, Some(0.0));
    let flat = two_proportion_z_compat(&of(0, 10, 0, 20)).unwrap();
    assert_eq!((flat.statistic, flat.p_value), (0.0, Some(1.0)));
    assert_eq!(two_proportion_z(&of(0, 10, 0, 20)), None);
}

#[test]
fn intervals_need_trials_and_a_confidence() {
    let share = Share { hits: 1, trials: 4 };
    for confidence in [0.0, 1.0, -0.5, f64::NAN] {
        assert_eq!(intervals::wilson(share, confidence), None);
        assert_eq!(intervals::clopper_pearson(share, confidence), None);
    }
    assert_eq!(intervals::wilson(Share::default(), 0.95), None);
    assert_eq!(intervals::clopper_pearson(Share { hits: 5, trials: 4 }, 0.95), None);
}
