//! The truth about the drift, held against the data: both must come from the same function.
//!
//! Every drift is measured in three spans: the baseline window, the current window, and from its own first day to
//! its last, for which the spec's windows are moved there.

use crate::statistics::{TOLERANCE, from_count, from_median, from_rate, median};
use crate::table::{Table, Texts};
use crate::{column, number, plan, spec};
use driftforge_generators::{DriftTruth, Parameter, SHAPES, Spec, Truth, What};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// So many that 2 points of a payer's denial rate stand out, and 5 % of its volume.
const RECORDS: u64 = 2_000_000;

/// Half-open, in days since 1970-01-01.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i32,
    end: i32,
}

/// The data of one plan, with what the spec says about its columns.
struct Data {
    spec: Spec,
    table: Table,
    submitted: Vec<Option<i32>>,
}

impl Data {
    fn drifted() -> &'static Self {
        static DATA: OnceLock<Data> = OnceLock::new();
        DATA.get_or_init(|| Self::new(true))
    }

    fn new(drift: bool) -> Self {
        let spec = spec();
        let plan = plan(&spec, RECORDS, drift);
        let names = measured_columns(&spec);
        let table = Table::projected(&plan, names.iter().map(String::as_str));
        let submitted = table.days("submitted_date");
        Self { spec, table, submitted }
    }

    /// The rows of the drift's segment on the days of `span`.
    fn rows(&self, drift: &DriftTruth, span: Span) -> Vec<usize> {
        let segment: Vec<(Texts, &Vec<String>)> =
            drift.segment.iter().map(|(name, values)| (self.table.texts(name), values)).collect();
        let within = |row: &usize| {
            let is_named = |(texts, values): &(Texts, &Vec<String>)| {
                texts.get(*row).is_some_and(|text| values.iter().any(|value| value == text))
            };
            self.submitted[*row].is_some_and(|day| (span.start..span.end).contains(&day))
                && segment.iter().all(is_named)
        };
        (0..self.table.row_count()).filter(within).collect()
    }

    /// How far the data is from `value` of the drift's parameter, in standard errors.
    fn distance(&self, drift: &DriftTruth, span: Span, value: f64) -> f64 {
        let rows = self.rows(drift, span);
        let keys = column(&self.spec, &drift.column);
        let kind = keys["kind"].as_str();
        match drift.what {
            What::Rate => self.from_rate(drift, &rows, value),
            What::NullRate => {
                let column = self.table.column(&drift.column);
                from_rate(rows.iter().filter(|row| column.is_null(**row)).count(), rows.len(), value)
            }
            What::Mix => self.from_mix(drift, &rows, value),
            What::Delay => self.from_delay(drift, &rows, value),
            What::Amount if kind == Some("share") => self.from_share(drift, &rows, value),
            What::Amount => {
                let cents = self.table.cents(&drift.column);
                from_median(&rows.iter().filter_map(|row| cents[*row]).collect::<Vec<i64>>(), value * 100.0)
            }
            What::Volume => from_count(rows.len(), value * f64::from(span.end - span.start), 0.0),
        }
    }

    fn from_rate(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let happened: Vec<Option<bool>> = match (keys.get("yes"), keys.get("no")) {
            (Some(yes), Some(no)) => {
                let texts = self.table.texts(&drift.column);
                let event = |row: &usize| match texts.get(*row) {
                    text if text == yes.as_str() => Some(true),
                    text if text == no.as_str() => Some(false),
                    _ => None,
                };
                rows.iter().map(event).collect()
            }
            _ => {
                let flags = self.table.flags(&drift.column);
                rows.iter().map(|row| flags[*row]).collect()
            }
        };
        let counted = happened.iter().flatten().count();
        from_rate(happened.iter().filter(|event| **event == Some(true)).count(), counted, value)
    }

    /// A mix is measured by the values that the drift favours, or if there are none, by those it discourages.
    fn from_mix(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let weights = drift.effect.weights.as_ref().expect("a mix drift has weights");
        let favours = weights.values().any(|weight| *weight > 1.0);
        let named = |text: &str| weights.get(text).is_some_and(|weight| !favours || *weight > 1.0);
        let texts = self.table.texts(&drift.column);
        let values: Vec<&str> = rows.iter().filter_map(|row| texts.get(*row)).collect();
        from_rate(values.iter().filter(|text| named(text)).count(), values.len(), value)
    }

    fn from_delay(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let (from, to) =
            (self.table.days(keys["from"].as_str().expect("a name")), self.table.days(&drift.column));
        let days = rows.iter().filter_map(|row| Some(i64::from((to[*row]? - from[*row]?).abs())));
        from_median(&days.collect::<Vec<i64>>(), value)
    }

    /// The mean of the medians of the cells, with each day of each cell as a cell of its own: on one day, a
    /// shape that does not mix rows has one strength.
    fn from_share(&self, drift: &DriftTruth, rows: &[usize], value: f64) -> f64 {
        let keys = column(&self.spec, &drift.column);
        let (whole, part) =
            (self.table.cents(keys["of"].as_str().expect("a name")), self.table.cents(&drift.column));
        let cell_columns: Vec<Texts> = effect_columns(keys).map(|name| self.table.texts(name)).collect();
        let mut cells: BTreeMap<(Option<i32>, Vec<Option<u16>>), Vec<f64>> = BTreeMap::new();
        for row in rows {
            let (Some(whole), Some(part)) = (whole[*row], part[*row]) else { continue };
            let cell = cell_columns.iter().map(|texts| texts.codes[*row]).collect();
            cells.entry((self.submitted[*row], cell)).or_default().push(part as f64 / whole as f64);
        }
        let count = cells.values().map(Vec::len).sum::<usize>() as f64;
        let mean = cells.values_mut().map(|shares| shares.len() as f64 * median(shares)).sum::<f64>() / count;
        // The standard error of a normal sample's median is √(π/2) σ/√n; a logit's σ is m (1 − m) σ of the share.
        let error = (std::f64::consts::FRAC_PI_2 / count).sqrt()
            * number(keys, &["sigma"], 0.0)
            * value
            * (1.0 - value);
        (mean - value).abs() / error
    }
}

