//! Engines against a recomputation that is too plain to be wrong.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::sources::tests::claims::{AS_OF, Claim, Form, batch, claims, forms};
use crate::sources::{ColumnNames, Memory};
use crate::summaries::{
    Day, DayRange, DelayHistogram, MAX_SEGMENTS, Outcome, OutcomeCounts, Segment, WindowPair,
};

fn grid() -> Grid {
    let days = DayRange { start: Day(AS_OF.0 - 45), end: Day(AS_OF.0 - 5) };
    Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap()).with_daily_buckets(days).unwrap()
}

/// The same summaries from lists of claims.
fn plain_summaries(claims: &[Claim], grid: &Grid) -> Summaries {
    let mut delays: BTreeMap<(Segment, usize, Outcome), Vec<i64>> = BTreeMap::new();
    let mut buckets: BTreeMap<(Segment, usize), OutcomeCounts> = BTreeMap::new();
    let mut summaries = Summaries::empty(grid.clone());
    for claim in claims {
        let (Some(payer), Some(cpt_group), Some(submitted), Some(decided), Some(outcome)) =
            (&claim.payer, &claim.cpt_group, claim.submitted, claim.decided, &claim.outcome)
        else {
            let is_counted = claim.submitted.is_none_or(|day| grid.span().contains(Day(day)));
            summaries.add_null_rows(u64::from(is_counted));
            continue;
        };
        let segment = Segment { payer: payer.clone(), cpt_group: cpt_group.clone() };
        let outcome = Outcome::from_text(outcome);
        let holder = |ranges: &[DayRange]| ranges.iter().position(|range| range.contains(Day(submitted)));
        if let Some(window) = holder(grid.windows()) {
            delays
                .entry((segment.clone(), window, outcome))
                .or_default()
                .push(i64::from(decided - submitted));
        }
        if let Some(bucket) = holder(grid.buckets()) {
            buckets.entry((segment, bucket)).or_default().add(outcome, 1);
        }
    }
    for ((segment, window, outcome), days) in delays {
        let counts = days.into_iter().map(|days| (days, 1)).collect();
        summaries.segment_mut(segment).windows[window].delays[outcome.index()] =
            DelayHistogram::from_counts(counts);
    }
    for ((segment, bucket), counts) in buckets {
        summaries.segment_mut(segment).buckets[bucket] = counts;
    }
    summaries
}

fn summarize(batches: &[RecordBatch], grid: &Grid, threads: usize) -> Summaries {
    let source = Memory::new("claims", batches, &ColumnNames::default()).unwrap();
    Native::new(threads).unwrap().summarize(&source, grid).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_engine_counts_what_a_plain_recount_counts(claims in claims(3_000), form in forms()) {
        let grid = grid();
        let expected = plain_summaries(&claims, &grid);
        prop_assert_eq!(summarize(&[batch(&claims, &form)], &grid, 1), expected);
    }

    #[test]
    fn any_split_and_any_number_of_threads_give_equal_summaries(
        mut claims in claims(3_000),
        forms in prop::collection::vec(forms(), 1..4),
        pieces in 1..40_usize,
        seed in any::<u64>(),
    ) {
        let grid = grid();
        let expected = plain_summaries(&claims, &grid);
        claims.sort_by_key(|claim| (u64::from(claim.submitted.unwrap_or(0).unsigned_abs()) + 1).wrapping_mul(seed));
        let length = claims.len().div_ceil(pieces);
        let pieces = claims.chunks(length).enumerate();
        let batches: Vec<_> = pieces.map(|(piece, claims)| batch(claims, &forms[piece % forms.len()])).collect();
        for threads in [1, 2, 7] {
            prop_assert_eq!(&summarize(&batches, &grid, threads), &expected);
        }
    }

    #[test]
    fn merging_knows_no_order(claims in claims(3_000), pieces in 1..6_usize) {
        let grid = grid();
        let length = claims.len().div_ceil(pieces);
        let parts: Vec<Summaries> = claims.chunks(length).map(|claims| plain_summaries(claims, &grid)).collect();
        let merged = |parts: &mut dyn Iterator<Item = &Summaries>| {
            parts.fold(Summaries::empty(grid.clone()), |mut whole, part| {
                whole.merge(part.clone());
                whole
            })
        };
        let forwards = merged(&mut parts.iter());
        prop_assert_eq!(&merged(&mut parts.iter().rev()), &forwards);
        prop_assert_eq!(&forwards, &plain_summaries(&claims, &grid));
    }
}

