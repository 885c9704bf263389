//! Findings as text for people.

use std::io::{self, Write};

use super::{FindingReport, numbers};
use crate::detectors::Detectable;
use crate::findings::{Finding, Findings};
use crate::reports::Look;
use crate::reports::numbers::{counted, grouped};
use crate::reports::paint::{Meaning, Paint};

/// A line for each of the first findings, with what carries it below.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) look: Look,
    pub(super) top: usize,
}

/// Segments that could not be judged and are named.
const MOST_UNDECIDED: usize = 10;

impl FindingReport for Table {
    fn render(&self, found: &Findings, out: &mut dyn Write) -> io::Result<()> {
        let paint = Paint { color: self.look.color };
        write_head(found, paint, out)?;
        for finding in found.findings.iter().take(self.top) {
            write_finding(finding, paint, out)?;
        }
        let left = found.findings.len().saturating_sub(self.top);
        if left > 0 {
            writeln!(out, "\nand {left} more; --top N shows them, --format json has all")?;
        }
        write_undecided(found, out)?;
        write_power(found, out)
    }
}

fn write_head(found: &Findings, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let dataset = &found.dataset;
    let count = counted(found.findings.len() as u64, "finding");
    let title = format!("{count} as of {}", dataset.as_of);
    writeln!(out, "{}", paint.paint(Meaning::Heading, title))?;
    let coverage = &found.coverage;
    let aside = format!(
        "{} rows in the windows, {} with a null left out; {} of {} compared",
        grouped(coverage.rows_in_windows),
        grouped(coverage.rows_with_nulls),
        grouped(coverage.segments_compared),
        counted(coverage.segments_considered, "segment"),
    );
    writeln!(out, "{}", paint.paint(Meaning::Aside, aside))
}

fn write_finding(finding: &Finding, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let event = &finding.event;
    let title = format!("{:>3}. {}  {}", finding.rank, event.drift_type, event.segment);
    writeln!(out, "\n{}", paint.paint(Meaning::Heading, title))?;
    let change = numbers::change(&event.drift_type, event.delta_value);
    let (before, after) = (grouped(event.baseline_n), grouped(event.current_n));
    writeln!(out, "     {} ({change}), {before} and {after} rows", numbers::before_after(finding))?;
    let evidence = &event.evidence;
    let mut facts = vec![format!("severity {:.2}, confidence {:.2}", event.severity, event.confidence)];
    facts.extend(evidence.p_value.map(|p| format!("p {}", numbers::probability(p))));
    facts.extend(evidence.q_value.map(|q| format!("q {}", numbers::probability(q))));
    facts.extend(evidence.first_day.map(|day| format!("since {day}")));
    facts.extend(evidence.impact_dollars.map(|money| format!("at stake {}", numbers::dollars(money))));
    facts.push(finding.detector.clone());
    writeln!(out, "     {}", facts.join(", "))?;
    for cause in &finding.causes {
        writeln!(out, "     {}", paint.paint(Meaning::Aside, numbers::cause(finding, cause)))?;
    }
    evidence.note.iter().try_for_each(|note| writeln!(out, "     {note}"))
}

fn write_undecided(found: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let undecided = &found.not_enough_data;
    // With the power of everything these are told below.
    if undecided.is_empty() || !found.power.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot enough data for {}:", counted(undecided.len() as u64, "verdict"))?;
    undecided.iter().take(MOST_UNDECIDED).try_for_each(|one| write_detectable(one, out))?;
    let left = undecided.len().saturating_sub(MOST_UNDECIDED);
    if left > 0 { writeln!(out, "     and {left} more; --power or --format json has all") } else { Ok(()) }
}

fn write_power(found: &Findings, out: &mut dyn Write) -> io::Result<()> {
    if found.power.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSmallest change that would have been seen:")?;
    found.power.iter().try_for_each(|one| write_detectable(one, out))
}

fn write_detectable(one: &Detectable, out: &mut dyn Write) -> io::Result<()> {
    let smallest = one
        .smallest_detectable
        .map_or_else(|| "nothing would be seen".to_owned(), |size| numbers::size(&one.drift_type, size));
    let days = one.days_needed.map(|days| format!("; the least that counts takes {days:.0} days"));
    writeln!(out, "     {}  {}: {smallest}{}", one.drift_type, one.segment, days.unwrap_or_default())
}
