//! How fast each stage is, on one core, as a multiple of real time.
//!
//! `cargo run --release -p driftforge-audio --example speed -- [SECONDS]`

use std::hint::black_box;
use std::io::Cursor;
use std::time::Instant;

use driftforge_audio::analysis::Analyzer;
use driftforge_audio::decoding::Decoder;
use driftforge_audio::encoding::FORMATS;
use driftforge_audio::music::{Recording, population};
use driftforge_audio::synthesis::Synthesizer;

/// Runs of which the fastest counts.
const RUNS: usize = 3;

fn fastest(
    mut run: impl FnMut() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn blocks(bytes: &[u8], mut each: impl FnMut(&Decoder, &[f32])) -> Result<(), Box<dyn std::error::Error>> {
    let mut decoder = Decoder::open(Cursor::new(bytes.to_vec()), bytes.len() as u64)?;
    let mut block = Vec::new();
    loop {
        decoder.next_block(&mut block)?;
        if block.is_empty() {
            return Ok(());
        }
        each(&decoder, &block);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds: f64 = std::env::args().nth(1).map_or(Ok(120.0), |text| text.parse())?;
    let recording = Recording::new(population::track(1, 0, seconds))?;
    let report = |what: &str, taken: f64| println!("{what:<28} {:>7.0} × real time", seconds / taken);
    let mut block = Vec::new();
    report(
        "synthesis",
        fastest(|| {
            let mut synthesizer = Synthesizer::new(&recording);
            loop {
                synthesizer.next_block(&mut block);
                if black_box(&block).is_empty() {
                    return Ok(());
                }
            }
        })?,
    );
    for format in FORMATS {
        let mut file = Vec::new();
        report(
            &format!("synthesis and {}", format.name),
            fastest(|| {
                let mut out = Cursor::new(Vec::new());
                format.write(&recording, &Vec::new(), &mut out)?;
                file = out.into_inner();
                Ok(())
            })?,
        );
        report(
            &format!("decoding {}", format.name),
            fastest(|| {
                blocks(&file, |_, block| {
                    black_box(block);
                })
            })?,
        );
        report(
            &format!("full analysis of {}", format.name),
            fastest(|| {
                let mut analyzer: Option<Analyzer> = None;
                blocks(&file, |decoder, block| {
                    let new = || Analyzer::new(decoder.sample_rate(), decoder.channels()).ok();
                    if analyzer.is_none() {
                        analyzer = new();
                    }
                    if let Some(analyzer) = &mut analyzer {
                        analyzer.take(block);
                    }
                })?;
                black_box(analyzer.map(Analyzer::finish));
                Ok(())
            })?,
        );
    }
    Ok(())
}
