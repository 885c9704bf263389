//! What was typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::super::generation::GenerationArgs;
use super::super::values::{AsOf, count};
use super::clean::CleanArgs;
use super::database::DatabaseArgs;
use super::ddl::DdlArgs;
use super::describe::DescribeArgs;
use super::verify::VerifyArgs;
use crate::sinks::{Compression, FORMATS, Options, PartitionBy};

/// Makes a dataset with known drift, as files, in a bucket or in a database.
///
/// Every value is a function of the seed, the column and the row: the same command gives the same bytes, for
/// any number of threads, and continues a run that was interrupted. Beside the data stand `DATASET.truth.json`, which
/// says what drift is where, `DATASET.ledger.json`, which counts what is there, and `_manifest.json`, which says what
/// was made.
#[derive(Debug, Clone, Parser)]
#[command(name = "datagen", version, max_term_width = 100, allow_negative_numbers = true)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    /// Rows to make: 1000000, 1_000_000, 500K, 1M.
    #[arg(long, value_name = "N", default_value = "10000", value_parser = count)]
    pub(super) records: u64,

    /// The built-in dataset to make; `--list` shows them.
    #[arg(long, value_name = "NAME", default_value = crate::datasets::BUILT_IN[0].name, conflicts_with = "spec")]
    pub(super) dataset: String,

    /// Make the dataset that this TOML describes; `--print-spec` shows one to start from.
    #[arg(long, value_name = "FILE")]
    pub(super) spec: Option<PathBuf>,

    #[command(flatten)]
    pub(super) generation: GenerationArgs,

    /// The day that the data is seen from: a date, or `today`; the spec's own date otherwise.
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<AsOf>,

    /// Leave the spec's drift out.
    #[arg(long)]
    pub(super) no_drift: bool,

    /// Put the spec's dirt in: missing, wrong, late and doubled values, each of them labelled.
    #[arg(long)]
    pub(super) dirt: bool,

    #[command(flatten)]
    pub(super) database: DatabaseArgs,

    /// Where the files go: a folder, which is made when it is not there, or a prefix in an object store
    /// (s3://BUCKET/PREFIX, gs://, az://). The folder `data` when nothing else is asked for.
    #[arg(long, value_name = "DIR|URL")]
    pub(super) out: Option<String>,

    /// Write one table to standard output, in a format that streams.
    #[arg(long, conflicts_with = "out")]
    pub(super) stdout: bool,

    /// Make only these tables of the dataset: names, with commas between them. A table brings the ledger of its
    /// dirt along, TABLE_dirt; to standard output only when that is the table that is named.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) tables: Option<Vec<String>>,

    /// The files' format.
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format_names())]
    pub(super) format: String,

    /// How files are compressed, or pages where it helps: none, snappy, lz4, zstd, zstd(LEVEL), gzip or
    /// gzip(LEVEL). Each format takes some of these and has a default; `--list` shows them.
    #[arg(long, value_name = "CODEC")]
    pub(super) compression: Option<Compression>,

    /// Rows in a row group (Parquet), a record batch (Arrow) or a compressed piece (text); a thread holds one in
    /// memory. Each format has its own default, and fewer where rows are large.
    #[arg(long, value_name = "N")]
    pub(super) row_group_rows: Option<u64>,

    /// Rows generated at a time; changes speed only.
    #[arg(long, value_name = "N", default_value_t = Options::DEFAULT_BATCH_ROWS)]
    pub(super) batch_size: u64,

    /// Threads; one for each core otherwise. Changes speed and memory only.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,

    /// Cut each table into files of this many rows (of the dataset's first table; the others follow it).
    #[arg(long, value_name = "N", conflicts_with_all = ["parts", "part"], value_parser = count)]
    pub(super) rows_per_file: Option<u64>,

    /// Folders by the values of columns, as Hive names them: a text (payer), a date by its year, month or day
    /// (submitted_date:month), or several of them with commas between. A text is in the folder's name instead of the file.
    #[arg(long, value_name = "COLUMN[:UNIT]")]
    pub(super) partition_by: Option<PartitionBy>,

    /// Cut each table into this many files.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) parts: u32,

    /// Write only this one of the parts, counted from 1, so that several machines can share the work.
    #[arg(long, value_name = "K", requires = "parts")]
    pub(super) part: Option<u32>,

    /// Replace files of another run. (The same command goes on where it was interrupted, without this.)
    #[arg(long)]
    pub(super) overwrite: bool,

    /// Check everything and say what would be written, but write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Print the dataset's spec as TOML, and do nothing else.
    #[arg(long)]
    pub(super) print_spec: bool,

    /// List datasets, formats, places, column kinds and drift shapes, and do nothing else.
    #[arg(long)]
    pub(super) list: bool,

    /// No progress and no summary.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// What else `datagen` does.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    Ddl(DdlArgs),
    Clean(CleanArgs),
    Verify(VerifyArgs),
    Describe(DescribeArgs),
}

fn format_names() -> clap::builder::PossibleValuesParser {
    let value =
        |format: &crate::sinks::Format| clap::builder::PossibleValue::new(format.name).help(format.about);
    FORMATS.iter().map(value).collect::<Vec<_>>().into()
}
