//! Summaries as a file: days that need not be read again.
//!
//! A line of JSON that says what the file is, and the summaries as zstd-compressed JSON behind it; the line has
//! the digest of the compressed bytes, so that damage is noticed before anything is believed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::counts::{Moments, Tally};
use super::day::{Day, DayRange};
use super::grid::Grid;
use super::histogram::Histogram;
use super::plan::{Keep, Plan};
use super::segments::{Categories, MetricSummary, Segment, SegmentSummary, Strata, Summaries, ValueSummary};
use crate::mappings::Mapping;
use crate::{Error, Result, whole_file};

/// What the first line's `kind` is.
const KIND: &str = "driftforge-state";
/// Version of the form.
const FORMAT_VERSION: u32 = 2;
/// The largest state that is read, in bytes of JSON: a thousand segments over ten years have a tenth of it.
const MAX_STATE_BYTES: u64 = 4 << 30;
/// The longest first line.
const MAX_HEAD_BYTES: u64 = 4 << 20;
const ZSTD_LEVEL: i32 = 3;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kind: String,
    format_version: u32,
    mapping: String,
    mapping_text: String,
    start: Day,
    end: Day,
    digest: String,
}

/// The summaries, in the order of their segments.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    rows: Vec<u64>,
    null_rows: u64,
    segments: Vec<(Vec<String>, Vec<StoredMetric>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum StoredMetric {
    Tally(BTreeMap<String, Vec<(u64, u64)>>),
    Value {
        histograms: BTreeMap<String, Vec<StoredHistogram>>,
        moments: Vec<StoredMoments>,
        pending: Vec<StoredHistogram>,
    },
    Mix(Vec<Categories>),
}

/// Each number with its rows.
type StoredHistogram = Vec<(i64, u64)>;

/// n, Σx and Σx²; the sums as texts where JSON's numbers would not hold them, so always.
type StoredMoments = (u64, String, String);

impl Summaries {
    /// Saves summaries of days.
    ///
    /// # Errors
    /// [`Error::Input`] when they are not of days or the mapping has no text, [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let span = self.plan().grid.span();
        if self.plan().grid != Grid::of_days(span)? || self.plan().keep != Keep::ALL {
            return Err(Error::input(path, "only summaries of days are saved as a state"));
        }
        let body = Body {
            rows: self.rows_per_window().to_vec(),
            null_rows: self.null_rows(),
            segments: self
                .segments()
                .iter()
                .map(|(segment, summary)| (segment.0.clone(), summary.metrics.iter().map(stored).collect()))
                .collect(),
        };
        let refused = |error: std::io::Error| Error::io(path, "compress the state", error);
        let json = serde_json::to_vec(&body).map_err(|error| refused(error.into()))?;
        let bytes = zstd::bulk::compress(&json, ZSTD_LEVEL).map_err(refused)?;
        let head = Head {
            kind: KIND.to_owned(),
            format_version: FORMAT_VERSION,
            mapping: self.plan().mapping.name().to_owned(),
            mapping_text: self.plan().mapping.text().to_owned(),
            start: span.start,
            end: span.end,
            digest: digest(&bytes),
        };
        whole_file::write(path, |out| {
            serde_json::to_writer(&mut *out, &head)?;
            out.write_all(b"\n")?;
            out.write_all(&bytes)
        })
    }

    /// The summaries that a file holds.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, and [`Error::Input`] when it is no state, a damaged one, or of another version.
    pub fn load(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open the state", error))?;
        let mut reader = BufReader::new(file);
        let head = head(&mut reader, path)?;
        let damaged = || Error::input(path, "the state is damaged: its digest differs; make it again");
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(|error| Error::io(path, "read the state", error))?;
        if digest(&bytes) != head.digest {
            return Err(damaged());
        }
        let decoder = zstd::Decoder::new(bytes.as_slice()).map_err(|_| damaged())?;
        let limited = BufReader::new(decoder.take(MAX_STATE_BYTES));
        let body: Body = serde_json::from_reader(limited)
            .map_err(|error| Error::input(path, format!("the state is damaged: {error}")))?;
        let mapping = Arc::new(Mapping::parse(&head.mapping_text, path)?);
        let grid = Grid::of_days(DayRange { start: head.start, end: head.end })
            .map_err(|error| Error::input(path, error.to_string()))?;
        body.checked(Plan { mapping, grid, keep: Keep::ALL })
            .ok_or_else(|| Error::input(path, "the state is damaged: its parts do not fit each other"))
    }
}

