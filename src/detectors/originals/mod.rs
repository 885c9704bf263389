//! Products that watched claims before: DriftWatch, DelayGuard and DenialScope, each with its own mapping and its
//! own windows, which end where the current window ends.
//!
//! A name with `-compat` is the product as it was, faults included; the name without it is the same idea put right.
//! What differs stands in each file. None of them corrects for the number of its tests. Their common base class,
//! whose severity and confidence no product used, is not among them; the sound DriftWatch takes its confidence.

pub(super) mod delayguard;
pub(super) mod denialscope;
pub(super) mod driftwatch;
mod labels;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Settings;
use crate::mappings::Mapping;
use crate::summaries::{Day, Grid, Keep, Plan, Summaries, WindowPair};
use crate::{Error, Result};

pub use delayguard::DelayGuard;
pub use denialscope::DenialScope;
pub use driftwatch::DriftWatch;

/// Whether a product is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With its faults.
    Original,
    /// With its faults put right.
    Sound,
}

/// What a product looks at.
#[derive(Debug, Clone, Copy)]
struct Needs {
    /// The mapping's name.
    mapping: &'static str,
    /// The metrics of it.
    metrics: &'static [&'static str],
    baseline_days: u32,
    current_days: u32,
}

impl Needs {
    /// The plan of the product; a mapping with the name of its own takes that one's place.
    fn plan(&self, given: &Arc<Mapping>, end: Day) -> Result<Plan> {
        let own = match given.name() == self.mapping {
            true => Arc::clone(given),
            false => Mapping::built_in(self.mapping)?,
        };
        let windows = WindowPair::before(end, self.baseline_days, self.current_days)?;
        let keep = Keep { moments: true, ..Keep::default() };
        Ok(Plan { mapping: Arc::new(own.only(self.metrics, false)?), grid: Grid::of_windows(windows), keep })
    }

    /// The windows of summaries that were made for the product.
    fn windows(&self, summaries: &Summaries) -> Result<WindowPair> {
        let plan = summaries.plan();
        let has_all = self.metrics.iter().all(|metric| plan.mapping.position(metric).is_some());
        plan.grid.window_pair().filter(|_| has_all && plan.keep.moments).ok_or_else(|| {
            let metrics = self.metrics.join(", ");
            Error::input("summaries", format!("two windows are needed, with the moments of {metrics}"))
        })
    }
}

/// The settings' minimum volume, or a product's own.
fn min_volume(settings: &Settings, own: u64) -> Result<u64> {
    const MOST: u64 = 1 << 40;
    match settings.min_volume.unwrap_or(own) {
        volume @ 1..=MOST => Ok(volume),
        volume => Err(Error::option("min-volume", volume, format!("a whole number from 1 to {MOST}"))),
    }
}

/// What all products tell of their options.
fn parameters(min_volume: u64, needs: &Needs) -> Map<String, Value> {
    let parameters: [(&str, Value); 4] = [
        ("min_volume", min_volume.into()),
        ("mapping", needs.mapping.into()),
        ("baseline_days", needs.baseline_days.into()),
        ("current_days", needs.current_days.into()),
    ];
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
