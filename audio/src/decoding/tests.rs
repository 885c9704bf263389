use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::encoding::FORMATS;
use crate::music::{Recording, population};

/// All samples of a file, or why there are no more.
fn decoded(bytes: &[u8]) -> Result<u64, DecodingError> {
    let mut decoder = Decoder::open(Cursor::new(bytes.to_vec()), bytes.len() as u64)?;
    let mut block = Vec::new();
    loop {
        decoder.next_block(&mut block)?;
        if block.is_empty() {
            return Ok(decoder.frames());
        }
    }
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let recording = Recording::new(population::track(1, 0, 0.2)).unwrap();
    FORMATS
        .iter()
        .map(|format| {
            let mut out = Cursor::new(Vec::new());
            format.write(&recording, &Vec::new(), &mut out).unwrap();
            (format.name, out.into_inner())
        })
        .collect()
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_or_lacks_next_to_nothing() {
    for (name, bytes) in files() {
        let whole = decoded(&bytes).unwrap();
        // Every offset of the head, and then some of the samples.
        let offsets = (0..512).chain((512..bytes.len()).step_by(97));
        for length in offsets {
            match decoded(&bytes[..length]) {
                Ok(frames) => assert!(whole - frames <= 4_410, "{name} {length}: {frames}"),
                Err(error) => assert!(!error.kind().is_empty() && !error.to_string().is_empty()),
            }
        }
        assert_eq!(decoded(&[]), Err(DecodingError::Empty));
    }
}

#[test]
fn what_is_no_audio_has_no_known_format() {
    for bytes in [&b"PK\x03\x04 an archive"[..], b"RIFF", &[0; 5_000], b"fLaC", &[0xFF; 5_000]] {
        let error = decoded(bytes).unwrap_err();
        assert!(["unknown_format", "damaged", "unusual"].contains(&error.kind()), "{error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_anywhere_ends_without_panic(
        file in 0..2_usize,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        in_head in any::<bool>(),
    ) {
        let (_, mut bytes) = files().swap_remove(file % FORMATS.len());
        let reach = if in_head { bytes.len().min(64) } else { bytes.len() };
        for (place, value) in places {
            let place = place.index(reach);
            bytes[place] = value;
        }
        // Damage may go unnoticed; what counts is that there is an end, and memory stays small.
        if let Ok(frames) = decoded(&bytes) {
            prop_assert!(frames < 100_000_000);
        }
    }
}