fn effect_columns(keys: &toml::Table) -> impl Iterator<Item = &str> {
    keys.get("effects")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|effects| effects.keys().map(String::as_str))
}

/// What the parameters of all drifts are measured by.
fn measured_columns(spec: &Spec) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["submitted_date".to_owned(), "payer".to_owned(), "cpt_group".to_owned()]);
    for drift in &spec.drifts {
        let keys = column(spec, &drift.column);
        let read = ["from", "of"].into_iter().filter_map(|key| keys.get(key)?.as_str());
        let read = read.chain(effect_columns(keys)).chain(drift.segment.keys().map(String::as_str));
        names.extend(read.chain([drift.column.as_str()]).map(str::to_owned));
    }
    names
}

fn truth() -> Truth {
    plan(&spec(), RECORDS, true).truth()
}

fn parameter(drift: &DriftTruth) -> &Parameter {
    drift.parameter.as_ref().unwrap_or_else(|| panic!("{}: its true parameter is unknown", drift.id))
}

fn windows(truth: &Truth) -> [Span; 2] {
    let windows = truth.windows;
    let span = |start: chrono::NaiveDate, end: chrono::NaiveDate| Span {
        start: start.to_epoch_days(),
        end: end.to_epoch_days(),
    };
    [span(windows.baseline_start, windows.baseline_end), span(windows.current_start, windows.current_end)]
}

/// The truth about a drift over its own span: of a spec whose windows are moved there.
fn over_own_span(drift: &DriftTruth, as_of: i32) -> (Span, f64) {
    let span = Span { start: drift.start.to_epoch_days(), end: drift.end.to_epoch_days() };
    let mut spec = spec();
    let length_days = (span.end - span.start) as u32;
    let ends_at_as_of = span.end == as_of;
    spec.dataset.current_days = if ends_at_as_of { length_days } else { (as_of - span.end) as u32 };
    spec.dataset.baseline_days = if ends_at_as_of { 1 } else { length_days };
    let truth = plan(&spec, RECORDS, true).truth();
    let same = truth.drifts.iter().find(|other| other.id == drift.id).expect("the same drifts");
    let parameter = parameter(same);
    (span, if ends_at_as_of { parameter.current } else { parameter.baseline })
}

