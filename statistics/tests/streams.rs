//! The detectors of streams against river, and against what must hold for any of them.
//!
//! `tests/reference/streams.json` has river's alarms; `tests/reference/streams.py` made it and names the versions.

#[path = "reference/streams_input.rs"]
mod input;

use driftforge_statistics::parameters::{Given, Value};
use driftforge_statistics::streams::{Adwin, Data, STREAMS, Signal, Stream, check_values, find};
use input::{Words, stream};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Reference {
    versions: BTreeMap<String, String>,
    streams: u64,
    detectors: Vec<Detector>,
    adwin_states: Vec<(u64, usize, f64, f64, f64, f64)>,
    newer: Newer,
}

/// What a newer river says otherwise.
#[derive(Deserialize)]
struct Newer {
    river: String,
    detectors: Vec<Detector>,
}

/// River's alarms of one detector with one set of parameters, on every `step`-th stream.
#[derive(Deserialize)]
struct Detector {
    name: String,
    given: BTreeMap<String, Setting>,
    step: usize,
    alarms: Vec<Vec<usize>>,
    /// The number of warnings without an alarm, and the sum of their indexes.
    warnings: Vec<(usize, usize)>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Setting {
    Number(f64),
    Word(String),
}

impl Detector {
    fn given(&self) -> Vec<Given<'_>> {
        let value = |setting: &Setting| match setting {
            Setting::Number(number) => Value::Number(*number),
            Setting::Word(word) => Value::Word(word.clone()),
        };
        self.given.iter().map(|(name, setting)| (name.as_str(), value(setting))).collect()
    }
}

fn reference() -> Reference {
    let reference: Reference =
        serde_json::from_str(include_str!("reference/streams.json")).expect("the file is whole");
    assert_eq!((reference.versions["river"].as_str(), reference.newer.river.as_str()), ("0.23.0", "0.26.1"));
    reference
}

/// The alarms, and the number and sum of the indexes with a warning.
fn run(detector: &mut dyn Stream, values: &[f64]) -> (Vec<usize>, (usize, usize)) {
    let (mut alarms, mut warnings) = (Vec::new(), (0, 0));
    for (index, &value) in values.iter().enumerate() {
        match detector.update(value) {
            Signal::Drift => alarms.push(index),
            Signal::Warning => warnings = (warnings.0 + 1, warnings.1 + index),
            Signal::Quiet => (),
        }
    }
    (alarms, warnings)
}

#[test]
fn alarms_and_warnings_are_river_s() {
    let reference = reference();
    let streams: Vec<_> = (0..reference.streams).map(stream).collect();
    let mut compared = BTreeMap::new();
    for expected in reference.detectors.iter().chain(&reference.newer.detectors) {
        let given = expected.given();
        let mut detector = find(&expected.name).unwrap().build(&given).unwrap();
        let chosen = streams.iter().step_by(expected.step);
        assert_eq!(chosen.len(), expected.alarms.len());
        for (number, values) in chosen.enumerate() {
            detector.reset();
            let (alarms, warnings) = run(&mut *detector, values);
            let place = || format!("{} {given:?}, stream {}", expected.name, number * expected.step);
            assert_eq!(alarms, expected.alarms[number], "{}", place());
            assert_eq!(warnings, expected.warnings[number], "{}", place());
        }
        *compared.entry(&expected.name).or_insert(0) += expected.alarms.len();
    }
    assert!(compared.values().all(|&cases| cases >= 200), "{compared:?}");
}

#[test]
fn the_state_of_adwin_is_river_s() {
    let reference = reference();
    let settings: Vec<_> = reference.detectors.iter().filter(|detector| detector.name == "adwin").collect();
    let close = |found: f64, expected: f64| (found - expected).abs() <= 1e-9 * expected.abs();
    let mut states = reference.adwin_states.iter().peekable();
    for number in 0..reference.streams {
        let mut adwin = Adwin::new(&settings[number as usize % settings.len()].given()).unwrap();
        for (index, &value) in stream(number).iter().enumerate() {
            adwin.update(value);
            let Some(&state) = states.next_if(|state| (state.0, state.1) == (number, index)) else {
                continue;
            };
            let (_, _, width, total, deviations, estimation) = state;
            assert_eq!(adwin.width(), width, "stream {number}, value {index}");
            let estimate = adwin.estimation().unwrap();
            assert!(
                close(adwin.total(), total)
                    && close(adwin.squared_deviations(), deviations)
                    && close(estimate, estimation),
                "stream {number}, value {index}: {adwin:?}, expected {state:?}"
            );
        }
    }
    assert_eq!(states.next(), None);
}

