//! The record as text for people.

use std::io::{self, Write};

use super::numbers::{counted, grouped, memory, memory_limit, rate, second_decimals};
use super::paint::{Meaning, Paint};
use super::{Look, Report, comparison};
use crate::measure::{
    Case, Coverage, Detection, Figure, Grade, Origin, PeakMemorySource, Record, Run, Verdict,
};

/// Width of the labels, and of the right-aligned numbers after them.
const LABEL_WIDTH: usize = 20;
const NUMBER_WIDTH: usize = 14;

/// A block of figures for each case, then, for several cases, a table that compares them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Table {
    look: Look,
}

impl Table {
    /// A table with this look.
    #[must_use]
    pub fn new(look: Look) -> Self {
        Self { look }
    }
}

/// The line of one run of `count`, to be printed as soon as the run is over:
/// `Run 1/5 … 0.0213s | 41.3 MB | 12 events`.
#[must_use]
pub fn run_line(run: &Run, count: u32) -> String {
    let width = count.to_string().len();
    let decimals = second_decimals(run.wall_seconds);
    let mut line = format!("Run {:>width$}/{count} … {:.decimals$}s", run.run, run.wall_seconds);
    if let Some(bytes) = run.peak_rss_bytes {
        line += &format!(" | {}", memory(bytes as f64));
    }
    if let Some(events) = run.events {
        line += &format!(" | {}", counted(events, "event"));
    }
    line
}

impl Report for Table {
    fn render(&self, record: &Record, out: &mut dyn Write) -> io::Result<()> {
        let paint = Paint { color: self.look.color };
        write_circumstances(record, paint, out)?;
        for case in &record.cases {
            writeln!(out)?;
            Block { case, item: &record.item, paint, out }.write(self.look.run_lines)?;
        }
        if record.cases.len() > 1 {
            writeln!(out)?;
            comparison::write(record, paint, out)?;
        }
        Ok(())
    }
}

fn write_circumstances(record: &Record, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let tool = &record.tool;
    let commit = tool.git_commit.as_ref().map(|commit| format!(" ({commit})")).unwrap_or_default();
    let title = format!("{} {}{commit}", tool.name, tool.version);
    writeln!(out, "{}  {}", paint.paint(Meaning::Heading, title), record.started_at)?;
    let machine = &record.machine;
    let mut parts = vec![format!("{} {}", machine.os, machine.arch)];
    parts.extend(machine.cpu_model.clone());
    let threads = counted(record.threads as u64, "thread");
    parts.push(match machine.logical_cores {
        Some(cores) => format!("{threads} on {}", counted(cores, "logical core")),
        None => threads,
    });
    parts.extend(machine.total_memory_bytes.map(|bytes| format!("{} of memory", memory(bytes as f64))));
    parts.extend(record.seed.map(|seed| format!("seed {seed}")));
    writeln!(out, "{}", paint.paint(Meaning::Aside, parts.join(", ")))
}

/// The colour of a grade.
pub(super) fn grade_meaning(grade: Grade) -> Meaning {
    match grade {
        Grade::Excellent | Grade::Good => Meaning::Good,
        Grade::Acceptable => Meaning::Doubtful,
        Grade::NeedsOptimization => Meaning::Bad,
    }
}

/// The block of one case.
struct Block<'a> {
    case: &'a Case,
    item: &'a str,
    paint: Paint,
    out: &'a mut dyn Write,
}

