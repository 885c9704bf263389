//! How right the analysis is on recordings of every style, written as FLAC and read back.
//!
//! `cargo run --release -p driftforge-audio --example accuracy -- [RECORDINGS] [SECONDS] [FIRST_SEED] [PROFILE]`

use std::io::Cursor;
use std::time::Instant;

use driftforge_audio::accuracy::{beat_f_measure, is_bpm_exact, is_bpm_right_in_some_octave, key_score};
use driftforge_audio::analysis::{Analysis, Analyzer, PROFILES, Profile};
use driftforge_audio::decoding::Decoder;
use driftforge_audio::encoding::Format;
use driftforge_audio::music::{Key, Recording, STYLES, population};

/// Sums over recordings with a tempo and a key.
#[derive(Default, Clone, Copy)]
struct Sums {
    tempi: f64,
    exact: f64,
    octave: f64,
    beats: f64,
    keys: f64,
    mirex: f64,
    right_keys: f64,
}

fn analysed(
    recording: &Recording,
    profile: &'static Profile,
) -> Result<(Analysis, f64), Box<dyn std::error::Error>> {
    let format = Format::named("flac").ok_or("no flac")?;
    let mut file = Cursor::new(Vec::new());
    let length = format.write(recording, &Vec::new(), &mut file)?;
    let start = Instant::now();
    let mut decoder = Decoder::open(Cursor::new(file.into_inner()), length)?;
    let mut analyzer = Analyzer::new(decoder.sample_rate(), decoder.channels())?.with_profile(profile);
    let mut block = Vec::new();
    loop {
        decoder.next_block(&mut block)?;
        if block.is_empty() {
            return Ok((analyzer.finish(), start.elapsed().as_secs_f64()));
        }
        analyzer.take(&block);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |place, default| std::env::args().nth(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (recordings, seconds, first) = (number(1, 40)?, number(2, 60)?, number(3, 1)?);
    let profile = std::env::args().nth(4).map_or(Some(&PROFILES[0]), |name| Profile::named(&name));
    let profile = profile.ok_or("no such profile")?;
    let mut taken_s = 0.0;
    let mut by_style = vec![Sums::default(); STYLES.len()];
    for seed in first..first + recordings {
        let style = (seed % STYLES.len() as u64) as usize;
        let recording = Recording::new(population::track(seed, style, seconds as f64))?;
        let (truth, (found, taken)) = (recording.truth(), analysed(&recording, profile)?);
        taken_s += taken;
        let sums = &mut by_style[style];
        if let Some(bpm) = truth.bpm {
            let found_bpm = found.bpm.as_ref().map_or(0.0, |bpm| bpm.bpm);
            sums.tempi += 1.0;
            sums.exact += f64::from(is_bpm_exact(found_bpm, bpm));
            sums.octave += f64::from(is_bpm_right_in_some_octave(found_bpm, bpm));
            sums.beats += found
                .bpm
                .as_ref()
                .and_then(|bpm| beat_f_measure(&bpm.beats_s, &truth.beats_s))
                .unwrap_or(0.0);
            if std::env::var_os("SHOW").is_some() {
                println!("{seed} {} {bpm:.1} found {found_bpm:.2}", STYLES[style].name);
            }
        }
        if let Some((tonic, scale)) = truth.key {
            let truth = Key::named(tonic, scale.name());
            let key = found.key.as_ref().and_then(|key| key.key());
            let score = truth.zip(key).map_or(0.0, |(truth, key)| key_score(key, truth));
            sums.keys += 1.0;
            sums.mirex += score;
            sums.right_keys += f64::from(score == 1.0);
            if std::env::var_os("SHOW").is_some() {
                println!("{seed} {} key {truth:?} found {key:?}", STYLES[style].name);
            }
        }
    }
    println!(
        "{:<14} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "style", "n", "exact 2", "octave", "beats F", "key", "MIREX"
    );
    let mut all = Sums::default();
    for (style, sums) in STYLES.iter().zip(&by_style) {
        print(style.name, sums);
        all = Sums {
            tempi: all.tempi + sums.tempi,
            exact: all.exact + sums.exact,
            octave: all.octave + sums.octave,
            beats: all.beats + sums.beats,
            keys: all.keys + sums.keys,
            mirex: all.mirex + sums.mirex,
            right_keys: all.right_keys + sums.right_keys,
        };
    }
    print("all", &all);
    println!("decoding and analysis of FLAC: {:.0} × real time", (recordings * seconds) as f64 / taken_s);
    Ok(())
}

fn print(name: &str, sums: &Sums) {
    let share = |sum: f64, of: f64| if of > 0.0 { format!("{:.3}", sum / of) } else { "-".to_owned() };
    println!(
        "{name:<14} {:>4} {:>8} {:>8} {:>8} {:>8} {:>8}",
        sums.keys,
        share(sums.exact, sums.tempi),
        share(sums.octave, sums.tempi),
        share(sums.beats, sums.tempi),
        share(sums.right_keys, sums.keys),
        share(sums.mirex, sums.keys),
    );
}
