//! k ln k for whole k.

/// The greatest k whose k ln k is looked up.
const MOST_IN_TABLE: u64 = 1 << 16;

/// k ln k, from a table where k is small: likelihoods of counts are made of little else.
#[derive(Debug, Clone)]
pub(super) struct TimesLog {
    table: Vec<f64>,
}

impl TimesLog {
    /// For k up to `most`; beyond the table's limit it is computed.
    pub(super) fn up_to(most: u64) -> Self {
        Self { table: (0..=most.min(MOST_IN_TABLE)).map(times_log).collect() }
    }

    /// k ln k, 0 for 0.
    #[inline]
    pub(super) fn of(&self, count: u64) -> f64 {
        match usize::try_from(count).ok().and_then(|place| self.table.get(place)) {
            Some(&known) => known,
            None => times_log(count),
        }
    }
}

fn times_log(count: u64) -> f64 {
    if count == 0 { 0.0 } else { count as f64 * libm::log(count as f64) }
}