fn head(reader: &mut impl BufRead, path: &Path) -> Result<Head> {
    let mut line = Vec::new();
    let mut limited = reader.take(MAX_HEAD_BYTES);
    limited.read_until(b'\n', &mut line).map_err(|error| Error::io(path, "read the state", error))?;
    let head: Head = serde_json::from_slice(&line)
        .map_err(|_| Error::input(path, "no state of driftforge; `detect-drift --save-state` writes one"))?;
    if head.kind != KIND || head.format_version != FORMAT_VERSION {
        let (kind, version) = (head.kind.escape_debug(), head.format_version);
        let problem =
            format!("a {kind} of form {version}; this version reads {KIND} of form {FORMAT_VERSION}");
        return Err(Error::input(path, problem));
    }
    Ok(head)
}

fn digest(bytes: &[u8]) -> String {
    format!("xxh3-{:032x}", xxhash_rust::xxh3::xxh3_128(bytes))
}

fn stored(metric: &MetricSummary) -> StoredMetric {
    match metric {
        MetricSummary::Tally(strata) => {
            let pairs =
                |tallies: &Vec<Tally>| tallies.iter().map(|tally| (tally.hits, tally.trials)).collect();
            StoredMetric::Tally(strata.iter().map(|(name, tallies)| (name.clone(), pairs(tallies))).collect())
        }
        MetricSummary::Value(value) => StoredMetric::Value {
            histograms: value
                .histograms
                .iter()
                .map(|(name, days)| (name.clone(), stored_histograms(days)))
                .collect(),
            moments: value.moments.iter().map(stored_moments).collect(),
            pending: stored_histograms(&value.pending),
        },
        MetricSummary::Mix(windows) => StoredMetric::Mix(windows.clone()),
    }
}

fn stored_histograms(histograms: &[Histogram]) -> Vec<StoredHistogram> {
    histograms.iter().map(|histogram| histogram.bins().to_vec()).collect()
}

fn stored_moments(moments: &Moments) -> StoredMoments {
    (moments.n, moments.sum.to_string(), moments.sum_of_squares.to_string())
}

fn moments((n, sum, squares): &StoredMoments) -> Option<Moments> {
    Some(Moments { n: *n, sum: sum.parse().ok()?, sum_of_squares: squares.parse().ok()? })
}

impl Body {
    /// The summaries, `None` when lengths or kinds are not those of the plan.
    fn checked(self, plan: Plan) -> Option<Summaries> {
        let (windows, columns) = (plan.grid.windows().len(), plan.mapping.segments().len());
        if self.rows.len() != windows {
            return None;
        }
        let mut summaries = Summaries::empty(plan.clone());
        summaries.add_null_rows(self.null_rows);
        self.rows.iter().enumerate().for_each(|(window, &rows)| summaries.add_rows(window, rows));
        for (values, metrics) in self.segments {
            let empty = SegmentSummary::empty(&plan);
            if values.len() != columns || metrics.len() != empty.metrics.len() {
                return None;
            }
            let metrics = metrics.into_iter().zip(&empty.metrics);
            let metrics: Option<Vec<MetricSummary>> =
                metrics.map(|(stored, empty)| stored.checked(empty, windows)).collect();
            summaries.segment_mut(&Segment(values)).merge(&SegmentSummary { metrics: metrics? });
        }
        Some(summaries)
    }
}

impl StoredMetric {
    fn checked(self, like: &MetricSummary, days: usize) -> Option<MetricSummary> {
        Some(match (self, like) {
            (Self::Tally(strata), MetricSummary::Tally(_)) => {
                let tally = |(hits, trials)| Tally { hits, trials };
                let of = |tallies: Vec<(u64, u64)>| {
                    (tallies.len() == days).then(|| tallies.into_iter().map(tally).collect())
                };
                let strata = strata.into_iter().map(|(name, tallies)| Some((name, of(tallies)?)));
                MetricSummary::Tally(strata.collect::<Option<Strata<Tally>>>()?)
            }
            (Self::Value { histograms, moments: sums, pending }, MetricSummary::Value(like)) => {
                let sums: Option<Vec<Moments>> = sums.iter().map(moments).collect();
                let sums = sums.filter(|sums| sums.len() == days && pending.len() == like.pending.len())?;
                let made = |counts: Vec<StoredHistogram>| {
                    counts.into_iter().map(Histogram::from_counts).collect::<Vec<_>>()
                };
                let of = |counts| Some(made(counts)).filter(|made| made.len() == days);
                let pending = made(pending);
                let strata = histograms.into_iter().map(|(name, counts)| Some((name, of(counts)?)));
                let histograms = strata.collect::<Option<Strata<Histogram>>>()?;
                MetricSummary::Value(ValueSummary { histograms, moments: sums, pending })
            }
            (Self::Mix(windows), MetricSummary::Mix(_)) if windows.len() == days => {
                MetricSummary::Mix(windows)
            }
            _ => return None,
        })
    }
}
