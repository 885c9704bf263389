use std::io::Cursor;

use super::*;
use crate::decoding::Decoder;
use crate::faults::FAULTS;
use crate::music::{Key, Request, STYLES, Section, Tempo, Treatment};

fn recording(seed: u64, channels: u16, bits: u16, duration_s: f64) -> Recording {
    let key = Key::named("F#", "minor").unwrap();
    Recording::new(Request {
        seed,
        duration_s,
        sample_rate: 44_100,
        channels,
        bits,
        tempo: Some(Tempo::constant(124.0).unwrap()),
        sections: vec![Section { at_s: 0.0, key, style: seed as usize % STYLES.len() }],
        treatment: Treatment::Clean,
    })
    .unwrap()
}

fn samples(recording: &Recording) -> Vec<i32> {
    let (mut synthesizer, mut all, mut block) = (Synthesizer::new(recording), Vec::new(), Vec::new());
    loop {
        synthesizer.next_block(&mut block);
        if block.is_empty() {
            return all;
        }
        all.extend_from_slice(&block);
    }
}

fn written(format: &Format, recording: &Recording) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let tags = vec![("title".to_owned(), "Düne".to_owned()), ("artist".to_owned(), "Synthetic".to_owned())];
    let bytes = format.write(recording, &tags, &mut out).unwrap();
    assert_eq!(bytes, out.get_ref().len() as u64);
    out.into_inner()
}

#[test]
fn files_decode_to_the_samples_that_were_written() {
    for format in FORMATS {
        for (channels, bits, duration_s) in
            [(2, 16, 1.3), (1, 24, 0.5), (2, 24, 0.0001), (1, 16, 4_096.0 / 44_100.0)]
        {
            let recording = recording(3, channels, bits, duration_s);
            let bytes = written(format, &recording);
            let most = (format.most_bytes)(recording.frames() * u64::from(channels), bits);
            assert!(bytes.len() as u64 <= most, "{}: {} of {most}", format.name, bytes.len());
            let length = bytes.len() as u64;
            let mut decoder = Decoder::open(Cursor::new(bytes), length).unwrap();
            let scale = if bits == 16 { 32_768.0_f32 } else { 8_388_608.0 };
            let (mut decoded, mut block) = (Vec::new(), Vec::new());
            loop {
                decoder.next_block(&mut block).unwrap();
                if block.is_empty() {
                    break;
                }
                decoded.extend(block.iter().map(|sample| (sample * scale).round() as i32));
            }
            assert_eq!(decoded, samples(&recording), "{} {channels} {bits} {duration_s}", format.name);
        }
    }
}

#[test]
fn faults_are_found_or_harmless() {
    for format in FORMATS {
        for fault in FAULTS {
            let mut bytes = written(format, &recording(5, 2, 16, 2.0));
            let whole = bytes.len();
            fault.damage(&mut bytes, 77);
            let length = bytes.len() as u64;
            let outcome = Decoder::open(Cursor::new(bytes), length).and_then(|mut decoder| {
                let mut block = Vec::new();
                loop {
                    decoder.next_block(&mut block)?;
                    if block.is_empty() {
                        return Ok(decoder.frames());
                    }
                }
            });
            match fault.name {
                "wrong_ext" => assert_eq!(outcome, Ok(88_200)),
                _ => assert!(outcome.is_err(), "{} {}: {outcome:?} of {whole}", format.name, fault.name),
            }
        }
    }
}