#[test]
fn every_kind_is_whole() {
    for kind in STREAMS {
        let same_name = STREAMS.iter().filter(|other| other.name == kind.name);
        assert_eq!(same_name.count(), 1, "{} is there twice", kind.name);
        assert!(![kind.about, kind.reference].contains(&""));
        let mut detector = kind.build(&[]).unwrap();
        assert_eq!(detector.update(1.0), Signal::Quiet, "{}", kind.name);
        let unknown = kind.build(&[("no_such_parameter", Value::from(1.0))]).unwrap_err().to_string();
        for parameter in kind.parameters {
            assert!(unknown.contains(parameter.name), "{unknown}");
            assert!(kind.build(&[(parameter.name, Value::from(f64::NAN))]).is_err(), "{}", parameter.name);
        }
    }
}

#[test]
fn parameters_that_contradict_one_another_are_refused() {
    let refused = |name: &str, given: &[Given<'_>]| find(name).unwrap().build(given).unwrap_err().to_string();
    assert_eq!(
        refused("eddm", &[("alpha", Value::from(0.5))]),
        "eddm: parameter \"alpha\": 0.5 is below beta, which is 0.9"
    );
    assert_eq!(
        refused("fhddm", &[("short_window_size", Value::from(101.0))]),
        "fhddm: parameter \"short_window_size\": 101 is more than sliding_window_size, which is 100"
    );
    assert_eq!(
        refused("kswin", &[("stat_size", Value::from(51.0))]),
        "kswin: parameter \"stat_size\": 51 is more than half of window_size, which is 100"
    );
    assert_eq!(
        refused("kswin", &[("stat_size", Value::from(5.0))]),
        "kswin: parameter \"alpha\": no two samples of 5 values differ at the level 0.005"
    );
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    assert_eq!(check_values(Data::Real, &[0.5, -3.0]), Ok(()));
    let message = |data, values: &[f64]| check_values(data, values).unwrap_err().to_string();
    assert_eq!(
        message(Data::Real, &[0.0, f64::NAN]),
        "value 1 of the stream is NaN, which is not a finite number"
    );
    assert_eq!(
        message(Data::Real, &[f64::INFINITY]),
        "value 0 of the stream is inf, which is not a finite number"
    );
    assert_eq!(message(Data::Events, &[1.0, 0.0, 0.5]), "value 2 of the stream is 0.5, which is not 0 or 1");
}

#[test]
fn no_value_makes_a_detector_panic() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324, -0.0, 2.0, -1.0];
    let mut words = Words::new(1);
    let values: Vec<f64> = (0..5_000).map(|_| odd[words.below(odd.len() as u64)]).collect();
    for kind in STREAMS {
        kind.build(&[]).unwrap().alarms(&values);
    }
}

#[test]
fn adwin_keeps_logarithmically_many_buckets() {
    let mut adwin = Adwin::new(&[]).unwrap();
    assert_eq!(adwin.alarms(&vec![1.0; 1_000_000]), [] as [usize; 0]);
    assert_eq!((adwin.width(), adwin.total(), adwin.squared_deviations()), (1e6, 1e6, 0.0));
    // 6 places for each of 18 rows, the largest of 2^17 values: more would be written in the text of the state.
    assert!(format!("{adwin:?}").matches("1.0").count() < 1_000);
}

#[test]
fn adwin_of_the_paper_keeps_the_newer_part() {
    let values: Vec<f64> = (0..2_000).map(|index| f64::from(u8::from(index >= 1_000))).collect();
    let mut adwin = Adwin::new(&[("after_drift", Value::from("keep"))]).unwrap();
    let first = adwin.first_alarm(&values).unwrap();
    assert!((1_000..1_064).contains(&first), "{first}");
    assert!(adwin.width() < first as f64);
    adwin.update(1.0);
    assert!(adwin.width() > 1.0, "it has started again");
}

