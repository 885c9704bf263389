//! Change points against ruptures, costs of counts against scipy, and what must hold for any series.
//!
//! `tests/reference/change_points.json` has their numbers; `tests/reference/change_points.py` made it and names the
//! versions.

#[path = "reference/streams_input.rs"]
mod input;

use driftforge_statistics::change_points::bocpd::{BetaBinomial, Bocpd, GammaPoisson, Model, NormalGamma};
use driftforge_statistics::change_points::costs::{Binomial, L1, L2, Normal, Poisson, Rbf};
use driftforge_statistics::change_points::{
    CHANGE_POINTS, ChangePointError, Cost, Counts, Cuts, Events, Numbers, Pruning, Segmentation, Series,
    Stop, binary_segmentation, bottom_up, dynamic_programming, find, pelt, sliding_window,
};
use driftforge_statistics::parameters::Value;
use proptest::prelude::{
    ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use serde::Deserialize;
use std::collections::BTreeMap;

const NONE: [usize; 0] = [];

/// The changes and the sum of costs; none where the series is too short.
type Cut = Option<(Vec<usize>, f64)>;

/// The most probable length of the last run, its probability, that of a change within ten values, and the best cut.
type LastRun = (usize, f64, f64, Vec<usize>);

#[derive(Deserialize)]
struct Reference {
    versions: BTreeMap<String, String>,
    series: u64,
    /// By cost and method.
    cuts: BTreeMap<String, BTreeMap<String, Vec<Cut>>>,
    /// Likewise for series of counts, many cuts of which are equal but for rounding.
    cuts_of_counts: BTreeMap<String, BTreeMap<String, Vec<Cut>>>,
    deviances: Vec<[f64; 6]>,
    /// Of numbers, events and counts.
    bocpd: Vec<[LastRun; 3]>,
}

fn reference() -> Reference {
    let text = include_str!("reference/change_points.json");
    let reference: Reference = serde_json::from_str(text).expect("the file is whole");
    assert_eq!(reference.versions["ruptures"], "1.1.10");
    reference
}

fn numbers(values: Vec<f64>) -> Numbers {
    Numbers::new(values).expect("the values are finite")
}

/// The settings of `change_points.py` for a series.
fn settings(number: usize, cost: &str) -> (Cuts, f64, usize) {
    let penalties = match cost {
        "l2" | "normal" => [4.0, 9.0, 15.0],
        "l1" => [2.0, 5.0, 8.0],
        _ => [0.5, 1.0, 2.0],
    };
    let (min_size, jump) = [(2, 1), (5, 1), (3, 5), (7, 4)][number % 4];
    (Cuts::new(min_size, jump).expect("both are above 0"), penalties[number % 3], 1 + number % 3)
}

fn found<C: Cost>(
    method: &str,
    cost: &C,
    number: usize,
    name: &str,
) -> Result<Segmentation, ChangePointError> {
    let (cuts, penalty, changes) = settings(number, name);
    let budget = Stop::Budget(penalty * cost.length() as f64 / 10.0);
    let (penalty_stop, changes_stop) = (Stop::Penalty(penalty), Stop::Changes(changes));
    match method {
        "pelt" => pelt(cost, cuts, penalty, Pruning::AsRuptures),
        "binseg-penalty" => binary_segmentation(cost, cuts, penalty_stop),
        "binseg-changes" => binary_segmentation(cost, cuts, changes_stop),
        "binseg-budget" => binary_segmentation(cost, cuts, budget),
        "dynp" => dynamic_programming(cost, cuts, changes),
        "bottom-up-penalty" => bottom_up(cost, cuts, penalty_stop),
        "bottom-up-changes" => bottom_up(cost, cuts, changes_stop),
        "bottom-up-budget" => bottom_up(cost, cuts, budget),
        "window-penalty" => sliding_window(cost, cuts, 20, penalty_stop),
        "window-changes" => sliding_window(cost, cuts, 14, changes_stop),
        other => panic!("no method {other}"),
    }
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

fn compare<C: Cost>(name: &str, prepare: impl Fn(&Numbers) -> C) {
    let reference = reference();
    assert!(reference.series >= 200);
    let costs: Vec<C> =
        (0..reference.series).map(|number| prepare(&numbers(input::series(number)))).collect();
    agree(name, &costs, &reference.cuts[name]);
}

fn compare_counts<C: Cost>(name: &str, prepare: impl Fn(&Numbers) -> C) {
    let reference = reference();
    let events = |number| input::counts(number).0.iter().map(|&count| count as f64).collect();
    let costs: Vec<C> = (0..reference.series).map(|number| prepare(&numbers(events(number)))).collect();
    agree(name, &costs, &reference.cuts_of_counts[name]);
}

fn agree<C: Cost>(name: &str, costs: &[C], expected: &BTreeMap<String, Vec<Cut>>) {
    for (method, expected) in expected {
        assert_eq!(expected.len(), costs.len());
        for (number, (cost, expected)) in costs.iter().zip(expected).enumerate() {
            let place = format!("{method}, {name}, series {number}");
            match (found(method, cost, number, name), expected) {
                (Ok(found), Some((changes, total))) => {
                    assert_eq!(&found.changes, changes, "{place}");
                    assert!(close(found.cost, *total), "{place}: {} not {total}", found.cost);
                }
                (Err(ChangePointError::TooShort { .. }), None) => (),
                (found, expected) => panic!("{place}: {found:?}, expected {expected:?}"),
            }
        }
    }
}

#[test]
fn cuts_by_squares_are_those_of_ruptures() {
    compare("l2", L2::new);
    compare_counts("l2", L2::new);
}

#[test]
fn cuts_by_absolute_deviations_are_those_of_ruptures() {
    compare("l1", L1::new);
    compare_counts("l1", L1::new);
}

#[test]
fn cuts_by_normal_likelihood_are_those_of_ruptures() {
    compare("normal", Normal::new);
}

#[test]
fn cuts_by_kernel_are_those_of_ruptures() {
    compare("rbf", |series| Rbf::new(series).expect("the series is short"));
}

#[test]
fn deviances_of_counts_are_those_of_scipy_s_probabilities() {
    let reference = reference();
    for (number, expected) in reference.deviances.iter().enumerate() {
        let (events, trials) = input::counts(number as u64);
        let exposures = trials.iter().map(|&trials| trials as f64 + 0.5).collect();
        let (length, middle) = (events.len(), events.len() / 2);
        let binomial = Binomial::new(&Events::new(events.clone(), trials).expect("checked"));
        let poisson = Poisson::new(&Counts::new(events.clone()).expect("checked"));
        let exposed = Poisson::new(&Counts::with_exposures(events, exposures).expect("checked"));
        for (start, expected) in [0, middle].into_iter().zip(expected.chunks(3)) {
            let found = [binomial.of(start, length), poisson.of(start, length), exposed.of(start, length)];
            let agree = found.iter().zip(expected).all(|(&found, &expected)| close(found, expected));
            assert!(agree, "series {number} from {start}: {found:?}, expected {expected:?}");
        }
    }
}

fn agrees<M: Model>(model: M, values: impl IntoIterator<Item = M::Observation>, expected: &LastRun) {
    let mut bocpd = Bocpd::new(model, 50.0, 0.0);
    values.into_iter().for_each(|value| bocpd.update(value));
    let (length, probability, recent, changes) = expected;
    assert_eq!(bocpd.most_probable_length(), *length, "{expected:?}");
    let (_, found) = bocpd.run_lengths().find(|(run, _)| run == length).expect("no run is dropped");
    assert!((found - probability).abs() <= 1e-9 * probability, "{found}, expected {expected:?}");
    let found = bocpd.probability_of_change_within(10);
    assert!((found - recent).abs() <= 1e-9 * recent, "{found}, expected {expected:?}");
    assert_eq!(&bocpd.changes(), changes);
}

#[test]
fn run_lengths_are_those_of_scipy_s_predictive_distributions() {
    let reference = reference();
    for (number, [normal, binomial, poisson]) in (0..).zip(&reference.bocpd) {
        agrees(NormalGamma::new(0.0, 0.1, 1.0, 1.0), input::series(number), normal);
        let (events, trials) = input::counts(number);
        let pairs = events.iter().copied().zip(trials.iter().copied());
        let more = pairs.clone().map(|(events, trials)| (events, trials + 1));
        agrees(BetaBinomial::new(0.5, 0.5), more, binomial);
        let exposed = pairs.map(|(count, trials)| (count, trials as f64 + 0.5));
        agrees(GammaPoisson::new(1.0, 0.1), exposed, poisson);
    }
}

#[test]
fn dropping_improbable_runs_changes_little_and_keeps_few() {
    let values: Vec<f64> =
        (0..2_000).map(|place| input::series(place % 3)[0] + (place / 500) as f64 * 9.0).collect();
    let read = |least_probability: f64| {
        let mut bocpd = Bocpd::new(NormalGamma::new(0.0, 0.1, 1.0, 1.0), 250.0, least_probability);
        values.iter().for_each(|&value| bocpd.update(value));
        bocpd
    };
    let (all, few) = (read(0.0), read(1e-6));
    assert_eq!(all.changes(), few.changes());
    assert_eq!(all.changes(), [500, 1_000, 1_500]);
    assert_eq!((all.run_lengths().count(), all.most_probable_length()), (2_001, few.most_probable_length()));
    assert!(few.run_lengths().count() < 200, "{}", few.run_lengths().count());
    let (exact, near) = (all.probability_of_change_within(500), few.probability_of_change_within(500));
    assert!((exact - near).abs() < 1e-3, "{exact} {near}");
}

#[test]
fn every_method_is_whole() {
    let step = |place: usize| if place < 50 { 2.0 } else { 9.0 };
    let noise = |place: usize| [0.0, 0.5, -0.25, 1.0, -0.75, 0.125][place % 6];
    let series = [
        Series::Numbers(numbers((0..100).map(|place| step(place) + noise(place)).collect())),
        Series::Counts(Counts::new((0..100).map(|place| step(place) as u64).collect()).unwrap()),
        Series::Events(
            Events::new((0..100).map(|place| step(place) as u64).collect(), vec![10; 100]).unwrap(),
        ),
    ];
    for kind in CHANGE_POINTS {
        assert_eq!(CHANGE_POINTS.iter().filter(|other| other.name == kind.name).count(), 1);
        assert!(![kind.about, kind.reference].contains(&""));
        let unknown = kind.build(&[("no_such_parameter", Value::from(1.0))]).unwrap_err().to_string();
        for parameter in kind.parameters {
            assert!(unknown.contains(parameter.name), "{unknown}");
            assert!(kind.build(&[(parameter.name, Value::from(f64::NAN))]).is_err(), "{}", parameter.name);
        }
        let method = find(kind.name).unwrap().build(&[]).unwrap();
        for series in &series {
            let found = method.find(series);
            if kind.name == "sliding-window" {
                // A window of 100 days in a series of 100 has no peak.
                assert_eq!(found.unwrap().changes, NONE);
            } else {
                assert_eq!(found.unwrap().changes, [50], "{} {series:?}", kind.name);
            }
        }
    }
    let window = find("sliding-window").unwrap().build(&[("width", Value::from(20.0))]).unwrap();
    assert_eq!(window.find(&series[0]).unwrap().changes, [50]);
}

#[test]
fn costs_refuse_series_they_are_not_for() {
    let events = Series::Events(Events::new(vec![0, 1, 0], vec![1, 2, 0]).unwrap());
    let numbers = Series::Numbers(numbers(vec![1.0, 2.0, 3.0]));
    let message = |cost: &str, series: &Series| {
        let method = find("pelt").unwrap().build(&[("cost", Value::from(cost))]).unwrap();
        method.find(series).unwrap_err().to_string()
    };
    assert_eq!(message("binomial", &numbers), "the binomial cost needs a series of events in trials");
    assert_eq!(message("poisson", &events), "the Poisson cost needs a series of counts");
    assert_eq!(
        message("l2", &events),
        "place 2 of the series has no trials, so it has no rate: use the binomial cost, or leave it out"
    );
}

#[test]
fn stops_that_contradict_or_mean_nothing_are_refused() {
    let message =
        |given: &[(&str, Value)]| find("binary-segmentation").unwrap().build(given).unwrap_err().to_string();
    assert_eq!(
        message(&[("changes", Value::from(2.0)), ("penalty", Value::from(1.0))]),
        "binary-segmentation: parameter \"changes\": only one of it and penalty can be given"
    );
    assert_eq!(
        message(&[("cost", Value::from("rbf"))]),
        "binary-segmentation: parameter \"penalty\": it must be given for the cost rbf"
    );
}

/// Every cost of a short series of numbers.
fn all_costs(series: &Numbers) -> Vec<Box<dyn Cost>> {
    vec![
        Box::new(L1::new(series)),
        Box::new(L2::new(series)),
        Box::new(Normal::new(series)),
        Box::new(Rbf::new(series).expect("the series is short")),
    ]
}

#[test]
fn a_constant_series_has_no_change() {
    let series = numbers(vec![0.1; 60]);
    let anywhere = Cuts::ANYWHERE;
    for cost in [L2::new(&series).of(0, 60), L1::new(&series).of(3, 57)] {
        assert!(cost < 1e-12, "{cost}");
    }
    assert!(close(Normal::new(&series).of(0, 60), 60.0 * 1e-6f64.ln()));
    assert_eq!(pelt(&L2::new(&series), anywhere, 1e-9, Pruning::Exact).unwrap().changes, NONE);
    assert_eq!(pelt(&L1::new(&series), anywhere, 1e-9, Pruning::Exact).unwrap().changes, NONE);
    assert_eq!(pelt(&Normal::new(&series), anywhere, 1e-9, Pruning::Exact).unwrap().changes, NONE);
    assert_eq!(binary_segmentation(&L2::new(&series), anywhere, Stop::Penalty(1e-9)).unwrap().changes, NONE);
    assert_eq!(bottom_up(&L2::new(&series), anywhere, Stop::Penalty(1.0)).unwrap().changes, NONE);
    assert_eq!(sliding_window(&L2::new(&series), anywhere, 20, Stop::Changes(3)).unwrap().changes, NONE);
}

#[test]
fn short_series_are_whole_or_refused() {
    let cuts = Cuts::new(5, 1).unwrap();
    for length in 1..=4 {
        let cost = L2::new(&numbers(vec![1.0; length]));
        let refused = ChangePointError::TooShort { length, needed: 5 };
        assert_eq!(pelt(&cost, cuts, 1.0, Pruning::Exact), Err(refused));
        assert_eq!(binary_segmentation(&cost, cuts, Stop::Penalty(1.0)), Err(refused));
        assert_eq!(bottom_up(&cost, cuts, Stop::Penalty(1.0)), Err(refused));
        assert_eq!(sliding_window(&cost, cuts, 4, Stop::Penalty(1.0)), Err(refused));
        assert_eq!(dynamic_programming(&cost, cuts, 0), Err(refused));
    }
    for length in 5..=9 {
        let values: Vec<f64> = (0..length).map(|place| if place < 4 { 0.0 } else { 100.0 }).collect();
        let cost = L2::new(&numbers(values));
        assert_eq!(
            pelt(&cost, cuts, 1.0, Pruning::Exact).unwrap().changes,
            NONE,
            "shorter than two segments"
        );
        assert_eq!(binary_segmentation(&cost, cuts, Stop::Changes(0)).unwrap().changes, NONE);
        let refused = ChangePointError::TooShort { length, needed: 10 };
        assert_eq!(binary_segmentation(&cost, cuts, Stop::Changes(1)), Err(refused));
        assert_eq!(dynamic_programming(&cost, cuts, 1), Err(refused));
    }
}

#[test]
fn bad_series_and_settings_are_named() {
    let message = |error: ChangePointError| error.to_string();
    assert_eq!(message(Numbers::new(vec![]).unwrap_err()), "the series has no values");
    assert_eq!(
        message(Numbers::new(vec![1.0, f64::NAN]).unwrap_err()),
        "value 1 of the series is NaN: numbers up to 1e100 in size are allowed"
    );
    assert!(Numbers::new(vec![f64::INFINITY]).is_err() && Numbers::new(vec![-1e101]).is_err());
    assert_eq!(
        message(Events::new(vec![1, 3], vec![2, 2]).unwrap_err()),
        "place 1 of the series has 3 events in 2 trials"
    );
    assert_eq!(
        message(Events::new(vec![1], vec![2, 2]).unwrap_err()),
        "the columns of the series have 1 and 2 values: they must be as many"
    );
    assert_eq!(
        message(Counts::with_exposures(vec![1, 1], vec![1.0, 0.0]).unwrap_err()),
        "exposure 1 of the series is 0: finite numbers above 0 are allowed"
    );
    assert_eq!(message(Cuts::new(0, 1).unwrap_err()), "min_size is 0: at least 1 is needed");
    let cost = L2::new(&numbers(vec![1.0; 9]));
    for penalty in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(matches!(
            pelt(&cost, Cuts::ANYWHERE, penalty, Pruning::Exact),
            Err(ChangePointError::Penalty { .. })
        ));
        assert!(binary_segmentation(&cost, Cuts::ANYWHERE, Stop::Budget(penalty)).is_err());
    }
    let long = numbers(vec![1.0; 4_097]);
    assert_eq!(
        message(Rbf::new(&long).unwrap_err()),
        "the series has 4097 values: at most 4096 are allowed for this cost"
    );
}

#[test]
fn the_smallest_series_work() {
    for length in 1..=3 {
        let series = numbers((0..length).map(|place| place as f64).collect());
        assert!(close(L2::new(&series).of(0, length), [0.0, 0.5, 2.0][length - 1]));
        assert!(close(L1::new(&series).of(0, length), [0.0, 1.0, 2.0][length - 1]));
        for cost in all_costs(&series) {
            assert!(cost.of(0, length).is_finite());
        }
    }
    let never = Binomial::new(&Events::new(vec![0, 0], vec![0, 0]).unwrap());
    assert_eq!(never.of(0, 2), 0.0);
}

/// A cost by its definition, in as many steps as the segment is long.
fn by_definition(values: &[f64]) -> [f64; 3] {
    let length = values.len() as f64;
    let mean = values.iter().sum::<f64>() / length;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let absolute = values.iter().map(|value| (value - median).abs()).sum();
    [absolute, squares, length * (squares / length + 1e-6).ln()]
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        prop::collection::vec(-50.0..50.0f64, 1..80),
        prop::collection::vec((-3i32..3).prop_map(f64::from), 1..80),
        prop::collection::vec((0i32..4).prop_map(|value| 1e6 + f64::from(value) / 16.0), 1..80),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn costs_of_segments_are_those_of_their_definitions(values in values(), cut in (0.0..1.0f64, 0.0..1.0f64)) {
        let series = numbers(values.clone());
        let at = |share: f64| (share * values.len() as f64) as usize;
        let (start, end) = (at(cut.0.min(cut.1)), at(cut.0.max(cut.1)) + 1);
        let expected = by_definition(&values[start..end]);
        let found = all_costs(&series);
        for (cost, expected) in found.iter().zip(expected) {
            prop_assert!((cost.of(start, end) - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{cost:?}");
        }
    }

    /// The pruning of PELT loses nothing: for the number of changes that it finds no cut is better, and no other
    /// number is better with the penalty.
    #[test]
    fn pelt_is_optimal(values in values(), penalty in 0.1..20.0f64, min_size in 1usize..5, jump in 1usize..4) {
        let series = numbers(values);
        let cost = L2::new(&series);
        let cuts = Cuts::new(min_size, jump).unwrap();
        prop_assume!(cost.length() >= min_size);
        let found = pelt(&cost, cuts, penalty, Pruning::Exact).unwrap();
        let whole = |cut: &Segmentation| cut.cost + penalty * cut.changes.len() as f64;
        let most = (cost.length() / min_size).min(12);
        let best = (0..most).filter_map(|changes| dynamic_programming(&cost, cuts, changes).ok());
        let best = best.map(|cut| whole(&cut)).fold(f64::INFINITY, f64::min);
        prop_assume!(found.changes.len() < most);
        prop_assert!((whole(&found) - best).abs() <= 1e-9 * best.max(1.0), "{} {best}", whole(&found));
    }

    /// Shifting and scaling the values, and the penalty with them, changes no cut; by absolute deviations, which many
    /// cuts share, it changes no cost.
    #[test]
    fn cuts_move_with_the_values(number in 0u64..100_000, shift in -8i32..8, scale in 0i32..4) {
        let values = input::series(number);
        let scale = f64::from(1 << scale);
        let moved = values.iter().map(|value| (value + f64::from(shift)) * scale).collect();
        let (series, moved) = (numbers(values), numbers(moved));
        let cut = |series: &Numbers, factor: f64| {
            let penalty = 9.0 * factor * factor;
            pelt(&L2::new(series), Cuts::ANYWHERE, penalty, Pruning::Exact).unwrap().changes
        };
        prop_assert_eq!(cut(&series, 1.0), cut(&moved, scale));
        let cost = |series: &Numbers, factor: f64| {
            let cut = pelt(&L1::new(series), Cuts::ANYWHERE, 5.0 * factor, Pruning::Exact).unwrap();
            cut.cost / factor + 5.0 * cut.changes.len() as f64
        };
        let (before, after) = (cost(&series, 1.0), cost(&moved, scale));
        prop_assert!(close(after, before), "{before} {after}");
    }

    /// Segments are at least as long as asked, changes lie on the grid, and no method beats the optimum.
    #[test]
    fn cuts_keep_the_rules(values in values(), min_size in 1usize..6, jump in 1usize..6, changes in 0usize..4) {
        let cost = L1::new(&numbers(values));
        let cuts = Cuts::new(min_size, jump).unwrap();
        let Ok(best) = dynamic_programming(&cost, cuts, changes) else { return Ok(()) };
        let others = [
            binary_segmentation(&cost, cuts, Stop::Changes(changes)).unwrap(),
            bottom_up(&cost, cuts, Stop::Changes(changes)).unwrap(),
            pelt(&cost, cuts, 1.0, Pruning::Exact).unwrap(),
        ];
        for cut in others.iter().chain([&best]) {
            let borders: Vec<usize> =
                [0].into_iter().chain(cut.changes.iter().copied()).chain([cost.length()]).collect();
            let shortest = borders.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
            prop_assert!(shortest >= min_size && cut.changes.iter().all(|change| change % jump == 0));
            prop_assert!(cut.changes.len() != changes || cut.cost >= best.cost - 1e-9);
        }
    }

    /// Deviances are never below 0, and a cut never raises them.
    #[test]
    fn a_cut_never_raises_a_deviance(number in 0u64..100_000, cut in 0.0..1.0f64) {
        let (events, trials) = input::counts(number);
        let middle = 1 + (cut * (events.len() - 1) as f64) as usize;
        let binomial: Box<dyn Cost> = Box::new(Binomial::new(&Events::new(events.clone(), trials).unwrap()));
        let poisson: Box<dyn Cost> = Box::new(Poisson::new(&Counts::new(events).unwrap()));
        for cost in [binomial, poisson] {
            let whole = cost.of(0, cost.length());
            let parts = cost.of_cut(&[middle.min(cost.length() - 1)]);
            prop_assert!(parts >= 0.0 && parts <= whole + 1e-9, "{parts} {whole}");
        }
    }
}
