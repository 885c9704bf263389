//! The common shape of numbers about their location, as a smoothed cumulative distribution.

/// A distribution on an even grid.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    low: f64,
    step: f64,
    /// The probability below each edge of the grid.
    cumulated: Vec<f64>,
}

/// Weights on an even grid, before they are a distribution.
#[derive(Debug)]
pub(super) struct Gathering {
    low: f64,
    step: f64,
    weights: Vec<f64>,
}

impl Gathering {
    pub(super) fn new(reach: f64, step: f64) -> Self {
        let bins = (2.0 * reach / step).ceil() as usize;
        Self { low: -reach, step, weights: vec![0.0; bins] }
    }

    /// Spreads `weight` evenly from `from` to `to`; what lies outside of the grid goes to its ends.
    pub(super) fn add(&mut self, from: f64, to: f64, weight: f64) {
        let last = self.weights.len() as f64;
        let place = |t: f64| ((t - self.low) / self.step).clamp(0.0, last);
        let (from, to) = (place(from), place(to));
        let (first, end) = (from as usize, to as usize);
        if to <= from || first == end {
            self.weights[first.min(last as usize - 1)] += weight;
            return;
        }
        let density = weight / (to - from);
        self.weights[first] += density * (first as f64 + 1.0 - from);
        self.weights[first + 1..end].iter_mut().for_each(|bin| *bin += density);
        if end < self.weights.len() {
            self.weights[end] += density * (to - end as f64);
        }
    }

    /// Smooths with a normal kernel and sums up. The width of the kernel is Silverman's (1986, equation 3.31),
    /// 0.9 · spread · n^(−1/5), for a robust spread.
    pub(super) fn finish(self, spread: f64) -> Shape {
        let total: f64 = self.weights.iter().sum();
        let width = 0.9 * spread * libm::pow(total.max(1.0), -0.2) / self.step;
        let smooth = smoothed(&self.weights, width);
        let total: f64 = smooth.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let mut sum = 0.0;
        let mut cumulated = Vec::with_capacity(smooth.len() + 1);
        cumulated.push(0.0);
        for weight in smooth {
            sum += weight / total;
            cumulated.push(sum);
        }
        Shape { low: self.low, step: self.step, cumulated }
    }
}

/// The convolution with a normal kernel of a width in bins.
fn smoothed(weights: &[f64], width: f64) -> Vec<f64> {
    let reach = (4.0 * width).ceil() as usize;
    let kernel: Vec<f64> =
        (0..=reach).map(|bin| libm::exp(-0.5 * (bin as f64 / width.max(0.1)).powi(2))).collect();
    let norm = kernel[0] + 2.0 * kernel[1..].iter().sum::<f64>();
    let mut smooth = vec![0.0; weights.len()];
    for (bin, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for (distance, share) in kernel.iter().enumerate() {
            let share = weight * share / norm;
            smooth[(bin + distance).min(weights.len() - 1)] += share;
            if distance > 0 {
                smooth[bin.saturating_sub(distance)] += share;
            }
        }
    }
    smooth
}

impl Shape {
    /// The probability below `t`.
    pub(super) fn below(&self, t: f64) -> f64 {
        let place = (t - self.low) / self.step;
        let last = self.cumulated.len() - 1;
        if place <= 0.0 {
            return 0.0;
        }
        if place >= last as f64 {
            return 1.0;
        }
        let edge = place as usize;
        let share = place - edge as f64;
        self.cumulated[edge] * (1.0 - share) + self.cumulated[edge + 1] * share
    }

    /// The point that half of the probability lies below.
    pub(super) fn median(&self) -> f64 {
        self.low + self.cumulated.partition_point(|&below| below < 0.5) as f64 * self.step
    }
}
