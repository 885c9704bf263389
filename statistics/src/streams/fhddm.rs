//! FHDDM: the share of events in a sliding window, against the highest it has had.

use super::{Data, Signal, Stream, StreamKind};
use crate::parameters::{Allowed, Checked, Given, OPEN_UNIT, Parameter, ParameterError};

/// The registry line.
pub(super) const KIND: StreamKind = StreamKind {
    name: "fhddm",
    about: "the share of events in a sliding window falls below its maximum by more than Hoeffding's bound",
    data: Data::Events,
    parameters: PARAMETERS,
    reference: "A. Pesaranghader, H. Viktor, Fast Hoeffding drift detection method for evolving data streams, ECML-PKDD 2016",
    build: |given| Ok(Box::new(Fhddm::new(given)?)),
};

const LONGEST_WINDOW: u32 = 1 << 24;

const PARAMETERS: &[Parameter] = &[
    Parameter::number(
        "sliding_window_size",
        100.0,
        Allowed::Whole(1, LONGEST_WINDOW),
        "values in the window",
    ),
    Parameter::number(
        "confidence_level",
        1e-6,
        OPEN_UNIT,
        "chance that the bound is exceeded without a drift",
    ),
    Parameter::absent(
        "short_window_size",
        Allowed::Whole(1, LONGEST_WINDOW),
        "values in a second window, at most those of the first; none: there is no second window",
    ),
];

/// FHDDM, for shares that fall. The events of the paper are right predictions; to watch a rate of denials rise,
/// exchange 0 and 1.
#[derive(Debug, Clone)]
pub struct Fhddm {
    long: Share,
    short: Option<Share>,
    /// The last values, as a ring.
    ring: Vec<bool>,
    next: usize,
    read: usize,
}

/// The share of events in the last `size` values.
#[derive(Debug, Clone)]
struct Share {
    size: usize,
    epsilon: f64,
    events: u32,
    highest: f64,
}

impl Share {
    fn new(size: usize, confidence: f64) -> Self {
        let epsilon = (libm::log(1.0 / confidence) / (2 * size) as f64).sqrt();
        Self { size, epsilon, events: 0, highest: 0.0 }
    }

    /// Whether the share is now further below its maximum than the bound.
    #[inline]
    fn falls(&mut self) -> bool {
        let share = f64::from(self.events) / self.size as f64;
        self.highest = if self.highest < share { share } else { self.highest };
        self.highest - share > self.epsilon
    }

    fn clear(&mut self) {
        (self.events, self.highest) = (0, 0.0);
    }
}

impl Fhddm {
    /// Builds the detector from parameters by name.
    ///
    /// # Errors
    /// If a parameter is unknown, given twice or not allowed, or the second window is longer than the first.
    pub fn new(given: &[Given<'_>]) -> Result<Self, ParameterError> {
        let checked = Checked::of(KIND.name, PARAMETERS, given)?;
        let (size, confidence) = (checked.size("sliding_window_size"), checked.number("confidence_level"));
        let short = checked.optional("short_window_size").map(|size| Share::new(size as usize, confidence));
        if let Some(short) = &short
            && short.size > size
        {
            let problem = format!("{} is more than sliding_window_size, which is {size}", short.size);
            return Err(checked.refuse("short_window_size", problem));
        }
        Ok(Self { long: Share::new(size, confidence), short, ring: vec![false; size], next: 0, read: 0 })
    }

    /// The place of the value that was read `back` values before the one to be read next.
    #[inline]
    fn place(&self, back: usize) -> usize {
        if back <= self.next { self.next - back } else { self.next + self.ring.len() - back }
    }
}

impl Stream for Fhddm {
    #[inline]
    fn update(&mut self, value: f64) -> Signal {
        let event = value == 1.0;
        let leaves_long = self.ring[self.next];
        self.long.events += u32::from(event);
        self.long.events -= u32::from(leaves_long);
        if let Some(size) = self.short.as_ref().map(|short| short.size) {
            let leaves_short = self.ring[self.place(size)];
            self.short.iter_mut().for_each(|short| {
                short.events += u32::from(event);
                short.events -= u32::from(leaves_short);
            });
        }
        self.ring[self.next] = event;
        self.next = if self.next + 1 == self.ring.len() { 0 } else { self.next + 1 };
        self.read += 1;
        if self.read < self.long.size {
            return Signal::Quiet;
        }
        let falls = self.long.falls() | self.short.as_mut().is_some_and(Share::falls);
        if falls {
            self.reset();
            return Signal::Drift;
        }
        Signal::Quiet
    }

    fn reset(&mut self) {
        self.long.clear();
        self.short.iter_mut().for_each(Share::clear);
        self.ring.fill(false);
        (self.next, self.read) = (0, 0);
    }

    fn estimation(&self) -> Option<f64> {
        (self.read >= self.long.size).then(|| f64::from(self.long.events) / self.long.size as f64)
    }
}