#[test]
fn the_data_has_the_true_parameters() {
    let (truth, data) = (truth(), Data::drifted());
    let mut wrong = Vec::new();
    for drift in &truth.drifts {
        let [baseline, current] = windows(&truth);
        let parameter = parameter(drift);
        let own = over_own_span(drift, truth.as_of.to_epoch_days());
        for (span, value) in [(baseline, parameter.baseline), (current, parameter.current), own] {
            let distance = data.distance(drift, span, value);
            if distance.is_nan() || distance.abs() >= TOLERANCE {
                wrong.push(format!("{} {span:?}: {distance:.1} standard errors from {value}", drift.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn without_drift_the_data_has_the_undrifted_parameters() {
    let (truth, data) = (truth(), Data::new(false));
    let [_, current] = windows(&truth);
    for drift in &truth.drifts {
        let value = parameter(drift).undrifted;
        let distance = match drift.what {
            // A dataset has the same number of rows with drift and without: where a volume drift adds rows, all
            // other days have some fewer.
            What::Volume => {
                let expected = value * f64::from(current.end - current.start);
                from_count(data.rows(drift, current).len(), expected, 0.005 * expected)
            }
            _ => data.distance(drift, current, value),
        };
        assert!(distance.abs() < TOLERANCE, "{}: {distance:.1} standard errors from {value}", drift.id);
    }
}

/// The proof needs power: over its own span, the data must be far from what it would be without the drift.
#[test]
fn every_drift_shows_in_the_data() {
    let (truth, data) = (truth(), Data::drifted());
    for drift in &truth.drifts {
        let (span, _) = over_own_span(drift, truth.as_of.to_epoch_days());
        let distance = data.distance(drift, span, parameter(drift).undrifted);
        assert!(distance.abs() > 2.0, "{}: only {distance:.1} standard errors from no drift", drift.id);
    }
}

#[test]
fn the_truth_counts_the_rows() {
    let (truth, data) = (truth(), Data::drifted());
    let [baseline, current] = windows(&truth);
    let mut wrong = Vec::new();
    for drift in &truth.drifts {
        let rows = drift.rows.unwrap_or_else(|| panic!("{}: its rows are unknown", drift.id));
        let (own, _) = over_own_span(drift, truth.as_of.to_epoch_days());
        let mixes = drift.shape["kind"].as_str() == Some("gradual");
        let touched = |row: &usize| {
            let day = data.submitted[*row].map_or(0, |day| (day - own.start) as usize);
            if mixes { drift.strengths[day] } else { f64::from(drift.strengths[day] > 0.0) }
        };
        let touched: f64 = data.rows(drift, own).iter().map(touched).sum();
        let counts = [
            ("segment_baseline", data.rows(drift, baseline).len(), rows.segment_baseline),
            ("segment_current", data.rows(drift, current).len(), rows.segment_current),
            ("touched", touched.round() as usize, rows.touched),
        ];
        for (name, counted, expected) in counts {
            let distance = from_count(counted, expected, 1.0);
            if distance >= TOLERANCE {
                wrong.push(format!("{} {name}: {counted}, not {expected}", drift.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn drifts_differ_in_metric_shape_size_and_segment() {
    let drifts = truth().drifts;
    assert!(drifts.len() >= 8);
    let metrics: BTreeSet<&str> = drifts.iter().map(|drift| drift.what.name()).collect();
    assert_eq!(metrics.len(), 6, "{metrics:?}");
    let shapes: BTreeSet<&str> = drifts.iter().filter_map(|drift| drift.shape["kind"].as_str()).collect();
    assert_eq!(shapes, SHAPES.iter().map(|shape| shape.name).collect());
    let segments: BTreeSet<Vec<&str>> =
        drifts.iter().map(|drift| drift.segment.keys().map(String::as_str).collect()).collect();
    let expected = [vec![], vec!["cpt_group"], vec!["cpt_group", "payer"], vec!["payer"]];
    assert_eq!(segments, BTreeSet::from(expected));
    assert!(drifts.iter().all(|drift| !drift.about.is_empty()));
}

/// What the payer rule reports, by its default limits: 5 points or half of the denial rate, 3 days or half of
/// the median decision time.
fn rule_finds(drift: &DriftTruth) -> bool {
    let Parameter { baseline, current, .. } = parameter(drift);
    let change = (current - baseline).abs();
    let least = match drift.column.as_str() {
        "outcome" => 0.05,
        "decided_date" => 3.0,
        _ => return false,
    };
    change >= least || change >= 0.5 * baseline
}

#[test]
fn some_drifts_are_for_the_payer_rule_and_some_are_not() {
    let drifts = truth().drifts;
    let found: Vec<&str> =
        drifts.iter().filter(|drift| rule_finds(drift)).map(|drift| drift.id.as_str()).collect();
    assert!(found.len() >= 4, "{found:?}");
    let same = |drift: &&DriftTruth| {
        let Parameter { undrifted, baseline, current, .. } = parameter(drift);
        (current - baseline).abs() < 0.01 * undrifted
    };
    let same: Vec<&str> = drifts.iter().filter(same).map(|drift| drift.id.as_str()).collect();
    assert!(same.len() >= 3, "{same:?}");
    let below = drifts.len() - found.len() - same.len();
    assert!(below >= 2, "found {found:?}, the same in both windows {same:?}");
}

/// With fewer claims than this in a window, the payer rule looks at no segment.
#[test]
fn segments_that_the_payer_rule_should_find_are_large_enough() {
    const MIN_VOLUME: usize = 30;
    let (truth, data) = (truth(), Data::drifted());
    let groups = data.table.texts("cpt_group");
    for drift in truth.drifts.iter().filter(|drift| rule_finds(drift)) {
        for span in windows(&truth) {
            let mut claims: BTreeMap<Option<&str>, usize> = BTreeMap::new();
            data.rows(drift, span).iter().for_each(|row| *claims.entry(groups.get(*row)).or_default() += 1);
            // 3.5 % of the claims are neither paid nor denied.
            let small = claims.iter().find(|(_, claims)| **claims < MIN_VOLUME + 10);
            assert!(small.is_none(), "{} {span:?}: {small:?}", drift.id);
        }
    }
}
