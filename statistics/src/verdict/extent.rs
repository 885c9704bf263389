//! How far changes reach: one segment, or all of a payer's, say.

use std::collections::BTreeMap;

use super::cell::{Cell, Extent, Outcome};

/// Fewer segments than this are no whole.
const LEAST_SEGMENTS: usize = 3;

/// Marks the drifts of which more than half of the segments with the same value of a segment column have drifted the
/// same way. Of several columns the first that fits counts.
pub(super) fn mark_extents(segments: &[Vec<u32>], cells: &mut [Cell]) {
    let columns = segments.first().map_or(0, Vec::len);
    for column in (0..columns).rev() {
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        segments.iter().for_each(|segment| *sizes.entry(segment[column]).or_default() += 1);
        let mut drifted: BTreeMap<(usize, u32, bool), usize> = BTreeMap::new();
        let key = |cell: &Cell| {
            let change = cell.change.filter(|_| cell.outcome == Outcome::Drift)?;
            Some((cell.metric, segments[cell.segment][column], change.effect > 0.0))
        };
        cells.iter().filter_map(key).for_each(|key| *drifted.entry(key).or_default() += 1);
        for cell in cells.iter_mut() {
            let Some(key) = key(cell) else { continue };
            let (whole, part) = (sizes[&key.1], drifted[&key]);
            if let Some(change) = cell.change.as_mut().filter(|_| whole >= LEAST_SEGMENTS && 2 * part > whole)
            {
                change.extent = Extent::Column(column);
            }
        }
    }
}
