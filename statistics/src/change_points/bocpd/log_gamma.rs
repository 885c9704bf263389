//! ln Γ at steps of one.

/// The greatest number of steps that is kept.
const MOST_STEPS: usize = 1 << 16;

/// ln Γ(origin + k) for whole k, computed once for each k: evidences of counts are made of little else.
#[derive(Debug, Clone)]
pub(super) struct LogGamma {
    origin: f64,
    known: Vec<f64>,
}

impl LogGamma {
    /// From an origin above 0.
    pub(super) fn from(origin: f64) -> Self {
        Self { origin, known: Vec::new() }
    }

    /// ln Γ(origin + steps).
    #[inline]
    pub(super) fn at(&mut self, steps: u64) -> f64 {
        let place = usize::try_from(steps).unwrap_or(usize::MAX);
        if let Some(&known) = self.known.get(place) {
            return known;
        }
        if place >= MOST_STEPS {
            return libm::lgamma(self.origin + steps as f64);
        }
        let origin = self.origin;
        self.known.extend((self.known.len()..=place).map(|step| libm::lgamma(origin + step as f64)));
        self.known[place]
    }
}
