use super::*;
use crate::measure::Verdict;

fn run(run: u32, wall_seconds: f64, items: u64) -> Run {
    Run {
        run,
        wall_seconds,
        cpu_seconds: Some(wall_seconds * 2.0),
        peak_rss_bytes: Some(40_000_000 + u64::from(run)),
        items,
        items_per_second: Some(items as f64 / wall_seconds),
        events: Some(3),
    }
}

fn case(records: u64, runs: Vec<Run>) -> Case {
    let dataset =
        Dataset { name: "claims".to_owned(), records, digest: None, origin: Origin::GeneratedInMemory {} };
    Case::new(dataset, Setup::default(), Measured { warm_up_runs: 1, runs, peak_memory_source: None })
}

#[test]
fn throughput_counts_what_was_read_and_the_target_what_is_there() {
    let case = case(1_000_000, vec![run(1, 100.0, 285_000); 3]).judge_claims();
    assert_eq!(case.items_read, Some(285_000));
    assert_eq!(case.figures.items_per_second.unwrap().median, 2_850.0);
    assert_eq!(case.grade, Some(Grade::Acceptable));
    assert_eq!(case.target.unwrap().dataset_records, 1_000_000);
}

#[test]
fn the_median_run_decides_the_grade_and_the_highest_peak_the_target() {
    // The average throughput, 8,040, is only good.
    let mut runs = vec![run(1, 1.0, 12_000), run(2, 1.0, 12_000), run(3, 100.0, 12_000)];
    runs[1].peak_rss_bytes = Some(50_000_000);
    let case = case(10_000, runs).judge_claims();
    assert_eq!(case.grade, Some(Grade::Excellent));
    let target = case.target.unwrap();
    assert_eq!((target.throughput, target.peak_memory), (Some(Verdict::Met), Some(Verdict::Missed)));
}

#[test]
fn runs_that_disagree_have_no_common_count() {
    let case = case(100, vec![run(1, 1.0, 10), run(2, 1.0, 11)]);
    assert_eq!(case.items_read, None);
    assert_eq!(case.events_detected, Some(3));
}

#[test]
fn without_runs_nothing_is_defined() {
    let case = case(100, Vec::new()).judge_claims();
    assert_eq!((case.items_read, case.events_detected, case.grade), (None, None, None));
    assert_eq!(case.figures, Figures::of(&[]));
    assert_eq!(case.figures.runtime_seconds, None);
    assert_eq!(case.target.unwrap().throughput, None);
}

#[test]
fn runs_that_read_nothing_have_no_grade_and_no_throughput_verdict() {
    let nothing = Run { items_per_second: None, ..run(1, 0.001, 0) };
    let case = case(1_000, vec![nothing; 3]).judge_claims();
    assert_eq!((case.items_read, case.figures.items_per_second, case.grade), (Some(0), None, None));
    let target = case.target.unwrap();
    assert_eq!((target.throughput, target.peak_memory), (None, Some(Verdict::Met)));
}

#[test]
fn a_quantity_that_one_run_lacks_has_no_figure() {
    let mut runs = vec![run(1, 1.0, 10), run(2, 1.0, 10)];
    runs[1].peak_rss_bytes = None;
    let figures = Figures::of(&runs);
    assert_eq!(figures.peak_memory_bytes, None);
    assert!(figures.runtime_seconds.is_some());
}
