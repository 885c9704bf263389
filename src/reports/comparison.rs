//! Several cases beside each other.

use std::io::{self, Write};

use super::numbers::{grouped, megabytes, rate, second_decimals};
use super::paint::{Meaning, Paint};
use super::table::grade_meaning;
use crate::measure::{Case, Record, TargetVerdicts, Verdict};

/// What stands where nothing is known.
const UNKNOWN: &str = "-";

/// One cell: its text, and what it means if it is to have a colour.
type Cell = (String, Option<Meaning>);

/// Prints one line for each case of `record`, under a heading that names the units.
pub(super) fn write(record: &Record, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<[Cell; 7]> = record.cases.iter().map(row).collect();
    let per_second = format!("{}/s", record.item);
    let titles = [record.item.as_str(), "runtime s", &per_second, "peak MB", "events", "grade", "target"];
    let widths: Vec<usize> = titles
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|(text, _)| text.chars().count());
            cells.fold(title.chars().count(), usize::max)
        })
        .collect();
    let heading: Vec<String> =
        titles.iter().zip(&widths).map(|(title, &width)| format!("{title:>width$}")).collect();
    writeln!(out, "{}", paint.paint(Meaning::Heading, heading.join("  ")))?;
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|((text, meaning), &width)| {
                let padded = format!("{text:>width$}");
                meaning.map_or(padded.clone(), |meaning| paint.paint(meaning, padded))
            })
            .collect();
        writeln!(out, "{}", cells.join("  "))?;
    }
    Ok(())
}

fn row(case: &Case) -> [Cell; 7] {
    let figures = &case.figures;
    let plain = |text: Option<String>| (text.unwrap_or_else(|| UNKNOWN.to_owned()), None);
    let seconds = |seconds: f64| format!("{seconds:.*}", second_decimals(seconds));
    [
        plain(Some(grouped(case.dataset.records))),
        plain(figures.runtime_seconds.map(|figure| seconds(figure.median))),
        plain(figures.items_per_second.map(|figure| rate(figure.median))),
        plain(figures.peak_memory_bytes.map(|figure| megabytes(figure.max))),
        plain(case.events_detected.map(grouped)),
        case.grade.map_or_else(
            || plain(None),
            |grade| (grade.name().replace('-', " "), Some(grade_meaning(grade))),
        ),
        case.target.as_ref().map_or_else(|| plain(None), verdict),
    ]
}

/// Both verdicts in one word, and where only one demand was missed, which.
fn verdict(target: &TargetVerdicts) -> Cell {
    let (text, meaning) = match (target.throughput, target.peak_memory) {
        (Some(Verdict::Met), Some(Verdict::Met)) => ("✓ met", Meaning::Good),
        (Some(Verdict::Missed), Some(Verdict::Missed)) => ("✗ missed", Meaning::Bad),
        (Some(Verdict::Missed), _) => ("✗ missed in speed", Meaning::Bad),
        (_, Some(Verdict::Missed)) => ("✗ missed in memory", Meaning::Bad),
        (Some(Verdict::Met), None) => ("✓ met in speed", Meaning::Good),
        (None, Some(Verdict::Met)) => ("✓ met in memory", Meaning::Good),
        (None, None) => ("not measured", Meaning::Doubtful),
    };
    (text.to_owned(), Some(meaning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Target;

    #[test]
    fn a_missed_demand_is_never_called_met() {
        let target = Target::for_records(10_000);
        let word = |rate, bytes| verdict(&target.judge(rate, bytes)).0;
        let (fast, slow, small, large) = (Some(1e6), Some(1.0), Some(1e6), Some(1e12));
        assert_eq!(word(fast, small), "✓ met");
        assert_eq!(word(fast, large), "✗ missed in memory");
        assert_eq!(word(slow, small), "✗ missed in speed");
        assert_eq!(word(slow, large), "✗ missed");
        assert_eq!(word(None, large), "✗ missed in memory");
        assert_eq!(word(slow, None), "✗ missed in speed");
        assert_eq!(word(fast, None), "✓ met in speed");
        assert_eq!(word(None, None), "not measured");
    }
}
