//! Beats by dynamic programming (Ellis 2007, "Beat tracking by dynamic programming", Journal of New Music Research 36).

/// How much a beat that comes too early or late costs, against the onsets.
const TIGHTNESS: f64 = 400.0;

/// The places of beats in an envelope, given the number of values between beats around each place.
///
/// The result ascends; each beat's predecessor lies between half and twice a period before it.
pub(super) fn beats(envelope: &[f32], period_at: impl Fn(usize) -> f64) -> Vec<usize> {
    let scale = deviation(envelope);
    if scale == 0.0 {
        return Vec::new();
    }
    let mut scores = vec![0.0_f32; envelope.len()];
    let mut costs = Costs { period: 0.0, of: Vec::new(), nearest: 1 };
    let mut before = vec![u32::MAX; envelope.len()];
    for place in 0..envelope.len() {
        let onset = envelope[place] / scale;
        costs.set(period_at(place));
        let (best, score) = costs.predecessor(&scores[..place], place);
        // Below zero nothing came before: a beat may be the first.
        if score > 0.0 {
            before[place] = best as u32;
        }
        scores[place] = onset + score.max(0.0);
    }
    let last_period = period_at(envelope.len().saturating_sub(1)).ceil() as usize;
    let from = envelope.len().saturating_sub(last_period.max(1));
    let last = (from..envelope.len()).max_by(|&one, &other| scores[one].total_cmp(&scores[other]));
    let mut beats = Vec::new();
    let mut place = last.unwrap_or(0) as u32;
    while place != u32::MAX {
        beats.push(place as usize);
        place = before[place as usize];
    }
    beats.reverse();
    beats
}

/// What distances from one beat to the next cost.
struct Costs {
    period: f64,
    /// From the nearest distance on.
    of: Vec<f32>,
    nearest: usize,
}

impl Costs {
    fn set(&mut self, period: f64) {
        if period == self.period {
            return;
        }
        let (nearest, farthest) = ((period * 0.5).round().max(1.0) as usize, (period * 2.0).round() as usize);
        let cost = |distance: usize| {
            let ratio = libm::log(distance as f64 / period);
            (TIGHTNESS / 8.0 * ratio * ratio) as f32
        };
        *self = Self { period, of: (nearest..=farthest).map(cost).collect(), nearest };
    }

    /// The best beat before `place`, and what it brings.
    fn predecessor(&self, scores: &[f32], place: usize) -> (usize, f32) {
        let mut best = (0, 0.0_f32);
        let reachable = place.saturating_sub(self.nearest - 1).min(self.of.len());
        for (further, cost) in self.of[..reachable].iter().enumerate() {
            let from = place - self.nearest - further;
            if scores[from] - cost > best.1 {
                best = (from, scores[from] - cost);
            }
        }
        best
    }
}

fn deviation(envelope: &[f32]) -> f32 {
    let count = envelope.len().max(1) as f32;
    let mean = envelope.iter().sum::<f32>() / count;
    (envelope.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_beats_and_gaps_are_filled() {
        let mut envelope = vec![0.0_f32; 2_000];
        let clicks: Vec<usize> = (0..45).map(|beat| 10 + beat * 43).collect();
        clicks.iter().for_each(|&place| envelope[place] = 1.0);
        // Two clicks are missing, and one stands off the beat.
        (envelope[clicks[20]], envelope[clicks[31]], envelope[clicks[12] + 21]) = (0.0, 0.0, 1.0);
        let found = beats(&envelope, |_| 43.0);
        assert_eq!(found.iter().filter(|place| clicks.contains(place)).count(), 45, "{found:?}");
        assert!(found.len() <= 47, "{found:?}");
        assert!(beats(&[0.0; 500], |_| 43.0).is_empty() && beats(&[], |_| 43.0).is_empty());
    }
}
