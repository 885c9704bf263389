//! How fast changes are found on one core: milliseconds for a thousand segments of 365 days.
//!
//! `cargo run --release -p driftforge-statistics --example change_point_speed [SEGMENTS]`

use driftforge_statistics::change_points::{CHANGE_POINTS, Counts, Events, Numbers, Series};
use driftforge_statistics::parameters::Value;
use std::time::Instant;

const DAYS: usize = 365;

fn main() {
    let segments = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let series = all_series(segments);
    println!("{segments} segments x {DAYS} days, half of them with a change");
    for kind in CHANGE_POINTS {
        let width = [("width", Value::from(28.0))];
        let given = if kind.name == "sliding-window" { &width[..] } else { &[] };
        let method = kind.build(given).expect("the parameters are allowed");
        for (data, series) in ["numbers", "counts", "events"].iter().zip(&series) {
            let start = Instant::now();
            let found = series.iter().filter_map(|series| method.find(series).ok());
            let changes: usize = found.map(|found| found.changes.len()).sum();
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            println!("{:20} {data:8} {milliseconds:9.1} ms {changes:8} changes", kind.name);
        }
    }
}

/// Series of numbers, of counts, and of events in trials: about ten claims a day, a fifth of them denied.
fn all_series(segments: usize) -> [Vec<Series>; 3] {
    let mut words = uniform();
    let mut next = || words.next().unwrap_or_default();
    let mut all = [Vec::new(), Vec::new(), Vec::new()];
    for segment in 0..segments {
        let rate = |day: usize| if segment % 2 == 0 && day >= 250 { 0.35 } else { 0.2 };
        let trials: Vec<u64> = (0..DAYS).map(|_| (20.0 * next()) as u64).collect();
        let mut draw = |day: usize| (0..trials[day]).filter(|_| next() < rate(day)).count() as u64;
        let events: Vec<u64> = (0..DAYS).map(&mut draw).collect();
        let means = events.iter().map(|&events| events as f64 + next()).collect();
        all[0].push(Numbers::new(means).map(Series::Numbers).expect("the values are finite"));
        all[1].push(Counts::new(events.clone()).map(Series::Counts).expect("there are values"));
        all[2].push(Events::new(events, trials).map(Series::Events).expect("events are among the trials"));
    }
    all
}

/// Uniform numbers of the SplitMix64 sequence.
fn uniform() -> impl Iterator<Item = f64> {
    let mut state = 42u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    })
}
