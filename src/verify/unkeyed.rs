//! Tables whose rows no key tells apart, since dirt repeats rows or damages keys: every row must be there as often as it
//! was generated, whatever the order.
//!
//! Rows are told apart by 128-bit digests. Their sums in a number of groups tell which groups differ, so that memory
//! does not grow with the table; only of those the rows are looked at one by one.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;

use super::database::{DatabaseTask, Load, different, shown};
use super::{Finding, Problem, sample};
use crate::sinks::postgres::{ExpectedRows, ReadBack};
use crate::{Error, Result};

/// Groups that digests are summed up in.
const GROUPS: usize = 1 << 16;
/// Groups whose rows are looked at one by one: enough to find one that differs.
const MOST_OPENED: usize = 16;
/// The columns that name a row without a key.
const NAMING_COLUMNS: usize = 8;

/// The sum of the digests of each group. That two sums of different rows are equal is as likely as a collision of
/// 128-bit digests.
#[derive(PartialEq)]
struct Sums(Vec<u128>);

impl Sums {
    fn new() -> Self {
        Self(vec![0; GROUPS])
    }

    fn add(&mut self, digest: u128) {
        let sum = &mut self.0[group(digest)];
        *sum = sum.wrapping_add(digest);
    }

    fn differences(&self, other: &Self) -> Vec<usize> {
        (0..GROUPS).filter(|group| self.0[*group] != other.0[*group]).take(MOST_OPENED).collect()
    }
}

fn group(digest: u128) -> usize {
    (digest >> 64) as usize % GROUPS
}

/// Compares all rows of a load, and returns how many were made.
pub(super) fn compare(
    task: &DatabaseTask,
    read_back: &mut ReadBack,
    load: &Load,
) -> Result<(u64, Option<Finding>)> {
    let (mut expected, mut found, mut rows) = (Sums::new(), Sums::new(), 0);
    each_made(task, load, &mut |made| {
        expected.add(made.digest);
        rows += 1;
        true
    })?;
    each_found(task, read_back, load, &mut |digest| found.add(digest))?;
    let groups = expected.differences(&found);
    if groups.is_empty() {
        return Ok((rows, None));
    }
    let mut there: HashMap<u128, u64> = HashMap::new();
    each_found(task, read_back, load, &mut |digest| {
        if groups.contains(&group(digest)) {
            *there.entry(digest).or_default() += 1;
        }
    })?;
    let mut missing = None;
    each_made(task, load, &mut |made| {
        let count = there.entry(made.digest).or_default();
        let is_missing = groups.contains(&group(made.digest)) && *count == 0;
        *count = count.saturating_sub(1);
        if is_missing {
            missing = Some((made.number, made.batch.slice(made.offset, 1)));
        }
        !is_missing
    })?;
    let problem = match missing {
        Some((row, one)) => missing_row(task, read_back, load, row, &one)?,
        None => {
            Problem::Unreadable("a row is there that was not generated, or more often than it was".to_owned())
        }
    };
    Ok((rows, Some(Finding::new(&load.name, problem))))
}

/// What became of a row: where it has a key, a value of it may be another.
fn missing_row(
    task: &DatabaseTask,
    read_back: &mut ReadBack,
    load: &Load,
    row: u64,
    one: &RecordBatch,
) -> Result<Problem> {
    let mut expected = rows_of(task, load)?;
    let found = match load.key {
        [] => Vec::new(),
        key => read_back.rows(&load.loaded.table, key, one)?,
    };
    let compared = expected.differs(one, &found[..found.len().min(1)]);
    let compared = compared.map_err(|problem| Error::database(task.url, problem, false))?;
    if let (1, Some((_, column @ Some(_)))) = (found.len(), compared) {
        return different(read_back, load, one, (row, column));
    }
    let schema = one.schema();
    let names = schema.fields().iter().take(NAMING_COLUMNS).map(|field| field.name());
    let values: Vec<String> = names.map(|name| format!("{name} = {}", shown(one, name))).collect();
    let problem = format!("row {} is missing or was changed: {}", row + 1, values.join(", "));
    Ok(Problem::Unreadable(problem))
}

fn rows_of(task: &DatabaseTask, load: &Load) -> Result<ExpectedRows> {
    ExpectedRows::new(&load.rows.schema()).map_err(|problem| Error::database(task.url, problem, false))
}

/// A row that was made again.
struct Made<'a> {
    /// Its number from 0 in the table.
    number: u64,
    batch: &'a RecordBatch,
    /// Where it stands in the batch.
    offset: usize,
    digest: u128,
}

/// Makes all rows, and gives each of them, until `each` has enough.
fn each_made(task: &DatabaseTask, load: &Load, each: &mut dyn FnMut(Made) -> bool) -> Result<()> {
    let mut expected = rows_of(task, load)?;
    let mut number = 0;
    for places in sample::blocks(0..load.rows.row_count()).flat_map(|places| load.by_run(places)) {
        if task.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        let batch = load.batch(places.clone());
        let digests =
            expected.digests(&batch).map_err(|problem| Error::database(task.url, problem, false))?;
        for (offset, digest) in digests.into_iter().enumerate() {
            if !each(Made { number, batch: &batch, offset, digest }) {
                return Ok(());
            }
            number += 1;
        }
        task.progress.places_written(places.end - places.start);
    }
    Ok(())
}

fn each_found(
    task: &DatabaseTask,
    read_back: &mut ReadBack,
    load: &Load,
    each: &mut dyn FnMut(u128),
) -> Result<()> {
    let expected = rows_of(task, load)?;
    read_back.all_rows(load.loaded, &load.rows.schema(), &mut |rows| {
        rows.iter().for_each(|row| each(expected.digest(row)));
        if task.stop.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    })
}
