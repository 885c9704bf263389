//! Scores of change points against what several people have marked in a series.
//!
//! The scores of van den Burg and Williams, An evaluation of change point detection algorithms, arXiv:2003.06222 (2020):
//! F1 with a margin, and covering. Changes are indexes of the first value after them, counted from 0.

use std::collections::BTreeSet;

/// The margin of the published scores: how far a change may be from the marked place, in values.
pub const MARGIN: usize = 5;

/// How found changes agree with marked ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// The share of the found changes that somebody has marked.
    pub precision: f64,
    /// The share of the marked changes that are found, averaged over the people.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

/// F1 of `found` against the changes that each of several people has marked, none if there are no people.
///
/// A found change serves one marked change at most, `margin` values away at most. The start of the series counts as a
/// change that everybody marks and every method finds, so that no score is undefined.
#[must_use]
pub fn agreement(marked: &[Vec<usize>], found: &[usize], margin: usize) -> Option<Agreement> {
    let with_start = |changes: &[usize]| changes.iter().copied().chain([0]).collect::<BTreeSet<_>>();
    let found = with_start(found);
    let people: Vec<_> = marked.iter().map(|changes| with_start(changes)).collect();
    if people.is_empty() {
        return None;
    }
    let anybody = people.iter().flatten().copied().collect();
    let precision = hits(&anybody, &found, margin) as f64 / found.len() as f64;
    let recalls = people.iter().map(|changes| hits(changes, &found, margin) as f64 / changes.len() as f64);
    let recall = recalls.sum::<f64>() / people.len() as f64;
    let f1 = precision * recall / (0.5 * recall + 0.5 * precision);
    Some(Agreement { precision, recall, f1 })
}

/// How many marked changes have a found one near, each found one used once; earlier marks choose first, the nearest.
fn hits(marked: &BTreeSet<usize>, found: &BTreeSet<usize>, margin: usize) -> usize {
    let mut left = found.clone();
    let mut hits = 0;
    for &mark in marked {
        let near = left.range(mark.saturating_sub(margin)..=mark.saturating_add(margin));
        if let Some(&nearest) = near.min_by_key(|&&change| change.abs_diff(mark)) {
            left.remove(&nearest);
            hits += 1;
        }
    }
    hits
}

/// How well the segments between `found` changes cover those that each of several people has marked in a series of
/// `length` values: the length-weighted mean, over marked segments, of the best Jaccard index with a found segment,
/// averaged over the people. None if there are no people or no values.
#[must_use]
pub fn covering(marked: &[Vec<usize>], found: &[usize], length: usize) -> Option<f64> {
    if marked.is_empty() || length == 0 {
        return None;
    }
    let found = segments(found, length);
    let covered = marked.iter().map(|changes| cover(&segments(changes, length), &found, length));
    Some(covered.sum::<f64>() / marked.len() as f64)
}

/// The segments between changes, as start and end; changes at 0 or beyond the series make none.
fn segments(changes: &[usize], length: usize) -> Vec<(usize, usize)> {
    let changes: BTreeSet<usize> = changes.iter().copied().filter(|&change| change < length).collect();
    let starts: BTreeSet<usize> = changes.into_iter().chain([0]).collect();
    let ends = starts.iter().copied().skip(1).chain([length]);
    starts.iter().copied().zip(ends).collect()
}

fn cover(marked: &[(usize, usize)], found: &[(usize, usize)], length: usize) -> f64 {
    let jaccard = |one: (usize, usize), other: (usize, usize)| {
        let common = one.1.min(other.1).saturating_sub(one.0.max(other.0));
        let either = (one.1 - one.0) + (other.1 - other.0) - common;
        common as f64 / either as f64
    };
    let weighted = marked.iter().map(|&segment| {
        let best = found.iter().map(|&other| jaccard(segment, other)).fold(0.0, f64::max);
        (segment.1 - segment.0) as f64 * best
    });
    weighted.sum::<f64>() / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f1(marked: &[&[usize]], found: &[usize]) -> f64 {
        let marked: Vec<_> = marked.iter().map(|changes| changes.to_vec()).collect();
        agreement(&marked, found, MARGIN).unwrap().f1
    }

    fn covered(marked: &[&[usize]], found: &[usize]) -> f64 {
        let marked: Vec<_> = marked.iter().map(|changes| changes.to_vec()).collect();
        covering(&marked, found, 45).unwrap()
    }

    /// The examples in the documentation of `f_measure` in TCPDBench's `metrics.py`, commit 316a5e9.
    #[test]
    fn f1_has_the_published_values() {
        assert_eq!(f1(&[&[10, 20], &[11, 20], &[10], &[0, 5]], &[10, 20]), 1.0);
        assert_eq!(f1(&[&[], &[10], &[50]], &[10]), 0.909_090_909_090_909_1);
        assert_eq!(f1(&[&[], &[10], &[50]], &[]), 0.8);
    }

    /// The examples in the documentation of `covering` in the same file.
    #[test]
    fn covering_has_the_published_values() {
        assert_eq!(covered(&[&[10, 20], &[10], &[0, 5]], &[10, 20]), 0.796_296_296_296_296_3);
        assert_eq!(covered(&[&[], &[10], &[40]], &[10]), 0.795_414_462_081_128_6);
        assert_eq!(covered(&[&[], &[10], &[40]], &[]), 0.818_930_041_152_263_4);
    }

    /// The examples in the documentation of `true_positives` in the same file.
    #[test]
    fn a_found_change_counts_once() {
        let hits = |found: &[usize]| {
            hits(&[1, 10, 20, 23].into_iter().collect(), &found.iter().copied().collect(), MARGIN)
        };
        assert_eq!((hits(&[3, 8, 20]), hits(&[1, 3, 8, 20]), hits(&[1, 3, 5, 8, 20])), (3, 3, 3));
        assert_eq!(hits(&[]), 0);
    }

    #[test]
    fn nobody_and_nothing_have_no_score() {
        assert_eq!(agreement(&[], &[3], MARGIN), None);
        assert_eq!(covering(&[], &[3], 10), None);
        assert_eq!(covering(&[vec![]], &[3], 0), None);
        assert_eq!(covering(&[vec![3, 99]], &[3], 10), Some(1.0), "changes beyond the series are none");
    }
}
