//! Engines against a recomputation that is too plain to be wrong.

use std::sync::Arc;

use arrow_array::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::mappings::{Mapping, Measure, Metric};
use crate::sources::Memory;
use crate::sources::tests::claims::{AS_OF, Claim, Form, batch, claims, columns, forms, mapping};
use crate::summaries::log_code::log_code;
use crate::summaries::{
    Day, DayRange, Grid, Histogram, Keep, MAX_SEGMENTS, Segment, Summaries, Tally, WindowPair,
};

/// Segments that are never missing, and metrics of rows that have what they need.
const STAND_INS: &str = r#"
name = "stand-ins"
time = "submitted_date"
segments = ["payer", "reason"]
required = ["outcome"]
instead = { payer = { value = "nobody" }, reason = { column = "cpt_group", value = "NONE" } }
[[metric]]
name = "denial_rate"
kind = "rate"
present = ["amount"]
hit = { outcome = "DENIED" }
[[metric]]
name = "decision_time"
kind = "days"
present = ["amount", "reason"]
from = "submitted_date"
to = "decided_date"
[[metric]]
name = "amount"
kind = "amount"
present = ["decided_date"]
column = "amount"
"#;

fn plan_of(grid: Grid) -> Plan {
    Plan { mapping: mapping(), grid, keep: Keep::ALL }
}

fn windows() -> Grid {
    Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap())
}

fn plan() -> Plan {
    plan_of(windows().with_daily_history(45).unwrap())
}

/// A claim's columns by name.
fn text<'c>(claim: &'c Claim, column: &str) -> Option<&'c str> {
    match column {
        "payer" => claim.payer.as_deref(),
        "cpt_group" => claim.cpt_group.as_deref(),
        "outcome" => claim.outcome.as_deref(),
        "reason" => claim.reason.as_deref(),
        other => panic!("{other}"),
    }
}

/// What a claim has in a segment column, or what the mapping puts in its place.
fn segment_value(claim: &Claim, column: &str, plan: &Plan) -> Option<String> {
    let own = text(claim, column);
    let Some(instead) = plan.mapping.instead_of(column) else { return own.map(str::to_owned) };
    let other = instead.column.as_ref().and_then(|column| text(claim, column));
    let value = [own, other].into_iter().flatten().find(|text| !text.is_empty());
    Some(value.unwrap_or(&instead.value).to_owned())
}

/// The same summaries from lists of claims.
fn plain_summaries(claims: &[Claim], plan: &Plan) -> Summaries {
    let mut summaries = Summaries::empty(plan.clone());
    let grid = &plan.grid;
    for claim in claims {
        let segment = plan.mapping.segments().iter().map(|column| segment_value(claim, column, plan));
        let (Some(segment), Some(submitted), Some(_)) =
            (segment.collect::<Option<_>>(), claim.submitted, &claim.outcome)
        else {
            let is_counted = claim.submitted.is_none_or(|day| grid.span().contains(Day(day)));
            summaries.add_null_rows(u64::from(is_counted));
            continue;
        };
        let segment = Segment(segment);
        let holder = |ranges: &[DayRange]| ranges.iter().position(|range| range.contains(Day(submitted)));
        let (window, bucket) = (holder(grid.windows()), holder(grid.buckets()));
        if let Some(window) = window {
            summaries.add_rows(window, 1);
        }
        let Some(bucket) = bucket else { continue };
        for (index, metric) in plan.mapping.metrics().iter().enumerate() {
            let is_there = |column: &String| match column.as_str() {
                "amount" => claim.amount.is_some(),
                "decided_date" => claim.decided.is_some(),
                column => text(claim, column).is_some(),
            };
            if metric.among.passes(|column| text(claim, column)) && metric.present.iter().all(is_there) {
                add(&mut summaries, &segment, claim, (index, metric), (window, bucket));
            }
            let may_pass = metric.among.may_pass(|column| text(claim, column));
            if let (true, true, None, Some(window)) = (metric.has_pending, may_pass, claim.decided, window) {
                let pending = &mut summaries.segment_mut(&segment).value_mut(index).pending[window];
                *pending += &Histogram::from_counts(vec![(i64::from(submitted), 1)]);
            }
        }
    }
    summaries
}

