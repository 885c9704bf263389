//! `datagen describe`: what data are like.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::super::progress::RowsBar;
use super::super::{interrupt, terminal, values};
use super::database::UrlText;
use crate::places::Place;
use crate::profiles::{self, ColumnProfile, DatabaseTask, Profile, TableProfile, Task};
use crate::reports::numbers;
use crate::{Error, Result};

/// Tells of files or tables, ours or anyone's: rows, types, nulls, quantiles, frequent values, and the drift in them
/// where the files, or the loads of the tables, say it.
#[derive(Debug, Clone, Args)]
pub(super) struct DescribeArgs {
    /// A file, a folder (with partitions, too), s3://BUCKET/PREFIX, gs://…, az://…, or the database with the tables:
    /// postgres://…
    #[arg(value_name = "PATH|URL")]
    address: UrlText,

    /// The schema with the tables of a database; public otherwise.
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,

    /// The only table, view or partition of a database to tell of.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,

    /// How to tell it.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Table)]
    format: Form,

    /// The most frequent values to tell of each column.
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,

    /// Threads that read files; one for each core otherwise. A database is read on one connection.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// No progress.
    #[arg(long, short)]
    quiet: bool,
}

/// The forms of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Table,
    /// For programs: one JSON document.
    Json,
}

impl DescribeArgs {
    fn refuse_options_of_databases(&self) -> Result<()> {
        let given = [("schema", &self.schema), ("table", &self.table)];
        given.into_iter().try_for_each(|(option, value)| match value {
            Some(value) => Err(Error::option(option, value, "only a database (postgres://…) has one")),
            None => Ok(()),
        })
    }
}

/// Describes.
///
/// # Errors
/// Whatever keeps the data from being read.
pub(super) fn run(args: &DescribeArgs) -> Result<()> {
    let threads = values::threads(args.threads)?;
    let stop = interrupt::on_interrupt()?;
    let bar = RowsBar::counting("describe", args.quiet);
    let profile = if args.address.is_database() {
        let url = args.address.read()?;
        let (schema, table) = (args.schema.as_deref().unwrap_or("public"), args.table.as_deref());
        let most_values = args.top;
        profiles::describe_database(&DatabaseTask {
            url: &url,
            schema,
            table,
            most_values,
            progress: &bar,
            stop,
        })
    } else {
        args.refuse_options_of_databases()?;
        let place = Place::open(args.address.text(), stop)?;
        profiles::describe(&Task { place: &place, most_values: args.top, threads, progress: &bar, stop })
    };
    bar.clear();
    let profile = profile?;
    match args.format {
        Form::Table => terminal::print(|out| write(&profile, out)),
        Form::Json => {
            let json = serde_json::to_string_pretty(&profile)
                .map_err(|error| Error::io("standard output", "write", error.into()))?;
            terminal::print_line(json)
        }
    }
}

fn write(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    for (index, table) in profile.tables.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_table(table, out)?;
    }
    match (&profile.dataset, &profile.drifts) {
        (Some(dataset), Some(drifts)) if drifts.is_empty() => writeln!(out, "\n{dataset}: no drift"),
        (Some(dataset), Some(drifts)) => {
            writeln!(out, "\n{dataset}: {}", numbers::counted(drifts.len() as u64, "drift"))?;
            drifts.iter().try_for_each(|drift| writeln!(out, "  {}: {}", drift.id, drift.text))
        }
        _ => writeln!(out, "\nnothing here says whether there is drift in it"),
    }
}

fn write_table(table: &TableProfile, out: &mut dyn Write) -> io::Result<()> {
    let rows = numbers::counted(table.rows, "row");
    let files = match table.files {
        0 => String::new(),
        files => format!(" in {}", numbers::counted(files as u64, "file")),
    };
    let columns = numbers::counted(table.columns.len() as u64, "column");
    let size = numbers::memory(table.bytes as f64);
    writeln!(out, "{}: {rows}{files}, {columns}, {size}", table.name)?;
    let width = table.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0);
    table.columns.iter().try_for_each(|column| write_column(column, width, out))
}

/// Two lines: what the column is, and its values.
fn write_column(column: &ColumnProfile, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let nulls = match column.null_rate {
        None => "no rows".to_owned(),
        Some(0.0) => "no nulls".to_owned(),
        Some(rate) => format!("{:.2} % null", rate * 100.0),
    };
    let about = if column.distinct.is_exact { "" } else { "about " };
    let distinct = format!("{about}{} different", numbers::grouped(column.distinct.number));
    writeln!(out, "  {:<width$}  {}, {nulls}, {distinct}", column.name, column.data_type)?;
    if let (Some(min), Some(max), Some(quantiles)) = (&column.min, &column.max, &column.quantiles) {
        let about = if quantiles.is_exact { "" } else { "about " };
        let shares = quantiles.values.iter().map(|(share, value)| format!("{:.0} % {value}", share * 100.0));
        let shares = shares.collect::<Vec<_>>().join(", ");
        writeln!(out, "  {:width$}    {min} to {max}; {about}{shares}", "")?;
    }
    let top = column.top.iter().map(|value| {
        let least = if value.count == value.count_at_most { "" } else { "at least " };
        format!("{} ({least}{:.2} %)", value.value.escape_debug(), value.share * 100.0)
    });
    let top: Vec<String> = top.collect();
    if top.is_empty() { Ok(()) } else { writeln!(out, "  {:width$}    {}", "", top.join(", ")) }
}
