//! `datagen verify`: whether files still hold what was generated into them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{self, Write};
use std::time::Instant;

use clap::Args;

use super::super::progress::RowsBar;
use super::super::{interrupt, terminal, values};
use super::database::UrlText;
use crate::places::Place;
use crate::reports::numbers;
use crate::verify::{self, DatabaseTask, Sample, Task, Verdict};
use crate::{Error, Result};

/// The most findings that are told.
const MOST_TOLD: usize = 20;

/// Makes the rows of a folder or prefix again, from its manifest, and compares them with its files.
///
/// Ends with 0 when all is equal, with 1 when something differs, and then says the first file, row and column.
#[derive(Debug, Clone, Args)]
pub(super) struct VerifyArgs {
    /// The folder that datagen wrote to, or s3://BUCKET/PREFIX, gs://…, az://…, or the database that it loaded:
    /// postgres://…
    #[arg(value_name = "DIR|URL")]
    address: UrlText,

    /// The schema with the tables of a database.
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,

    /// Compare only a share of the rows, such as 1%. Files are then looked at by size, not by digest.
    #[arg(long, value_name = "SHARE")]
    sample: Option<String>,

    /// Which of all samples; another one each time otherwise.
    #[arg(long, value_name = "SEED", requires = "sample")]
    sample_seed: Option<u64>,

    /// Threads; one for each core otherwise.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// No progress, and nothing to tell when all is equal.
    #[arg(long, short)]
    quiet: bool,
}

/// Compares.
///
/// # Errors
/// [`Error::Different`] when something differs; whatever keeps it from being compared.
pub(super) fn run(args: &VerifyArgs) -> Result<()> {
    let started = Instant::now();
    let threads = values::threads(args.threads)?;
    let sample = sample(args)?;
    let stop = interrupt::on_interrupt()?;
    let (place, verdict) = if args.address.is_database() {
        let url = args.address.read()?;
        let bar = RowsBar::counting("verify", args.quiet);
        let task = DatabaseTask { url: &url, schema: &args.schema, sample, threads, progress: &bar, stop };
        let verdict = verify::verify_database(&task);
        bar.clear();
        (url.to_string(), verdict?)
    } else {
        let place = Place::open(args.address.text(), stop)?;
        let bar = RowsBar::new(verify::places_to_compare(&place, sample.as_ref())?, "verify", args.quiet);
        let verdict = verify::verify(&Task { place: &place, sample, threads, progress: &bar, stop });
        bar.clear();
        (place.locate("").display().to_string(), verdict?)
    };
    // The first difference in content says more than that a digest differs.
    let findings = &verdict.findings;
    let first = findings.iter().position(|finding| finding.problem.is_content());
    let first = first.or((!findings.is_empty()).then_some(0));
    if !(args.quiet && first.is_none()) {
        let seconds = started.elapsed().as_secs_f64();
        terminal::print(|out| write(&verdict, first, sample.as_ref(), seconds, out))?;
    }
    match first {
        None => Ok(()),
        Some(first) => Err(Error::Different(format!("{place}: not as generated: {}", findings[first]))),
    }
}

fn sample(args: &VerifyArgs) -> Result<Option<Sample>> {
    let Some(share) = &args.sample else { return Ok(None) };
    // Each process has other keys.
    let seed = args.sample_seed.unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    Sample::parse(share, seed).map(Some).map_err(|problem| Error::option("sample", share, problem))
}

/// The `first` finding is left out: the error tells it.
fn write(
    verdict: &Verdict,
    first: Option<usize>,
    sample: Option<&Sample>,
    seconds: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let compared = numbers::grouped(verdict.rows_compared);
    let counted = |count: usize, noun| numbers::counted(count as u64, noun);
    let files = (verdict.files > 0).then(|| format!("{} of ", counted(verdict.files, "file")));
    let (files, tables) = (files.unwrap_or_default(), counted(verdict.tables, "table"));
    writeln!(out, "{}: {files}{tables}, {}", verdict.dataset, numbers::counted(verdict.rows, "row"))?;
    if let Some(sample) = sample {
        writeln!(out, "  sample      {sample}")?;
    }
    writeln!(out, "  compared    {compared} rows in {seconds:.2} s")?;
    let Some(first) = first else { return writeln!(out, "  equal") };
    writeln!(out, "  different   {}", counted(verdict.findings.len(), "finding"))?;
    let others = verdict.findings.iter().enumerate().filter(|(index, _)| *index != first);
    for (_, finding) in others.take(MOST_TOLD) {
        writeln!(out, "  {finding}")?;
    }
    match verdict.findings.len().saturating_sub(MOST_TOLD + 1) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}