/// Counts one claim for one metric.
fn add(
    summaries: &mut Summaries,
    segment: &Segment,
    claim: &Claim,
    (index, metric): (usize, &Metric),
    (window, bucket): (Option<usize>, usize),
) {
    let buckets = summaries.plan().grid.buckets().len();
    let windows = summaries.plan().grid.windows().len();
    let stratum = metric.strata.as_ref().and_then(|column| text(claim, column)).unwrap_or_default();
    let number = match &metric.measure {
        Measure::Days { .. } => claim.decided.zip(claim.submitted).map(|(to, from)| i64::from(to - from)),
        _ => claim.amount,
    };
    match &metric.measure {
        Measure::Rate { .. } | Measure::Volume | Measure::NullRate { .. } => {
            let is_hit = match &metric.measure {
                Measure::Rate { hit } => hit.passes(|column| text(claim, column)),
                Measure::NullRate { column } if column == "amount" => claim.amount.is_none(),
                Measure::NullRate { column } => text(claim, column).is_none(),
                _ => true,
            };
            let summary = summaries.segment_mut(segment);
            summary.tallies_mut(index, stratum, buckets)[bucket] +=
                Tally { hits: u64::from(is_hit), trials: 1 };
        }
        Measure::Mix { column } => {
            if let (Some(category), Some(window)) = (text(claim, column), window) {
                let summary = summaries.segment_mut(segment);
                *summary.categories_mut(index, window).entry(category.to_owned()).or_default() += 1;
            }
        }
        Measure::Days { .. } | Measure::Amount { .. } => {
            let Some(number) = number else { return };
            let is_days = matches!(metric.measure, Measure::Days { .. });
            let summary = summaries.segment_mut(segment);
            summary.value_mut(index).moments[bucket].add(number, 1);
            if let Some(window) = window {
                let counted = if is_days { number } else { log_code(number) };
                summary.histograms_mut(index, stratum, windows)[window] +=
                    &Histogram::from_counts(vec![(counted, 1)]);
            }
        }
    }
}

fn without_null_rows(summaries: Summaries) -> Summaries {
    let mut made = Summaries::empty(summaries.plan().clone());
    let rows = summaries.rows_per_window().to_vec();
    rows.into_iter().enumerate().for_each(|(window, rows)| made.add_rows(window, rows));
    summaries.segments().iter().for_each(|(segment, summary)| made.segment_mut(segment).merge(summary));
    made
}

