//! Records with fixed numbers for the tests of the reports.

use serde_json::{Map, json};

use crate::measure::{
    Case, Coverage, Dataset, Detection, FORMAT_VERSION, Machine, Measured, Origin, PeakMemorySource, Record,
    Run, Setup, Tool,
};

/// One size, all known: five runs over 284,932 of a million claims.
pub(super) fn one_size() -> Record {
    let runs = [0.0213, 0.0201, 0.0241, 0.0210, 0.0208];
    let measured = Measured {
        warm_up_runs: 1,
        runs: (1..).zip(runs).map(|(number, seconds)| run(number, seconds, 284_932)).collect(),
        peak_memory_source: Some(PeakMemorySource::HighWaterMark),
    };
    let setup = Setup { seconds: 0.4136, bytes: Some(31_204_551), peak_rss_bytes: Some(88_000_000) };
    let mut case = Case::new(dataset(1_000_000), setup, measured).judge_claims();
    case.coverage = Some(Coverage {
        items_in_windows: 281_222,
        rows_with_nulls: 1_234,
        segments_considered: 224,
        segments_compared: 218,
    });
    case.detection = Some(Detection {
        drifts_watched: Some(7),
        drifts_found: Some(6),
        drifts_missed: Some(1),
        drifts_not_watched: Some(2),
        drifts_without_change: Some(1),
        events_matched: Some(11),
        events_unmatched: Some(1),
        precision: Some(11.0 / 12.0),
        recall: Some(6.0 / 7.0),
    });
    case.events = Some(vec![json!({"payer": "Payer A", "drift_type": "DENIAL_RATE", "severity": 0.25})]);
    record(vec![case])
}

/// Two sizes, the smaller one slow and large.
pub(super) fn two_sizes() -> Record {
    let mut slow = run(1, 2.5, 2_850);
    slow.peak_rss_bytes = Some(120_000_000);
    let measured =
        Measured { warm_up_runs: 1, runs: vec![slow], peak_memory_source: Some(PeakMemorySource::Sampled) };
    let small = Case::new(dataset(10_000), Setup::default(), measured).judge_claims();
    let mut record = one_size();
    record.cases.insert(0, small);
    record
}

/// One size, of which no claim lies in the windows; the runs read `items` to find that out.
pub(super) fn empty_windows(items: u64) -> Record {
    let mut run = run(1, 0.5, items);
    run.events = Some(0);
    if items == 0 {
        run.items_per_second = None;
    }
    let measured = Measured { warm_up_runs: 1, runs: vec![run], peak_memory_source: None };
    let mut case = Case::new(dataset(10_000), Setup::default(), measured).judge_claims();
    case.coverage = Some(Coverage {
        items_in_windows: 0,
        rows_with_nulls: 0,
        segments_considered: 0,
        segments_compared: 0,
    });
    record(vec![case])
}

/// A case of which next to nothing is known.
pub(super) fn unknown() -> Record {
    let mut runs = vec![run(1, 0.5, 3), run(2, 0.5, 4)];
    for run in &mut runs {
        (run.cpu_seconds, run.peak_rss_bytes, run.items_per_second) = (None, None, None);
        run.events = Some(u64::from(run.run));
    }
    let origin = Origin::Input { paths: vec!["a.parquet".to_owned(), "b".to_owned()] };
    let dataset = Dataset { name: "given".to_owned(), records: 7, digest: None, origin };
    let measured = Measured { warm_up_runs: 0, runs, peak_memory_source: None };
    let mut record = record(vec![Case::new(dataset, Setup::default(), measured)]);
    record.machine =
        Machine { cpu_model: None, logical_cores: None, total_memory_bytes: None, ..record.machine };
    (record.seed, record.tool.git_commit) = (None, None);
    record
}

fn record(cases: Vec<Case>) -> Record {
    Record {
        format_version: FORMAT_VERSION,
        tool: Tool {
            name: "bench-drift".to_owned(),
            version: "0.1.0".to_owned(),
            git_commit: Some("1a2b3c4".to_owned()),
        },
        started_at: "2026-01-31T12:00:00Z".to_owned(),
        machine: Machine {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpu_model: Some("Example CPU".to_owned()),
            logical_cores: Some(2),
            total_memory_bytes: Some(25_276_502_016),
        },
        threads: 2,
        seed: Some(42),
        item: "claims".to_owned(),
        parameters: Map::from_iter([("min_volume".to_owned(), json!(30))]),
        cases,
    }
}

fn dataset(records: u64) -> Dataset {
    Dataset {
        name: "claims".to_owned(),
        records,
        digest: Some("xxh3:0123456789abcdef".to_owned()),
        origin: Origin::GeneratedParquet {},
    }
}

fn run(run: u32, wall_seconds: f64, items: u64) -> Run {
    Run {
        run,
        wall_seconds,
        cpu_seconds: Some(wall_seconds * 1.9),
        peak_rss_bytes: Some(41_000_000 + 100_000 * u64::from(run)),
        items,
        items_per_second: Some(items as f64 / wall_seconds),
        events: Some(12),
    }
}
