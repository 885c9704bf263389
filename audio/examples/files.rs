//! Writes recordings as FLAC with their truth beside them, for other programs to analyse.
//!
//! `cargo run --release -p driftforge-audio --example files -- DIR [RECORDINGS] [SECONDS] [FIRST_SEED]`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use driftforge_audio::encoding::Format;
use driftforge_audio::music::{Recording, STYLES, population};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).ok_or("which folder?")?;
    let number = |place, default| std::env::args().nth(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (recordings, seconds, first) = (number(2, 16)?, number(3, 60)?, number(4, 1)?);
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let format = Format::named("flac").ok_or("no flac")?;
    let mut truths = BufWriter::new(File::create(directory.join("truth.csv"))?);
    writeln!(truths, "file,style,bpm,tonic,scale")?;
    for seed in first..first + recordings {
        let style = (seed % STYLES.len() as u64) as usize;
        let recording = Recording::new(population::track(seed, style, seconds as f64))?;
        let name = format!("{seed}.flac");
        format.write(&recording, &Vec::new(), &mut BufWriter::new(File::create(directory.join(&name))?))?;
        let truth = recording.truth();
        let bpm = truth.bpm.map_or_else(String::new, |bpm| bpm.to_string());
        let (tonic, scale) = truth.key.map_or(("", ""), |(tonic, scale)| (tonic, scale.name()));
        writeln!(truths, "{name},{},{bpm},{tonic},{scale}", STYLES[style].name)?;
    }
    truths.flush()?;
    println!("{recordings} recordings of {seconds} s in {}", directory.display());
    Ok(())
}
