//! Hommel's correction: the closed test with Simes's test of every intersection.

/// Adjusted p-values of rising `sorted`, by the algorithm of Wright (1992). Its time is quadratic in their
/// number.
pub(super) fn hommel(sorted: &[f64]) -> Vec<f64> {
    let count = sorted.len();
    let mut adjusted = sorted.to_vec();
    for size in (2..=count).rev() {
        let first = count - size;
        // Simes's p-value of the `size` largest, the smallest of them left out.
        let simes = |rank: usize| size as f64 * sorted[first + rank] / (rank + 1) as f64;
        let within = (1..size).map(simes).fold(f64::INFINITY, f64::min);
        for (rank, p) in adjusted.iter_mut().enumerate() {
            let smallest = if rank > first { within } else { within.min(size as f64 * sorted[rank]) };
            *p = p.max(smallest);
        }
    }
    adjusted.iter().map(|p| p.min(1.0)).collect()
}
