//! A leaderboard with fixed numbers, in every form.

use insta::assert_snapshot;
use serde_json::Map;

use super::*;
use crate::measure::{Machine, Tool};
use crate::scores::{Delay, LEADERBOARD_VERSION, LevelOf, NullLevel, ORACLE, Power, Quality, ZERO_BASELINE};

fn quality(found: u64, false_alarms: u64, drifts: u64) -> Quality {
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let alarms = found + false_alarms;
    Quality {
        drifts,
        found,
        alarms,
        false_alarms,
        precision: share(found, alarms),
        recall: share(found, drifts),
        f1: share(2 * found, alarms + drifts).filter(|_| drifts > 0),
        average_precision: (drifts > 0).then(|| found as f64 / drifts as f64),
        delay: (found > 0).then_some(Delay {
            mean_days: 5.0,
            median_days: 4.5,
            p90_days: 9.0,
            normalised: Some(0.25),
        }),
        false_alarms_per_1000_segment_months: Some(false_alarms as f64 * 7.25),
        mean_days_between_false_alarms: share(4_200, false_alarms),
        mean_time_ratio: None,
        power: vec![Power { metric: "denial_rate".to_owned(), size: 0.1, drifts, found }],
    }
}

fn row(detector: &str, runs: [(u64, u64); 2], drifts: u64) -> Row {
    Row::of(detector, &runs.map(|(found, false_alarms)| quality(found, false_alarms, drifts)))
}

pub(crate) fn board() -> Leaderboard {
    let zero = |drifts| row(ZERO_BASELINE, [(0, 0), (0, 0)], drifts);
    let mut sudden = ScenarioBoard::new(
        "sudden",
        "Steps of six kinds",
        (1_000_000, 300),
        zero(60),
        row("threshold", [(17, 83), (15, 71)], 60).measured(Some(41_234_567.0), Some(38_400_000)),
    );
    sudden.rows.push(row("two-windows", [(41, 4), (43, 2)], 60).measured(Some(22_100_000.0), None));
    sudden.rows.push(row(ORACLE, [(52, 2), (54, 3)], 60));
    let level = |of, stated, trials, alarms| NullLevel { of, stated, trials, alarms };
    let mut null = ScenarioBoard::new(
        "null",
        "No drift | at all",
        (3_500_000, 1_050),
        zero(0),
        row("threshold", [(0, 87), (0, 91)], 0),
    );
    null.rows.push(row("ks", [(0, 300), (0, 280)], 0).at_level(level(LevelOf::Test, 0.05, 4_200, 580)));
    null.rows.push(row("two-windows", [(0, 0), (0, 1)], 0).at_level(level(LevelOf::Run, 0.05, 20, 1)));
    Leaderboard {
        format_version: LEADERBOARD_VERSION,
        tool: Tool { name: "bench-drift".to_owned(), version: "0.1.0".to_owned(), git_commit: None },
        started_at: "2026-01-31T12:00:00Z".to_owned(),
        machine: Machine {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpu_model: None,
            logical_cores: Some(2),
            total_memory_bytes: None,
        },
        threads: 2,
        seeds: vec![1, 2],
        parameters: Map::new(),
        scenarios: vec![sudden, null],
    }
}

fn rendered(form: &str, color: bool) -> String {
    let mut out = Vec::new();
    leaderboard_report(form).unwrap().render(&board(), color, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_best_is_first_and_a_missed_level_is_said() {
    assert_snapshot!(rendered("table", false), @r"
    bench-drift 0.1.0  2026-01-31T12:00:00Z
    linux x86_64, 2 threads, 2 seeds

    sudden: Steps of six kinds (1,000,000 claims, 300 segments)
      detector        F1 (95 %)  of oracle  precision  recall     AP  delay d  FA/1000 sm    claims/s  peak MB  null level
      oracle       0.918 ±0.069      100 %      0.955   0.883  0.883      4.5        18.1           -        -           -
      two-windows  0.800 ±0.242       87 %      0.933   0.700  0.700      4.5        21.8  22,100,000        -           -
      threshold    0.209 ±0.045       23 %      0.172   0.267  0.267      4.5       558.2  41,234,567     38.4           -
      zero         0.000 ±0.000        0 %          -   0.000  0.000        -         0.0           -        -           -

    null: No drift | at all (3,500,000 claims, 1,050 segments)
      detector     F1 (95 %)  of oracle  precision  recall  AP  delay d  FA/1000 sm  claims/s  peak MB             null level
      zero                 -          -          -       -   -        -         0.0         -        -                      -
      two-windows          -          -      0.000       -   -        -         3.6         -        -    0.0500 of 0.05 kept
      threshold            -          -      0.000       -   -        -       645.2         -        -                      -
      ks                   -          -      0.000       -   -        -      2102.5         -        -  0.1381 of 0.05 MISSED
    ");
}

#[test]
fn markdown_has_the_same_cells() {
    assert_snapshot!(rendered("markdown", false), @r"
    ### sudden

    sudden: Steps of six kinds (1,000,000 claims, 300 segments).

    | detector | F1 (95 %) | of oracle | precision | recall | AP | delay d | FA/1000 sm | claims/s | peak MB | null level |
    |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
    | oracle | 0.918 ±0.069 | 100 % | 0.955 | 0.883 | 0.883 | 4.5 | 18.1 | - | - | - |
    | two-windows | 0.800 ±0.242 | 87 % | 0.933 | 0.700 | 0.700 | 4.5 | 21.8 | 22,100,000 | - | - |
    | threshold | 0.209 ±0.045 | 23 % | 0.172 | 0.267 | 0.267 | 4.5 | 558.2 | 41,234,567 | 38.4 | - |
    | zero | 0.000 ±0.000 | 0 % | - | 0.000 | 0.000 | - | 0.0 | - | - | - |

    ### null

    null: No drift \| at all (3,500,000 claims, 1,050 segments).

    | detector | F1 (95 %) | of oracle | precision | recall | AP | delay d | FA/1000 sm | claims/s | peak MB | null level |
    |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
    | zero | - | - | - | - | - | - | 0.0 | - | - | - |
    | two-windows | - | - | 0.000 | - | - | - | 3.6 | - | - | 0.0500 of 0.05 kept |
    | threshold | - | - | 0.000 | - | - | - | 645.2 | - | - | - |
    | ks | - | - | 0.000 | - | - | - | 2102.5 | - | - | 0.1381 of 0.05 MISSED |
    ");
}

#[test]
fn json_is_one_document_that_reads_back_equal() {
    let text = rendered("json", true);
    assert_eq!(serde_json::from_str::<Leaderboard>(&text).unwrap(), board());
    assert!(text.ends_with("}\n"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = rendered("table", true);
    let mut pieces = colored.split('\x1b');
    let first = pieces.next().unwrap().to_owned();
    let plain = pieces.fold(first, |text, piece| text + piece.split_once('m').unwrap().1);
    assert_eq!(plain, rendered("table", false));
    assert!(colored.len() > plain.len());
}

#[test]
fn a_part_of_the_oracle_needs_an_oracle() {
    let board = board();
    let [sudden, null] = board.scenarios.as_slice() else { panic!("two scenarios") };
    let part = |detector: &str| sudden.part_of_oracle(sudden.row(detector).unwrap());
    assert_eq!((part(ORACLE), part(ZERO_BASELINE)), (Some(1.0), Some(0.0)));
    assert!(part("threshold").unwrap() < part("two-windows").unwrap());
    assert_eq!(null.part_of_oracle(&null.rows[0]), None);
    assert!(leaderboard_report("xml").is_none());
}
