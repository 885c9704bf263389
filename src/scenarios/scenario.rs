//! The checked form of a scenario.

use driftforge_generators::{MAX_RECORDS, Run, SpecError};

use super::drift_kind::{DRIFT_KINDS, DriftKind};
use super::expansion::Expansion;
use super::injected_drift::InjectedDrift;
use super::raw::{RawDrift, RawKind, RawScenario, RawSegments};
use super::{Entry, SCENARIOS};
use crate::datasets::{Dataset, PlannedDataset};
use crate::{Error, Result};

/// The most payers, and the most groups: what is told apart by two digits.
const MAX_PER_COLUMN: usize = 99;

/// A scenario that can be expanded.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(super) name: String,
    about: String,
    pub(super) origin: String,
    records: u64,
    pub(super) segments: RawSegments,
    pub(super) drift: Option<Drifting>,
    pub(super) calendar: Option<toml::Table>,
    pub(super) nuisance: Vec<toml::Table>,
    pub(super) dirt: Vec<toml::Table>,
}

/// The drift to find.
#[derive(Debug, Clone)]
pub(super) struct Drifting {
    pub(super) shape: toml::Table,
    pub(super) start_days: [i32; 2],
    pub(super) length_days: Option<u32>,
    /// Each drift's kind and size.
    pub(super) sizes: Vec<(&'static DriftKind, f64)>,
}

/// A scenario under one seed: its data, and what is to be found in them.
#[derive(Debug, Clone)]
pub struct PlannedScenario {
    /// What makes the rows; its truth has the drifts under the same ids, beside those that are no drift to find.
    pub dataset: PlannedDataset,
    /// The spec of the dataset, which `datagen --spec` takes as well.
    pub spec: String,
    /// The drift to find.
    pub drifts: Vec<InjectedDrift>,
}

impl Scenario {
    /// A scenario that is compiled in.
    ///
    /// # Errors
    /// [`Error::Option`] when there is none of that name.
    pub fn built_in(name: &str) -> Result<Self> {
        let Some(Entry { name, text }) = SCENARIOS.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = SCENARIOS.iter().map(|known| known.name).collect();
            let problem = format!("no such scenario; there are: {}", names.join(", "));
            return Err(Error::option("scenario", name, problem));
        };
        Self::parse(text, &format!("{name}.toml"))
    }

    /// Reads a scenario. `origin` names the file in messages.
    ///
    /// # Errors
    /// [`Error::Spec`] with the place of what cannot be used.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let raw: RawScenario = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}")).unwrap_or_default();
            SpecError::at(place, error.message()).in_file(origin)
        })?;
        Ok(Self::check(raw, origin).map_err(|error| error.in_file(origin))?)
    }

    fn check(raw: RawScenario, origin: &str) -> Result<Self, SpecError> {
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let named = !raw.name.is_empty() && raw.name.chars().all(lower);
        ensure(named, "name", format!("{:?} is not made of lower-case letters, digits and -", raw.name))?;
        ensure(
            (1..=MAX_RECORDS).contains(&raw.records),
            "records",
            format!("{} is not within 1 to {MAX_RECORDS}", raw.records),
        )?;
        check_segments(&raw.segments).map_err(|error| error.within("segments"))?;
        let segments = raw.segments.payers * raw.segments.groups;
        let drift = raw.drift.map(|drift| Drifting::new(drift, segments)).transpose();
        Ok(Self {
            name: raw.name,
            about: raw.about,
            origin: origin.to_owned(),
            records: raw.records,
            segments: raw.segments,
            drift: drift.map_err(|error| error.within("drift"))?,
            calendar: raw.calendar,
            nuisance: raw.nuisance,
            dirt: raw.dirt,
        })
    }

    /// The name on the command line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in one sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Claims in all.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many segments there are.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.payers * self.segments.groups
    }

    /// How many drifts there are to find.
    #[must_use]
    pub fn drift_count(&self) -> usize {
        self.drift.as_ref().map_or(0, |drift| drift.sizes.len())
    }

    /// The same scenario with another number of claims.
    #[must_use]
    pub fn with_records(self, records: u64) -> Self {
        Self { records, ..self }
    }

    /// Expands the scenario under a seed, and plans it. Seeds differ in every value, in which segments drift and
    /// when, and in how the segments' parameters are dealt out.
    ///
    /// # Errors
    /// [`Error::Spec`] when the generators refuse what the scenario hands to them: its shape, calendar, nuisance
    /// or dirt.
    pub fn plan(&self, seed: u64) -> Result<PlannedScenario> {
        let expansion = Expansion::new(self, seed).map_err(|error| error.in_file(&self.origin))?;
        self.planned(&expansion)
    }

    /// The same data without the drift to find: the same parameters of every segment, the same nuisance and dirt. With
    /// more records ([`Scenario::with_records`]) it tells those parameters as exactly as one likes.
    ///
    /// # Errors
    /// Those of [`Scenario::plan`].
    pub fn plan_reference(&self, seed: u64) -> Result<PlannedScenario> {
        let expansion = Expansion::new(self, seed).map_err(|error| error.in_file(&self.origin))?;
        self.planned(&expansion.without_drift())
    }

    fn planned(&self, expansion: &Expansion) -> Result<PlannedScenario> {
        let spec = expansion.text().map_err(|error| error.in_file(&self.origin))?;
        let seed = expansion.seed;
        let run = Run { records: self.records, seed, customer: 1, as_of: None, drift: true, dirt: true };
        let dataset = Dataset::from_text(spec.clone(), self.origin.clone())?.plan(&run)?;
        let drifts = expansion.injected(&dataset.collection().truth());
        Ok(PlannedScenario { dataset, spec, drifts })
    }
}