fn summarize(batches: &[RecordBatch], plan: &Plan, threads: usize) -> Summaries {
    let source = Memory::new("claims", batches, &columns()).unwrap();
    Native::new(threads).unwrap().summarize(&source, plan).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_counts_what_a_plain_recount_counts(claims in claims(3_000), form in forms()) {
        let plan = plan();
        let expected = plain_summaries(&claims, &plan);
        prop_assert_eq!(summarize(&[batch(&claims, &form)], &plan, 1), expected);
        // Each day a window of its own: too many counters to have them all.
        let days = DayRange { start: Day(AS_OF.0 - 30), end: AS_OF };
        let of_days = plan_of(Grid::of_days(days).unwrap());
        let expected = plain_summaries(&claims, &of_days);
        prop_assert_eq!(summarize(&[batch(&claims, &form)], &of_days, 2), expected);
    }

    #[test]
    fn missing_segments_are_put_in_place_and_missing_columns_exclude(
        mut claims in claims(2_000),
        form in forms(),
    ) {
        claims.iter_mut().step_by(3).for_each(|claim| claim.reason = Some(String::new()));
        claims.iter_mut().step_by(4).for_each(|claim| claim.reason = None);
        claims.iter_mut().step_by(5).for_each(|claim| claim.amount = None);
        let mapping = Arc::new(Mapping::parse(STAND_INS, std::path::Path::new("tests")).unwrap());
        let source_columns = Arc::new(mapping.columns().clone());
        let plan = Plan { mapping, ..plan() };
        let source = Memory::new("claims", &[batch(&claims, &form)], &source_columns).unwrap();
        let summaries = Native::new(2).unwrap().summarize(&source, &plan).unwrap();
        prop_assert_eq!(summaries, plain_summaries(&claims, &plan));
    }

    #[test]
    fn any_split_and_any_number_of_threads_give_equal_summaries(
        mut claims in claims(3_000),
        forms in prop::collection::vec(forms(), 1..4),
        pieces in 1..40_usize,
        seed in any::<u64>(),
    ) {
        let plan = plan();
        let expected = plain_summaries(&claims, &plan);
        claims.sort_by_key(|claim| (u64::from(claim.submitted.unwrap_or(0).unsigned_abs()) + 1).wrapping_mul(seed));
        let length = claims.len().div_ceil(pieces);
        let pieces = claims.chunks(length).enumerate();
        let batches: Vec<_> = pieces.map(|(piece, claims)| batch(claims, &forms[piece % forms.len()])).collect();
        for threads in [1, 2, 7] {
            prop_assert_eq!(&summarize(&batches, &plan, threads), &expected);
        }
    }

    #[test]
    fn merging_knows_no_order(claims in claims(3_000), pieces in 1..6_usize) {
        let plan = plan();
        let length = claims.len().div_ceil(pieces);
        let parts: Vec<Summaries> = claims.chunks(length).map(|claims| plain_summaries(claims, &plan)).collect();
        let merged = |parts: &mut dyn Iterator<Item = &Summaries>| {
            parts.fold(Summaries::empty(plan.clone()), |mut whole, part| {
                whole.merge(part.clone());
                whole
            })
        };
        let forwards = merged(&mut parts.iter());
        prop_assert_eq!(&merged(&mut parts.iter().rev()), &forwards);
        prop_assert_eq!(&forwards, &plain_summaries(&claims, &plan));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn summaries_of_days_are_summaries_of_any_window(claims in claims(2_000), split in 1..44_i32) {
        let days = |start: i32, end: i32| DayRange { start: Day(AS_OF.0 + start), end: Day(AS_OF.0 + end) };
        let of_days = |start, end| plan_of(Grid::of_days(days(start, end)).unwrap());
        // Rows of no day and of days beyond are counted once, by the first part only.
        let dated: Vec<Claim> = claims.into_iter().filter(|claim| claim.submitted.is_some()).collect();
        let parts = [(-45, -split), (-split, 0)].map(|(start, end)| plain_summaries(&dated, &of_days(start, end)));
        let joined = parts[0].joined(&parts[1]).unwrap();
        prop_assert_eq!(&joined, &plain_summaries(&dated, &of_days(-45, 0)));
        for wanted in [plan(), plan_of(windows())] {
            // Nulls are counted over the days that were read.
            let expected = without_null_rows(plain_summaries(&dated, &wanted));
            prop_assert_eq!(without_null_rows(joined.regridded(&wanted).unwrap()), expected);
        }
        let less = Plan { mapping: Arc::new(mapping().only(&["denial_rate"], false).unwrap()), ..plan() };
        let made = without_null_rows(joined.regridded(&less).unwrap());
        prop_assert_eq!(made, without_null_rows(plain_summaries(&dated, &less)));
    }
}

/// One claim per segment, paid after ten days.
fn one_claim_each(payers: usize, cpt_groups: usize) -> Vec<Claim> {
    let pairs = (0..payers).flat_map(|payer| (0..cpt_groups).map(move |group| (payer, group)));
    let claim = |(payer, group)| Claim {
        payer: Some(format!("payer {payer}")),
        cpt_group: Some(format!("group {group}")),
        ..Claim::of(AS_OF.0 - 10)
    };
    pairs.map(claim).collect()
}

#[test]
fn large_dictionaries_are_counted_too() {
    // 6,000 payers, 91 groups, 1 outcome and 3 windows are 1.6 million codes: past the limit of dense tables.
    let mut claims = one_claim_each(6_000, 1);
    claims.extend(one_claim_each(1, 90));
    let form = Form::plain();
    let plan = plan();
    assert_eq!(summarize(&[batch(&claims, &form)], &plan, 2), plain_summaries(&claims, &plan));
}

#[test]
fn a_dictionary_that_changes_between_batches_changes_what_codes_mean() {
    use arrow_array::{ArrayRef, Date32Array, DictionaryArray, StringArray, UInt8Array, types::UInt8Type};
    let payers: ArrayRef = Arc::new(StringArray::from(vec!["A", "B"]));
    let orders = [["PAID", "DENIED"], ["DENIED", "PAID"]]
        .map(|order| Arc::new(StringArray::from(order.to_vec())) as ArrayRef);
    let coded = |values: &ArrayRef| -> ArrayRef {
        Arc::new(DictionaryArray::<UInt8Type>::new(UInt8Array::from(vec![0, 1, 1]), Arc::clone(values)))
    };
    let days = |day| Arc::new(Date32Array::from(vec![day; 3])) as ArrayRef;
    let batches = orders.map(|outcomes| {
        let columns = [
            ("payer", coded(&payers)),
            ("cpt_group", coded(&payers)),
            ("submitted_date", days(AS_OF.0 - 3)),
            ("decided_date", days(AS_OF.0)),
            ("outcome", coded(&outcomes)),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    });
    let mapping = Arc::new(mapping().only(&["denial_rate", "decision_time"], false).unwrap());
    let plan = Plan { mapping: Arc::clone(&mapping), ..plan_of(windows()) };
    let source = Memory::new("claims", &batches, &Arc::new(mapping.columns().clone())).unwrap();
    let summaries = Native::new(1).unwrap().summarize(&source, &plan).unwrap();
    let tallies: Vec<Tally> =
        summaries.views().map(|segment| segment.tally(0, Grid::CURRENT).unwrap()).collect();
    assert_eq!(tallies, [Tally { hits: 1, trials: 2 }, Tally { hits: 2, trials: 4 }]);
}

#[test]
fn too_many_segments_are_refused() {
    let form = Form::plain();
    let source = |payers, groups| {
        let batches = [batch(&one_claim_each(payers, groups), &form)];
        Memory::new("claims", &batches, &columns()).unwrap()
    };
    let plan = plan_of(windows());
    let engine = Native::new(1).unwrap();
    let fits = engine.summarize(&source(MAX_SEGMENTS / 2, 2), &plan).unwrap();
    assert_eq!(fits.segments().len(), MAX_SEGMENTS);
    let refused = engine.summarize(&source(MAX_SEGMENTS / 2 + 1, 2), &plan).unwrap_err();
    assert!(refused.to_string().contains("more than 65536 segments"), "{refused}");
    assert_eq!(refused.exit_code(), crate::ExitCode::BadInput);
}

#[test]
fn the_limit_of_segments_is_that_of_all_threads_together() {
    // Two partitions, each within the limit, and not more than one to a thread.
    let claims = one_claim_each(MAX_SEGMENTS / 2 + 1, 2);
    let batches: Vec<_> =
        claims.chunks(MAX_SEGMENTS / 2 + 1).map(|claims| batch(claims, &Form::plain())).collect();
    let source = Memory::new("claims", &batches, &columns()).unwrap();
    let plan = plan_of(windows());
    for threads in [1, 2] {
        assert!(Native::new(threads).unwrap().summarize(&source, &plan).is_err());
    }
    let elsewhere = plan_of(Grid::of_windows(WindowPair::before(Day(AS_OF.0 - 20), 30, 7).unwrap()));
    let summaries = Native::new(1).unwrap().summarize(&source, &elsewhere).unwrap();
    assert!(summaries.segments().is_empty(), "segments outside of the grid do not count");
}

#[test]
fn impossible_thread_counts_are_refused() {
    for threads in [0, 1_025, usize::MAX] {
        let refused = Native::new(threads).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("--threads {threads}: 1 to 1024")), "{refused}");
    }
}
