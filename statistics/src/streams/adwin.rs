//! ADWIN: a window that grows while its mean stands, and shrinks when two of its parts differ.

use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, OPEN_UNIT, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "adwin",
    about: "the means of the older and the newer part of an adaptive window differ by more than chance allows, wherever it is cut",
    data: Data::Real,
    parameters: PARAMETERS,
    reference: "A. Bifet, R. Gavaldà, Learning from time-changing data with adaptive windowing, SDM 2007, 443-448",
    build: |given| Ok(Box::new(Adwin::new(given)?)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "delta",
        0.002,
        OPEN_UNIT,
        "significance: the chance of an alarm without a drift, per check",
    ),
    Parameter::number("clock", 32.0, Allowed::Whole(1, u32::MAX), "values from one check to the next"),
    Parameter::number(
        "max_buckets",
        5.0,
        Allowed::Whole(2, 1_024),
        "buckets of one size before two are merged",
    ),
    Parameter::number(
        "min_window_length",
        5.0,
        Allowed::Whole(1, u32::MAX),
        "values in the shorter part of a cut",
    ),
    Parameter::number("grace_period", 10.0, Allowed::Whole(0, u32::MAX), "values before the first check"),
    Parameter::word(
        "after_drift",
        "restart",
        &["restart", "keep"],
        "whether the window starts empty after a drift, as in river, or keeps its newer part, as in the paper",
    ),
];

/// ADWIN with the exponential histogram: the memory is that of `max_buckets` × log2(width) buckets.
///
/// A check looks at every border between two buckets. It costs a few divisions and a root for each, which are done
/// for all borders side by side: whether *any* border shows a drift is all that matters, since what is then dropped
/// is the oldest bucket, whichever border it was. The terms that depend on the window alone are computed once a check.
#[derive(Debug, Clone)]
pub struct Adwin {
    delta: f64,
    clock: u32,
    min_window_length: f64,
    grace_period: f64,
    keeps_window: bool,
    window: Window,
    cuts: Cuts,
    until_check: u32,
    /// The last value was a drift, and the window is still there to be seen.
    ended: bool,
}

impl Adwin {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let clock = checked.whole("clock");
        Ok(Self {
            delta: checked.number("delta"),
            clock,
            min_window_length: checked.number("min_window_length"),
            grace_period: checked.number("grace_period"),
            keeps_window: checked.word("after_drift") == "keep",
            window: Window::new(checked.size("max_buckets")),
            cuts: Cuts::default(),
            until_check: clock,
            ended: false,
        })
    }

    /// The number of values in the window.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.window.width
    }

    /// The sum of the values in the window.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.window.total
    }

    /// The sum of squared deviations of the window's values from their mean: what river calls its variance.
    #[must_use]
    pub fn squared_deviations(&self) -> f64 {
        self.window.deviations
    }

    #[inline(never)]
    fn check(&mut self) -> Signal {
        self.until_check = self.clock;
        if self.window.width <= self.grace_period {
            return Signal::Quiet;
        }
        let mut signal = Signal::Quiet;
        while self.parts_differ() {
            self.window.drop_oldest();
            signal = Signal::Drift;
        }
        self.ended = signal == Signal::Drift && !self.keeps_window;
        signal
    }

    /// Whether the means of the two parts differ significantly at any cut of the window.
    fn parts_differ(&mut self) -> bool {
        let Window { width, total, deviations, .. } = self.window;
        self.cuts.list(&self.window, total);
        let (shortest, logarithm) = (self.min_window_length, libm::log(2.0 * libm::log(width) / self.delta));
        let bound = Bound {
            width,
            shortest,
            mean_deviation: deviations / width,
            logarithm,
            linear: 2.0 / 3.0 * logarithm,
        };
        self.cuts.any_beyond(&bound)
    }
}

impl Stream for Adwin {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        if self.ended {
            self.reset();
        }
        self.window.push(value);
        self.until_check -= 1;
        if self.until_check == 0 { self.check() } else { Signal::Quiet }
    }

    fn reset(&mut self) {
        self.window.clear();
        self.until_check = self.clock;
        self.ended = false;
    }

    fn estimation(&self) -> Option<f64> {
        (self.window.width > 0.0).then(|| self.window.total / self.window.width)
    }
}

/// The difference of means that chance allows at a cut (equation 3.1 of the paper, with the correction for short
/// parts that river makes).
struct Bound {
    width: f64,
    shortest: f64,
    mean_deviation: f64,
    /// ln(2 ln(width) / delta).
    logarithm: f64,
    /// Two thirds of `logarithm`.
    linear: f64,
}

impl Bound {
    #[inline]
    fn is_exceeded(&self, older_length: f64, older_total: f64, newer_total: f64) -> bool {
        let newer_length = self.width - older_length;
        let difference = older_total / older_length - newer_total / newer_length;
        let inverse = 1.0 / (older_length - self.shortest + 1.0) + 1.0 / (newer_length - self.shortest + 1.0);
        let allowed = (2.0 * inverse * self.mean_deviation * self.logarithm).sqrt() + self.linear * inverse;
        // No short circuits: all cuts are computed side by side.
        (older_length >= self.shortest) & (newer_length >= self.shortest) & (difference.abs() > allowed)
    }
}

