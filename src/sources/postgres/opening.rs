//! What is asked of a table before its rows.

use std::sync::Arc;

use super::Piece;
use super::table::{Found, Table};
use crate::postgres::names::literal;
use crate::postgres::session::{SNAPSHOT, Session};
use crate::postgres::{DatabaseUrl, TableName};
use crate::sources::columns::{Columns, nearest_name};
use crate::summaries::Day;
use crate::{Error, Result};

/// The most partitions: each is a scan of the table where the time has no index.
const MOST_PIECES: u64 = 8;
/// The fewest rows of a partition, unless there are no more: a connection costs as much as some thousand rows.
const PIECE_ROWS: u64 = 65_536;

/// The table, the connection that keeps its state, and its partitions.
pub(super) fn open(
    url: &DatabaseUrl,
    name: &TableName,
    columns: &Arc<Columns>,
) -> Result<(Table, Session, Vec<Piece>)> {
    let mut session = Session::connect_to_read(url, "driftforge")?;
    session.execute(SNAPSHOT)?;
    let snapshot = session.text("SELECT pg_export_snapshot()")?.unwrap_or_default();
    let found = catalogue(&mut session, url, name)?;
    let table = Table::new(url, name, columns, snapshot, &found)?;
    let pieces = pieces(&mut session, &table)?;
    Ok((table, session, pieces))
}

/// The columns of a relation, in its order.
fn catalogue(session: &mut Session, url: &DatabaseUrl, name: &TableName) -> Result<Vec<Found>> {
    let relation = literal(&name.to_string());
    if !session.is_true(&format!("SELECT to_regclass({relation}) IS NOT NULL"))? {
        return Err(no_table(session, url, name)?);
    }
    let sql = format!(
        "SELECT a.attname::text, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL), t.typtype = 'e' \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         WHERE a.attrelid = to_regclass({relation}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    );
    let rows = session.rows(&sql)?;
    rows.iter()
        .map(|row| {
            Ok(Found {
                name: session.value(row, 0)?,
                sql_type: session.value(row, 1)?,
                is_enum: session.value(row, 2)?,
            })
        })
        .collect()
}

/// The error for a table that is not there, with those that are.
fn no_table(session: &mut Session, url: &DatabaseUrl, name: &TableName) -> Result<Error> {
    let TableName { schema, table } = name;
    let names = |session: &mut Session, sql: &str| -> Result<Vec<String>> {
        session.rows(sql)?.iter().map(|row| session.value(row, 0)).collect()
    };
    let tables = names(
        session,
        &format!(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1 LIMIT 1000",
            literal(schema)
        ),
    )?;
    let problem = if tables.is_empty() {
        let schemas = names(
            session,
            "SELECT DISTINCT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' \
             AND n.nspname <> 'information_schema' ORDER BY 1 LIMIT 1000",
        )?;
        format!(
            "no table {table:?}: the schema {schema:?} has none; schemas with tables: {}",
            listed(schema, &schemas)
        )
    } else {
        format!("no table {table:?} in the schema {schema:?}; its tables: {}", listed(table, &tables))
    };
    Ok(Error::database(url, problem, true))
}

/// Names, the one that was most likely meant first.
fn listed(wanted: &str, names: &[String]) -> String {
    const SHOWN: usize = 20;
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    if all.is_empty() {
        return "none".to_owned();
    }
    let mut text = all.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN {
        text += &format!(" and {} more", all.len() - SHOWN);
    }
    match nearest_name(wanted, &all) {
        Some(name) => format!("{text} (did you mean {name:?}?)"),
        None => text,
    }
}

/// Days of about equally many rows, and the rows without a time.
fn pieces(session: &mut Session, table: &Table) -> Result<Vec<Piece>> {
    let time = table.quoted(Columns::TIME);
    let unusable = table.refusal(Columns::TIME).unwrap_or_else(|| "false".to_owned());
    let sql = format!("SELECT min({time}::text) FROM {} WHERE {unusable}", table.name());
    if let Some(shown) = session.text(&sql)? {
        return Err(table.value_error(Columns::TIME, &shown));
    }
    let sql = format!(
        "SELECT {} AS day, count(*) FROM {} GROUP BY 1 ORDER BY 1 NULLS FIRST",
        table.expression(Columns::TIME),
        table.name()
    );
    let rows = session.rows(&sql)?;
    let counts =
        rows.iter().map(|row| Ok((session.value::<Option<i32>>(row, 0)?, session.value::<i64>(row, 1)?)));
    let counts: Vec<(Option<Day>, u64)> = counts
        .map(|count: Result<_>| count.map(|(day, rows)| (day.map(Day), rows.cast_unsigned())))
        .collect::<Result<_>>()?;
    Ok(joined(&counts))
}

/// Joins days, which are in ascending order, until there are enough rows for a piece.
fn joined(counts: &[(Option<Day>, u64)]) -> Vec<Piece> {
    let total: u64 = counts.iter().map(|(_, rows)| rows).sum();
    let enough = total.div_ceil(MOST_PIECES).max(PIECE_ROWS);
    let mut pieces: Vec<Piece> = Vec::new();
    for &(day, rows) in counts {
        match (pieces.last_mut(), day) {
            (Some(Piece { days: Some((_, last)), rows: known }), Some(day)) if *known < enough => {
                *last = day;
                *known += rows;
            }
            _ => pieces.push(Piece { days: day.map(|day| (day, day)), rows }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_joined_until_they_are_enough() {
        let days: Vec<(Option<Day>, u64)> =
            [(None, 3)].into_iter().chain((0..100).map(|day| (Some(Day(day)), 10_000))).collect();
        let pieces = joined(&days);
        assert_eq!(pieces[0], Piece { days: None, rows: 3 });
        assert_eq!(pieces[1], Piece { days: Some((Day(0), Day(12))), rows: 130_000 });
        assert_eq!(pieces.len(), 9, "the undated rows and eight pieces");
        assert_eq!(pieces.iter().map(|piece| piece.rows).sum::<u64>(), 1_000_003);
        assert_eq!(joined(&[]), []);
    }
}
