//! How fast the detectors of streams are on one core: nanoseconds per value, batch by batch.
//!
//! `cargo run --release -p driftforge-statistics --example stream_speed [VALUES]`

use driftforge_statistics::streams::{Data, STREAMS};
use std::time::Instant;

/// Many short runs, of which the best counts: others use the machine too.
const RUNS: usize = 40;

fn main() {
    let values = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (real, events) = (gaussian(values), bernoulli(values));
    println!("{values} values without a drift, best of {RUNS} runs");
    for kind in STREAMS {
        let input = if kind.data == Data::Events { &events } else { &real };
        let (mut best, mut alarms) = (f64::INFINITY, 0);
        for _ in 0..RUNS {
            let mut detector = kind.build(&[]).expect("defaults are allowed");
            let start = Instant::now();
            alarms = detector.alarms(input).len();
            best = best.min(start.elapsed().as_secs_f64());
        }
        let (nanoseconds, millions) = (best * 1e9 / input.len() as f64, input.len() as f64 / best / 1e6);
        println!("{:14} {nanoseconds:8.2} ns/value {millions:8.1} M values/s {alarms:8} alarms", kind.name);
    }
}

/// Uniform numbers of the SplitMix64 sequence.
fn uniform(count: usize) -> impl Iterator<Item = f64> {
    let mut state = 42u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    })
    .take(count)
}

fn bernoulli(count: usize) -> Vec<f64> {
    uniform(count).map(|uniform| f64::from(u8::from(uniform < 0.2))).collect()
}

/// Sums of twelve uniform numbers, less six: close to standard normal.
fn gaussian(count: usize) -> Vec<f64> {
    let uniform: Vec<f64> = uniform(12 * count).collect();
    uniform.chunks_exact(12).map(|chunk| chunk.iter().sum::<f64>() - 6.0).collect()
}
