use proptest::prelude::*;

use super::*;
use crate::accuracy::{is_bpm_exact, key_score};
use crate::music::{Key, Recording, Request, Section, Tempo, TempoPoint, Treatment, population};
use crate::synthesis::Synthesizer;

fn samples(recording: &Recording) -> Vec<f32> {
    let (mut synthesizer, mut all, mut block) = (Synthesizer::new(recording), Vec::new(), Vec::new());
    loop {
        synthesizer.next_block(&mut block);
        if block.is_empty() {
            return all;
        }
        all.extend(block.iter().map(|&sample| sample as f32 / 32_768.0));
    }
}

fn analysed(recording: &Recording, block: usize) -> Analysis {
    let request = recording.request();
    let channels = usize::from(request.channels);
    let mut analyzer = Analyzer::new(request.sample_rate, channels).unwrap();
    samples(recording).chunks(block * channels).for_each(|block| analyzer.take(block));
    analyzer.finish()
}

fn house(treatment: Treatment) -> Recording {
    Recording::new(Request { treatment, ..population::track(8, 0, 40.0) }).unwrap()
}

#[test]
fn a_track_has_its_tempo_and_key_and_its_blocks_do_not_matter() {
    let recording = house(Treatment::Clean);
    let (truth, found) = (recording.truth(), analysed(&recording, 4_096));
    let (bpm, key) = (found.bpm.as_ref().unwrap(), found.key.as_ref().unwrap());
    assert!(is_bpm_exact(bpm.bpm, truth.bpm.unwrap()), "{} {:?}", bpm.bpm, truth.bpm);
    assert!(!bpm.is_variable && bpm.changes.is_empty() && bpm.stability.unwrap() > 0.9, "{bpm:?}");
    let (tonic, scale) = truth.key.unwrap();
    assert_eq!(key_score(key.key().unwrap(), Key::named(tonic, scale.name()).unwrap()), 1.0);
    assert!((found.duration_s - 40.0).abs() < 1e-3);
    let loudness = found.loudness.unwrap();
    assert!((-30.0..-3.0).contains(&loudness.integrated_lufs) && loudness.peak_dbfs <= 0.0, "{loudness:?}");
    assert_eq!(analysed(&recording, 1_000), found);
}

#[test]
fn noise_and_padding_leave_the_tempo_and_silence_has_none() {
    let truth = house(Treatment::Clean).truth().bpm.unwrap();
    for treatment in [Treatment::Noisy, Treatment::Clipped, Treatment::Padded] {
        let found = analysed(&house(treatment), 4_096);
        let bpm = found.bpm.unwrap().bpm;
        assert!(is_bpm_exact(bpm, truth), "{treatment:?}: {bpm} {truth}");
    }
    let silence = analysed(&house(Treatment::Silence), 4_096);
    assert_eq!((silence.bpm, silence.key, silence.loudness), (None, None, None));
    let noise = analysed(&house(Treatment::Noise), 4_096).bpm;
    assert!(noise.as_ref().is_none_or(|bpm| bpm.needs_review), "{noise:?}");
}

#[test]
fn a_jump_of_the_tempo_is_found_where_it_is() {
    let point = |at_s, bpm| TempoPoint { at_s, bpm, ramps: false };
    let tempo = Tempo::new(vec![point(0.0, 110.0), point(40.0, 126.0)]).ok();
    let recording = Recording::new(Request { tempo, ..population::track(8, 0, 80.0) }).unwrap();
    let bpm = analysed(&recording, 4_096).bpm.unwrap();
    assert!(bpm.is_variable, "{bpm:?}");
    let change = bpm.changes.iter().find(|change| (change.at_s - 37.5).abs() <= 7.5);
    assert!(change.is_some_and(|change| change.to_bpm > change.from_bpm), "{:?}", bpm.changes);
    let (start, end) = (bpm.start_bpm.unwrap(), bpm.end_bpm.unwrap());
    assert!((start - 110.0).abs() < 2.0 && (end - 126.0).abs() < 2.0, "{start} {end}");
    assert!((bpm.bpm - recording.truth().bpm.unwrap()).abs() < 4.0, "{}", bpm.bpm);
}

#[test]
fn a_change_of_key_is_told() {
    let key = |name, scale| Key::named(name, scale).unwrap();
    let sections = vec![
        Section { at_s: 0.0, key: key("C", "major"), style: 2 },
        Section { at_s: 45.0, key: key("F#", "major"), style: 2 },
    ];
    let recording = Recording::new(Request { sections, ..population::track(3, 2, 90.0) }).unwrap();
    let keys = analysed(&recording, 4_096).key.unwrap().keys;
    assert_eq!(keys[0].1, "C", "{keys:?}");
    assert!(keys.iter().any(|key| key.1 == "F#" && (30.0..=60.0).contains(&key.0)), "{keys:?}");
}

#[test]
fn what_is_no_recording_is_refused() {
    assert!(Analyzer::new(44_100, 0).is_err() && Analyzer::new(44_100, 9).is_err());
    assert!(Analyzer::new(7_999, 1).is_err() && Analyzer::new(400_000, 1).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_samples_bring_it_down(
        samples in prop::collection::vec(prop_oneof![-2.0..2.0_f32, Just(0.0), Just(f32::MAX), Just(f32::NAN)], 0..6_000),
        channels in 1..4_usize,
        rate in prop_oneof![Just(8_000_u32), Just(44_100), Just(192_000)],
    ) {
        let mut analyzer = Analyzer::new(rate, channels).unwrap();
        let whole = samples.len() / channels * channels;
        analyzer.take(&samples[..whole]);
        let found = analyzer.finish();
        prop_assert_eq!(found.duration_s, (whole / channels) as f64 / f64::from(rate));
    }
}