impl Drifting {
    fn new(raw: RawDrift, segment_count: usize) -> Result<Self, SpecError> {
        let [first, last] = raw.start_days;
        ensure(
            first <= last,
            "start_days",
            format!("[{first}, {last}] is no span: the earlier day comes first"),
        )?;
        ensure(last < 0, "start_days", format!("{last} is not before as_of: use days below 0"))?;
        ensure(raw.length_days != Some(0), "length_days", "0 days are no drift".to_owned())?;
        let mut sizes = Vec::new();
        for (position, kind) in raw.kinds.iter().enumerate() {
            let of_kind = of_kind(kind).map_err(|error| error.within(format!("kinds {}", position + 1)))?;
            sizes.extend(of_kind);
        }
        let problem = format!(
            "{} drifts are more than the {segment_count} segments: a segment drifts once at most",
            sizes.len()
        );
        ensure(sizes.len() <= segment_count, "kinds", problem)?;
        ensure(!sizes.is_empty(), "kinds", "there is no drift: leave [drift] out".to_owned())?;
        Ok(Self { shape: raw.shape, start_days: raw.start_days, length_days: raw.length_days, sizes })
    }
}

fn of_kind(raw: &RawKind) -> Result<Vec<(&'static DriftKind, f64)>, SpecError> {
    let kind = DriftKind::of_metric(&raw.metric).ok_or_else(|| {
        let known: Vec<&str> = DRIFT_KINDS.iter().map(|kind| kind.metric).collect();
        SpecError::at("metric", format!("there is no {:?}: use one of {}", raw.metric, known.join(", ")))
    })?;
    let (least, most) = kind.sizes;
    for size in &raw.sizes {
        let problem = format!("{size} is not within {least} to {most} ({})", kind.unit);
        ensure((least..=most).contains(size), "sizes", problem)?;
    }
    let problem = format!("{} counts for {} sizes: give one for each", raw.counts.len(), raw.sizes.len());
    ensure(raw.counts.len() == raw.sizes.len(), "counts", problem)?;
    let most = MAX_PER_COLUMN * MAX_PER_COLUMN;
    let large = raw.counts.iter().find(|count| **count > most);
    ensure(large.is_none(), "counts", format!("{large:?} is more than {most}"))?;
    let of_size = |(size, count): (&f64, &usize)| std::iter::repeat_n((kind, *size), *count);
    Ok(raw.sizes.iter().zip(&raw.counts).flat_map(of_size).collect())
}

fn check_segments(raw: &RawSegments) -> Result<(), SpecError> {
    for (key, count) in
        [("payers", raw.payers), ("groups", raw.groups), ("codes_per_group", raw.codes_per_group)]
    {
        let problem = format!("{count} is not within 1 to {MAX_PER_COLUMN}");
        ensure((1..=MAX_PER_COLUMN).contains(&count), key, problem)?;
    }
    for (key, zipf) in [("payer_zipf", raw.payer_zipf), ("group_zipf", raw.group_zipf)] {
        ensure((0.0..=10.0).contains(&zipf), key, format!("{zipf} is not within 0 to 10"))?;
    }
    Ok(())
}

fn ensure(condition: bool, place: &str, problem: impl Into<String>) -> Result<(), SpecError> {
    if condition { Ok(()) } else { Err(SpecError::at(place, problem.into())) }
}