/// The borders between buckets, from the oldest: the length and total of what is older, and the total of the rest.
#[derive(Debug, Clone, Default)]
struct Cuts {
    older_lengths: Vec<f64>,
    older_totals: Vec<f64>,
    newer_totals: Vec<f64>,
}

impl Cuts {
    fn list(&mut self, window: &Window, total: f64) {
        self.older_lengths.clear();
        self.older_totals.clear();
        self.newer_totals.clear();
        let (mut older_length, mut older_total, mut newer_total) = (0.0, 0.0, total);
        for (row, size) in window.rows_from_oldest() {
            for bucket in row {
                older_length += size;
                older_total += bucket;
                newer_total -= bucket;
                self.older_lengths.push(older_length);
                self.older_totals.push(older_total);
                self.newer_totals.push(newer_total);
            }
        }
    }

    fn any_beyond(&self, bound: &Bound) -> bool {
        let totals = self.older_totals.iter().zip(&self.newer_totals);
        self.older_lengths
            .iter()
            .zip(totals)
            .fold(false, |any, (&length, (&older, &newer))| any | bound.is_exceeded(length, older, newer))
    }
}

/// The exponential histogram (Babcock, Datar, Motwani, O'Callaghan 2003): row `r` has buckets of 2^r values.
#[derive(Debug, Clone)]
struct Window {
    width: f64,
    total: f64,
    deviations: f64,
    max_buckets: usize,
    /// The number of buckets of each row.
    counts: Vec<usize>,
    /// The total of each bucket, `max_buckets + 1` places for a row, the oldest first.
    totals: Vec<f64>,
    /// The sum of squared deviations of each bucket, in the same places.
    bucket_deviations: Vec<f64>,
}

impl Window {
    fn new(max_buckets: usize) -> Self {
        let mut window = Self {
            width: 0.0,
            total: 0.0,
            deviations: 0.0,
            max_buckets,
            counts: Vec::new(),
            totals: Vec::new(),
            bucket_deviations: Vec::new(),
        };
        window.add_row();
        window
    }

    fn places(&self) -> usize {
        self.max_buckets + 1
    }

    fn add_row(&mut self) {
        self.counts.push(0);
        self.totals.resize(self.counts.len() * self.places(), 0.0);
        self.bucket_deviations.resize(self.counts.len() * self.places(), 0.0);
    }

    fn clear(&mut self) {
        (self.width, self.total, self.deviations) = (0.0, 0.0, 0.0);
        self.counts.clear();
        self.add_row();
    }

    /// The buckets' totals and their size in values, from the row of the largest buckets.
    fn rows_from_oldest(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let rows = self.totals.chunks_exact(self.places()).zip(&self.counts).enumerate();
        let rows = rows.take(self.counts.len()).rev();
        rows.map(|(row, (totals, &count))| (&totals[..count], size_of_row(row)))
    }

    #[inline]
    fn push(&mut self, value: f64) {
        self.insert(0, value, 0.0);
        let before = self.width;
        self.width += 1.0;
        if before > 0.0 {
            let distance = value - self.total / before;
            self.deviations += before * distance * distance / self.width;
        }
        self.total += value;
        if self.counts[0] > self.max_buckets {
            self.merge_full_rows();
        }
    }

    #[inline]
    fn insert(&mut self, row: usize, total: f64, deviations: f64) {
        let place = row * self.places() + self.counts[row];
        self.totals[place] = total;
        self.bucket_deviations[place] = deviations;
        self.counts[row] += 1;
    }

    fn merge_full_rows(&mut self) {
        let mut row = 0;
        while self.counts[row] > self.max_buckets {
            if row + 1 == self.counts.len() {
                self.add_row();
            }
            let first = row * self.places();
            let (total, deviations) = self.merged(row, first);
            self.insert(row + 1, total, deviations);
            self.remove_oldest(row, 2);
            row += 1;
        }
    }

    /// The total and deviations of the two oldest buckets of a row together. Sizes are powers of two, so dividing by
    /// them and multiplying by their inverses are the same to the bit.
    #[inline]
    fn merged(&self, row: usize, first: usize) -> (f64, f64) {
        let (size, inverse) = (size_of_row(row), 1.0 / size_of_row(row));
        let (one, other) = (self.totals[first], self.totals[first + 1]);
        let distance = one * inverse - other * inverse;
        let between = size * size * distance * distance * (0.5 * inverse);
        (one + other, self.bucket_deviations[first] + self.bucket_deviations[first + 1] + between)
    }

    fn remove_oldest(&mut self, row: usize, number: usize) {
        let (first, end) = (row * self.places(), row * self.places() + self.counts[row]);
        self.totals.copy_within(first + number..end, first);
        self.bucket_deviations.copy_within(first + number..end, first);
        self.counts[row] -= number;
    }

    fn drop_oldest(&mut self) {
        let row = self.counts.len() - 1;
        let (size, first) = (size_of_row(row), row * self.places());
        let total = self.totals[first];
        self.width -= size;
        self.total -= total;
        let distance = total / size - self.total / self.width;
        self.deviations -=
            self.bucket_deviations[first] + size * self.width * distance * distance / (size + self.width);
        self.remove_oldest(row, 1);
        if self.counts[row] == 0 {
            self.counts.pop();
        }
    }
}

/// The number of values in a bucket of a row.
#[inline]
fn size_of_row(row: usize) -> f64 {
    (1u64 << row) as f64
}