impl Block<'_> {
    fn write(mut self, run_lines: bool) -> io::Result<()> {
        self.heading()?;
        if run_lines {
            self.runs()?;
        }
        if self.case.items_read == Some(0) {
            return self.nothing_read();
        }
        self.figures()?;
        match self.case.detection {
            Some(detection) => self.detection(&detection),
            None => Ok(()),
        }
    }

    fn figures(&mut self) -> io::Result<()> {
        self.runtime()?;
        self.memory()?;
        self.throughput()?;
        self.events()?;
        if let Some(coverage) = self.case.coverage {
            self.coverage(&coverage)?;
        }
        self.grade()?;
        self.target()
    }

    /// What stands in place of all numbers of runs that read nothing: those would be about no data.
    fn nothing_read(&mut self) -> io::Result<()> {
        let remark = self.case.coverage.map(|_| self.empty_windows()).unwrap_or_default();
        self.line(&format!("{} read", capitalized(self.item)), "none", &format!(" {remark}"))
    }

    fn empty_windows(&self) -> String {
        let singular = self.item.strip_suffix('s').unwrap_or(self.item);
        format!("no complete {singular} was submitted in the windows")
    }

    fn heading(&mut self) -> io::Result<()> {
        let dataset = &self.case.dataset;
        let records = format!("{}: {} {}", dataset.name, grouped(dataset.records), self.item);
        let made = self.setup();
        writeln!(self.out, "{}{made}", self.paint.paint(Meaning::Heading, records))
    }

    fn setup(&self) -> String {
        let setup = &self.case.setup;
        let place = match &self.case.dataset.origin {
            Origin::GeneratedInMemory {} => "generated in memory".to_owned(),
            Origin::GeneratedParquet {} => "generated as Parquet".to_owned(),
            Origin::Input { paths } => match paths.as_slice() {
                [] => "given".to_owned(),
                [only] => format!("from {only}"),
                [first, rest @ ..] => format!("from {first} and {} more", grouped(rest.len() as u64)),
            },
        };
        let bytes = setup.bytes.map(|bytes| format!(", {}", memory(bytes as f64))).unwrap_or_default();
        let decimals = second_decimals(setup.seconds);
        format!(", {place}{bytes}, set up in {:.decimals$} s", setup.seconds)
    }

    fn runs(&mut self) -> io::Result<()> {
        let count = u32::try_from(self.case.runs.len()).unwrap_or(u32::MAX);
        for run in &self.case.runs {
            writeln!(self.out, "  {}", run_line(run, count))?;
        }
        Ok(())
    }

    /// One line: a label, a right-aligned number with its unit, a remark.
    fn line(&mut self, label: &str, number: &str, remark: &str) -> io::Result<()> {
        let line = format!("  {label:<LABEL_WIDTH$}{number:>NUMBER_WIDTH$} {remark}");
        writeln!(self.out, "{}", line.trim_end())
    }

    fn runtime(&mut self) -> io::Result<()> {
        let Some(figure) = self.case.figures.runtime_seconds else {
            return self.line("Average runtime", "none", "no run was counted");
        };
        let decimals = second_decimals(figure.min);
        let seconds = |seconds: f64| format!("{seconds:.decimals$}");
        self.line("Average runtime", &seconds(figure.average), "s")?;
        self.line("Minimum runtime", &seconds(figure.min), "s")?;
        self.line("Maximum runtime", &seconds(figure.max), "s")?;
        self.line("Median runtime", &seconds(figure.median), &spread(&figure, &seconds))
    }

    fn memory(&mut self) -> io::Result<()> {
        let Some(figure) = self.case.figures.peak_memory_bytes else {
            return self.line("Peak memory", "not measured", "");
        };
        let shown = memory(figure.max);
        let (number, unit) = shown.split_once(' ').unwrap_or((&shown, ""));
        let source = match self.case.peak_memory_source {
            Some(PeakMemorySource::HighWaterMark) => "the system's high-water mark",
            Some(PeakMemorySource::Sampled) => "sampled every 10 ms, so a shorter peak may be missed",
            None => "of unknown source",
        };
        self.line("Peak memory", number, &format!("{unit}  highest of the runs; {source}"))
    }

    fn throughput(&mut self) -> io::Result<()> {
        let label = format!("{}/sec", capitalized(self.item));
        let Some(figure) = self.case.figures.items_per_second else {
            return self.line(&label, "not measured", "");
        };
        let read = match self.case.items_read {
            Some(read) => format!("over the {} {} read", grouped(read), self.item),
            None => format!("over the {} read, which differ between runs", self.item),
        };
        self.line(&label, &rate(figure.median), &format!(" median, {read}"))
    }

    fn events(&mut self) -> io::Result<()> {
        let events = || self.case.runs.iter().filter_map(|run| run.events);
        let (Some(fewest), Some(most)) = (events().min(), events().max()) else { return Ok(()) };
        if fewest == most {
            self.line("Events detected", &grouped(most), "")
        } else {
            let range = format!("{} to {}", grouped(fewest), grouped(most));
            self.line("Events detected", &range, " the runs differ")
        }
    }

    fn coverage(&mut self, coverage: &Coverage) -> io::Result<()> {
        if coverage.items_in_windows == 0 {
            let (label, remark) = (format!("{} compared", capitalized(self.item)), self.empty_windows());
            self.line(&label, "none", &format!(" {remark}"))?;
        }
        let considered = grouped(coverage.segments_considered);
        let compared = grouped(coverage.segments_compared);
        let segments =
            format!("{considered} considered, {compared} with enough {} in both windows", self.item);
        writeln!(self.out, "  {:<LABEL_WIDTH$}{segments}", "Segments")?;
        if coverage.rows_with_nulls == 0 {
            return Ok(());
        }
        let rows = grouped(coverage.rows_with_nulls);
        writeln!(self.out, "  {:<LABEL_WIDTH$}{rows} with a null in a needed column", "Rows left out")
    }

    fn grade(&mut self) -> io::Result<()> {
        let Some(grade) = self.case.grade else { return Ok(()) };
        let padded = format!("{:>NUMBER_WIDTH$}", capitalized(&grade.name().replace('-', " ")));
        let painted = self.paint.paint(grade_meaning(grade), padded);
        writeln!(self.out, "  {:<LABEL_WIDTH$}{painted}", "Grade")
    }

    fn target(&mut self) -> io::Result<()> {
        let Some(target) = &self.case.target else { return Ok(()) };
        let speed = format!(">{} {}/s", grouped(target.items_per_second_above), self.item);
        let peak = format!("<{}", memory_limit(target.peak_memory_bytes_below));
        let label = format!("Target at {}", short_size(target.dataset_records));
        let (speed_verdict, peak_verdict) =
            (self.verdict(target.throughput), self.verdict(target.peak_memory));
        writeln!(self.out, "  {label:<LABEL_WIDTH$}{speed} {speed_verdict}, {peak} {peak_verdict}")
    }

    fn verdict(&self, verdict: Option<Verdict>) -> String {
        match verdict {
            Some(Verdict::Met) => self.paint.paint(Meaning::Good, "✓ met"),
            Some(Verdict::Missed) => self.paint.paint(Meaning::Bad, "✗ missed"),
            None => self.paint.paint(Meaning::Doubtful, "not measured"),
        }
    }

    fn detection(&mut self, detection: &Detection) -> io::Result<()> {
        let drifts = [
            (detection.drifts_watched, "watched"),
            (detection.drifts_found, "found"),
            (detection.drifts_missed, "missed"),
            (detection.drifts_without_change, "without change between the windows"),
            (detection.drifts_not_watched, "not watched"),
        ];
        let events =
            [(detection.events_matched, "matching a drift"), (detection.events_unmatched, "matching none")];
        self.counts("Injected drifts", &drifts)?;
        self.counts("Events", &events)?;
        let shares = [(detection.precision, "precision"), (detection.recall, "recall")];
        let shares: Vec<String> = shares
            .iter()
            .filter_map(|(share, name)| share.map(|share| format!("{name} {share:.3}")))
            .collect();
        if shares.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {:<LABEL_WIDTH$}{}", "Agreement", shares.join(", "))
    }

    fn counts(&mut self, label: &str, counts: &[(Option<u64>, &str)]) -> io::Result<()> {
        let known: Vec<String> = counts
            .iter()
            .filter_map(|(count, what)| count.map(|count| format!("{} {what}", grouped(count))))
            .collect();
        if known.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {label:<LABEL_WIDTH$}{}", known.join(", "))
    }
}

fn spread(figure: &Figure, seconds: &impl Fn(f64) -> String) -> String {
    let mut spread = format!("s  MAD {} s", seconds(figure.mad));
    if let Some(interval) = figure.median_interval_95 {
        spread += &format!(", 95 % interval {} to {} s", seconds(interval.low), seconds(interval.high));
    }
    spread
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A listed size as the targets name it: `10K`, `1M`.
pub(super) fn short_size(records: u64) -> String {
    for (unit_records, unit) in [(1_000_000, "M"), (1_000, "K")] {
        if records >= unit_records && records.is_multiple_of(unit_records) {
            return format!("{}{unit}", grouped(records / unit_records));
        }
    }
    grouped(records)
}

#[cfg(test)]
mod tests;