/// The mean number of values to an alarm of a detector that knows the process, over many runs.
fn mean_run_length(name: &str, extra: &[Given<'_>], shift: f64, runs: usize) -> f64 {
    let mut given = vec![("mean", Value::from(0.0)), ("deviation", Value::from(1.0))];
    given.extend(extra.iter().cloned());
    let mut detector = find(name).expect("it is known").build(&given).expect("the parameters are allowed");
    let mut words = Words::new(7);
    let (mut read, mut alarms) = (0, 0);
    while alarms < runs {
        read += 1;
        alarms += usize::from(detector.update(words.normal() + shift) == Signal::Drift);
    }
    read as f64 / runs as f64
}

/// Montgomery, table 9.3, for a slack of a half; Lucas and Saccucci 1990, table 3, for a weight of 0.1 (whose limits are
/// those of a chart that has run for long, so that ours, exact from the first value, are a little quicker).
#[test]
fn control_charts_run_as_long_as_published() {
    let near = |found: f64, published: f64| {
        assert!((found / published - 1.0).abs() < 0.1, "{found}, published {published}");
    };
    near(mean_run_length("cusum", &[], 0.0, 1_000), 465.0);
    near(mean_run_length("cusum", &[("threshold", Value::from(4.0))], 0.0, 1_000), 168.0);
    near(mean_run_length("cusum", &[], 1.0, 1_000), 10.4);
    near(mean_run_length("cusum", &[("threshold", Value::from(4.0))], 2.0, 1_000), 3.34);
    near(mean_run_length("ewma", &[], 0.0, 1_000), 500.0);
    let quick = mean_run_length("ewma", &[], -1.0, 1_000);
    assert!((8.0..=10.3).contains(&quick), "{quick}, published 10.3");
}

/// The test that KSWIN makes at its first full window has its exact level, and finds a shift soon.
#[test]
fn kswin_keeps_its_level_and_finds_shifts() {
    let mut words = Words::new(11);
    let mut normal = |shift: f64| words.normal() + shift;
    let (windows, mut alarms, mut found) = (20_000, 0, 0);
    let mut kswin = find("kswin").unwrap().build(&[]).unwrap();
    for _ in 0..windows {
        kswin.reset();
        alarms += (0..100).filter(|_| kswin.update(normal(0.0)) == Signal::Drift).count();
    }
    // scipy 1.17.1: ks_2samp of 30 and 30 values, exact, D = 14/30: p = 0.0025300622; D = 13/30: p = 0.0065483964.
    let expected = 0.002_530_062_2 * f64::from(windows);
    let deviation = (alarms as f64 - expected).abs() / expected.sqrt();
    assert!(deviation < 4.0, "{alarms} alarms in {windows} windows, expected {expected}");
    for _ in 0..200 {
        kswin.reset();
        let before: Vec<f64> = (0..100).map(|_| normal(0.0)).collect();
        let after: Vec<f64> = (0..60).map(|_| normal(2.0)).collect();
        found += usize::from(kswin.first_alarm(&before).is_none() && kswin.first_alarm(&after).is_some());
    }
    assert!(found > 195, "{found} of 200 shifts");
}

#[test]
fn kswin_is_made_of_its_seed() {
    let values = stream(41);
    let alarms = |seed: f64| {
        let given = [("seed", Value::from(seed)), ("alpha", Value::from(0.05))];
        find("kswin").unwrap().build(&given).unwrap().alarms(&values)
    };
    assert_eq!(alarms(1.0), alarms(1.0));
    assert!((2..9).any(|seed| alarms(f64::from(seed)) != alarms(1.0)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// In whatever pieces a stream comes, and whatever was read before a reset: the alarms are the same.
    #[test]
    fn alarms_do_not_depend_on_the_cut_of_the_stream(number in 0u64..10_000, cut in 0.0..1.0f64) {
        let values = stream(2 * number);
        let cut = (cut * values.len() as f64) as usize;
        for kind in STREAMS {
            let mut detector = kind.build(&[]).unwrap();
            let whole = detector.alarms(&values);
            prop_assert_eq!(whole.first().copied(), kind.build(&[]).unwrap().first_alarm(&values));
            detector.reset();
            let mut pieces = detector.alarms(&values[..cut]);
            pieces.extend(detector.alarms(&values[cut..]).iter().map(|index| index + cut));
            prop_assert_eq!(&whole, &pieces, "{}", kind.name);
        }
    }

    /// The check runs on means and deviations, so negating all values changes nothing.
    #[test]
    fn adwin_does_not_care_for_the_sign(number in 0u64..10_000) {
        let values = stream(number);
        let negated: Vec<f64> = values.iter().map(|value| -value).collect();
        let alarms = |values: &[f64]| Adwin::new(&[]).unwrap().alarms(values);
        prop_assert_eq!(alarms(&values), alarms(&negated));
    }
}