/// One claim per segment, paid after ten days.
fn one_claim_each(payers: usize, cpt_groups: usize) -> Vec<Claim> {
    let pairs = (0..payers).flat_map(|payer| (0..cpt_groups).map(move |group| (payer, group)));
    let claim = |(payer, group)| Claim {
        payer: Some(format!("payer {payer}")),
        cpt_group: Some(format!("group {group}")),
        submitted: Some(AS_OF.0 - 10),
        decided: Some(AS_OF.0),
        outcome: Some("PAID".into()),
    };
    pairs.map(claim).collect()
}

#[test]
fn large_dictionaries_are_counted_too() {
    // 6,000 payers, 91 groups, 1 outcome and 3 windows are 1.6 million codes: past the limit of dense tables.
    let mut claims = one_claim_each(6_000, 1);
    claims.extend(one_claim_each(1, 90));
    let form = Form::plain();
    let grid = grid();
    assert_eq!(summarize(&[batch(&claims, &form)], &grid, 2), plain_summaries(&claims, &grid));
}

#[test]
fn a_dictionary_that_changes_between_batches_changes_what_codes_mean() {
    use arrow_array::{ArrayRef, Date32Array, DictionaryArray, StringArray, UInt8Array, types::UInt8Type};
    use std::sync::Arc;
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
    let grid = Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap());
    let summaries = summarize(&batches, &grid, 1);
    let counts: Vec<(u64, u64)> = summaries
        .segments()
        .values()
        .map(|segment| segment.windows[Grid::CURRENT].counts())
        .map(|counts| (counts.paid, counts.denied))
        .collect();
    assert_eq!(counts, [(1, 1), (2, 2)]);
}

#[test]
fn too_many_segments_are_refused() {
    let form = Form::plain();
    let source = |payers, groups| {
        let batches = [batch(&one_claim_each(payers, groups), &form)];
        Memory::new("claims", &batches, &ColumnNames::default()).unwrap()
    };
    let grid = Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap());
    let engine = Native::new(1).unwrap();
    let fits = engine.summarize(&source(MAX_SEGMENTS / 2, 2), &grid).unwrap();
    assert_eq!(fits.segments().len(), MAX_SEGMENTS);
    let refused = engine.summarize(&source(MAX_SEGMENTS / 2 + 1, 2), &grid).unwrap_err();
    assert!(refused.to_string().contains("more than 65536 segments"), "{refused}");
    assert_eq!(refused.exit_code(), crate::ExitCode::BadInput);
}

#[test]
fn the_limit_of_segments_is_that_of_all_threads_together() {
    // Two partitions, each within the limit, and not more than one to a thread.
    let claims = one_claim_each(MAX_SEGMENTS / 2 + 1, 2);
    let batches: Vec<_> =
        claims.chunks(MAX_SEGMENTS / 2 + 1).map(|claims| batch(claims, &Form::plain())).collect();
    let source = Memory::new("claims", &batches, &ColumnNames::default()).unwrap();
    let grid = Grid::of_windows(WindowPair::before(AS_OF, 30, 7).unwrap());
    for threads in [1, 2] {
        assert!(Native::new(threads).unwrap().summarize(&source, &grid).is_err());
    }
    let elsewhere = Grid::of_windows(WindowPair::before(Day(AS_OF.0 - 20), 30, 7).unwrap());
    let days = DayRange { start: Day(AS_OF.0 - 9), end: AS_OF };
    let summaries =
        Native::new(1).unwrap().summarize(&source, &elsewhere.with_daily_buckets(days).unwrap()).unwrap();
    assert!(summaries.segments().is_empty(), "segments outside of the grid do not count");
}

#[test]
fn impossible_thread_counts_are_refused() {
    for threads in [0, 1_025, usize::MAX] {
        let refused = Native::new(threads).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("--threads {threads}: 1 to 1024")), "{refused}");
    }
}
