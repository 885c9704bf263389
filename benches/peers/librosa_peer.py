"""Tempo and key of a folder of FLAC files by librosa, with its accuracy and speed: a peer of the analysis in `audio/`.

    python3 -m venv venv && venv/bin/pip install librosa==0.11.0 soundfile==0.14.0
    cargo run --release -p driftforge-audio --example files -- DIR 40 40 5000
    venv/bin/python benches/peers/librosa_peer.py DIR
    cargo run --release -p driftforge-audio --example accuracy -- 40 40 5000

librosa has no key finder of its own: its chroma is compared with the profiles of Krumhansl and Kessler (1982), as is
usual. Times are wall clock of one process; set OMP_NUM_THREADS=1 to compare one core with one core.
"""

import csv
import sys
import time
from pathlib import Path

import librosa
import numpy as np

NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def key_of(chroma: np.ndarray) -> tuple[int, str]:
    fits = [
        (np.corrcoef(np.roll(profile, tonic), chroma)[0, 1], tonic, scale)
        for scale, profile in (("major", MAJOR), ("minor", MINOR))
        for tonic in range(12)
    ]
    return max(fits)[1:]


def mirex(found: tuple[int, str], truth: tuple[int, str]) -> float:
    above, same = (found[0] - truth[0]) % 12, found[1] == truth[1]
    if above == 0:
        return 1.0 if same else 0.2
    if same:
        return 0.5 if above in (5, 7) else 0.0
    return 0.3 if above == (9 if truth[1] == "major" else 3) else 0.0


def main() -> None:
    directory = Path(sys.argv[1])
    rows = list(csv.DictReader(open(directory / "truth.csv", newline="")))
    librosa.beat.beat_track(y=np.random.default_rng(1).normal(size=44_100), sr=22_050)
    exact, octave, keys, taken, seconds = [], [], [], 0.0, 0.0
    for row in rows:
        start = time.perf_counter()
        signal, rate = librosa.load(directory / row["file"], sr=22_050)
        tempo = float(np.atleast_1d(librosa.beat.beat_track(y=signal, sr=rate)[0])[0])
        chroma = librosa.feature.chroma_stft(y=signal, sr=rate).sum(axis=1)
        found = key_of(chroma)
        taken += time.perf_counter() - start
        seconds += len(signal) / rate
        keys.append(mirex(found, (NAMES.index(row["tonic"]), row["scale"])))
        if row["bpm"]:
            bpm = float(row["bpm"])
            exact.append(abs(tempo - bpm) <= 2)
            octave.append(any(abs(tempo / (bpm * o) - 1) <= 0.04 for o in (1, 1 / 2, 2, 1 / 3, 3)))
    print(f"librosa {librosa.__version__}, numpy {np.__version__}: {len(rows)} files")
    print(f"bpm within 2: {np.mean(exact):.3f}, some octave within 4 %: {np.mean(octave):.3f}, MIREX: {np.mean(keys):.3f}")
    print(f"loading, beat_track and chroma: {seconds / taken:.0f} x real time")


if __name__ == "__main__":
    main()
