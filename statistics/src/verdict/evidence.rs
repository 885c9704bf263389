//! What the days of a cell say for each effect.

use super::effects::Effects;

/// The evidence of one metric.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) effects: Effects,
    pub(super) cells: Vec<CellEvidence>,
}

/// The evidence of one metric of one segment.
#[derive(Debug, Clone, Default)]
pub(super) struct CellEvidence {
    /// The logarithm of the likelihood ratio of each effect against none, on each day that is searched: days of the
    /// first effect first.
    pub(super) log_ratios: Vec<f64>,
    /// Rows of each day that is searched.
    pub(super) rows: Vec<f64>,
    /// Rows that the state before is known from, of the segment itself and lent by others.
    pub(super) rows_behind: f64,
    /// Rows of the segment before the days that are searched.
    pub(super) rows_before: u64,
    /// The state before: see [`super::Change::before`]; `None` without rows.
    pub(super) before: Option<f64>,
    /// Of a mix, the share of each category before.
    pub(super) shares: Vec<f64>,
    /// For the past, in pieces as long as the current window: the log ratios of a small effect of each direction.
    pub(super) past: Vec<[f64; 2]>,
    /// Rows of these pieces, where they are needed.
    pub(super) past_rows: f64,
}

/// How much wider the past spreads than independent rows would: the variance of the log ratios of small effects
/// over twice their mean's amount, which is 1 where the model holds. At least 1.
///
/// For a small effect δ the log ratio of a piece is δS − δ²I/2 with the score S, whose variance is the information I
/// if rows are independent (Cox and Hinkley 1974, section 4.8). Cells that spread most are left out, so
/// that real changes of the past do not count.
pub(super) fn overdispersion(cells: &[CellEvidence]) -> f64 {
    let mut ratios: Vec<(f64, f64)> = Vec::new();
    for cell in cells {
        for direction in 0..2 {
            let pieces = cell.past.len() as f64;
            if pieces < 4.0 {
                continue;
            }
            let mean = cell.past.iter().map(|piece| piece[direction]).sum::<f64>() / pieces;
            let squares = cell.past.iter().map(|piece| (piece[direction] - mean).powi(2)).sum::<f64>();
            if mean < -1e-9 {
                ratios.push((squares / (pieces - 1.0), -2.0 * mean));
            }
        }
    }
    ratios.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let kept = &ratios[..ratios.len() - ratios.len() / 20];
    let (variance, twice): (f64, f64) =
        kept.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    if twice > 0.0 { (variance / twice).max(1.0) } else { 1.0 }
}
