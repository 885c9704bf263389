//! How a cell changed, given the data of the whole panel.

use super::cell::{Change, Extent};
use super::effects::{Effects, Kind};
use super::evidence::CellEvidence;
use super::panel::{Metric, Panel, Scale};
use super::prior::{Prior, Ratios};
use super::profiles::Profile;

/// What is known of a change, given the data.
pub(super) struct Posterior<'p> {
    pub(super) panel: &'p Panel,
    pub(super) metric: usize,
    pub(super) prior: &'p Prior,
    pub(super) profiles: &'p [Profile],
    pub(super) effects: &'p Effects,
}

impl Posterior<'_> {
    /// The change of a cell, as far as something speaks for one.
    pub(super) fn change(&self, cell: &CellEvidence, ratios: &Ratios) -> Option<Change> {
        let weights = &self.prior.metrics[self.metric].effects;
        if ratios.each.is_empty() || (cell.before.is_none() && cell.shares.is_empty()) {
            return None;
        }
        let searched = cell.rows.len();
        let mut first_days = vec![0.0; searched];
        let (mut total, mut size) = (0.0, 0.0);
        let mut best = (0.0, None);
        let judged = self.effects.judged().iter().zip(weights);
        for ((&effect, weight), of_profiles) in judged.zip(ratios.each.chunks(self.profiles.len())) {
            let effect = self.effects.each()[effect];
            let mut of_effect = 0.0;
            for ((ratio, profile), chance) in of_profiles.iter().zip(self.profiles).zip(&self.prior.profiles)
            {
                let part = f64::from(*ratio) * weight * chance;
                first_days[profile.first_day()] += part;
                of_effect += part;
            }
            total += of_effect;
            size += of_effect * self.in_unit(effect.kind, effect.size, cell);
            if of_effect > best.0 {
                best = (of_effect, Some(effect.kind));
            }
        }
        let first_day = (0..searched).max_by(|&one, &other| first_days[one].total_cmp(&first_days[other]))?;
        let effect = size / total;
        let category = match best.1? {
            Kind::Weight(category) => Some(category),
            _ => None,
        };
        let before = category.map_or(cell.before, |category| cell.shares.get(category as usize).copied())?;
        let after = match self.panel.parts().metrics[self.metric] {
            Metric::Volume(_) => before * (1.0 + effect),
            Metric::Value { scale: Scale::Logarithm { codes_per_octave }, .. } => {
                before + libm::log2(1.0 + effect) * f64::from(codes_per_octave)
            }
            _ => before + effect,
        };
        let first_day = self.panel.recent() + first_day;
        Some(Change { before, after, effect, first_day, category, extent: Extent::Segment })
    }

    /// An effect in the unit of [`Change::effect`].
    fn in_unit(&self, kind: Kind, size: f64, cell: &CellEvidence) -> f64 {
        let factor = libm::exp(size);
        match (kind, &self.panel.parts().metrics[self.metric]) {
            (Kind::Addition, _) => size,
            (Kind::Weight(category), _) => {
                let before = cell.shares.get(category as usize).copied().unwrap_or(0.0);
                before * factor / (1.0 + before * (factor - 1.0)) - before
            }
            (_, Metric::Value { scale: Scale::Days, .. }) => cell.before.unwrap_or(0.0) * (factor - 1.0),
            _ => factor - 1.0,
        }
    }
}
