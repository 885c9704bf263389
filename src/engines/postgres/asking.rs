//! Queries one after the other, and their groups as answers.

use std::collections::HashMap;

use sqlx::postgres::PgRow;

use super::sql::{Matches, Sql};
use crate::engines::grouping::{Answers, At, Edges, Question, Sum, SumKind, questions};
use crate::mappings::{Condition, Filter, Measure};
use crate::postgres::session::Session;
use crate::sources::Table;
use crate::summaries::{Moments, Plan, Segment, Summaries, Tally};
use crate::{Error, Result};

/// Columns of a tally and of moments.
const SUM_COLUMNS: [usize; 2] = [2, 3];
/// Groups that are fetched at a time.
const FETCHED_GROUPS: usize = 8_192;

/// The summaries of a table.
pub(super) fn summarize(table: &Table, plan: &Plan) -> Result<Summaries> {
    let mut session = table.connect()?;
    // Cursors are planned for their first rows unless told otherwise, and the code for many thresholds is short.
    session.execute("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL jit = off")?;
    table.check(&mut session, &Sql::new(table, plan, Matches::new()).dated_or_not())?;
    let matches = matches(&mut session, table, plan)?;
    let sql = Sql::new(table, plan, matches);
    let mut asking = Asking { session, sql, plan, answers: Answers::new(plan) };
    asking.count_rows()?;
    for question in questions(plan) {
        asking.ask(&question)?;
    }
    asking.session.close();
    asking.answers.finish()
}

/// The values that contain what filters look for. Letters have cases by Unicode here and by its locale in the server,
/// so the values are asked for and looked at here.
fn matches(session: &mut Session, table: &Table, plan: &Plan) -> Result<Matches> {
    let mut matches = Matches::new();
    for (column, condition) in plan.mapping.metrics().iter().flat_map(|metric| {
        let hit = match &metric.measure {
            Measure::Rate { hit } => Some(hit),
            _ => None,
        };
        [Some(&metric.among), hit].into_iter().flatten().flat_map(conditions)
    }) {
        let Condition::Contains(part) = condition else { continue };
        let Some(place) = table.columns().position(column) else { continue };
        let expression = table.expression(place);
        let sql =
            format!("SELECT DISTINCT {expression} FROM {} WHERE {expression} IS NOT NULL", table.name());
        let rows = session.rows(&sql)?;
        let values: Vec<String> = rows.iter().map(|row| session.value(row, 0)).collect::<Result<_>>()?;
        let values = values.into_iter().filter(|value| condition.holds(Some(value))).collect();
        matches.insert((column.to_owned(), part.clone()), values);
    }
    Ok(matches)
}

fn conditions(filter: &Filter) -> impl Iterator<Item = (&str, &Condition)> {
    let alternatives = filter.alternatives().iter().flatten();
    alternatives.map(|(column, condition)| (column.as_str(), condition))
}

struct Asking<'t> {
    session: Session,
    sql: Sql<'t>,
    plan: &'t Plan,
    answers: Answers,
}

impl Asking<'_> {
    fn count_rows(&mut self) -> Result<()> {
        let nulls = self.session.rows(&self.sql.null_rows())?;
        let rows: i64 = nulls.first().map_or(Ok(0), |row| self.session.value(row, 0))?;
        self.answers.add_null_rows(rows.cast_unsigned());
        let windows = Edges::of(self.plan.grid.windows());
        for row in self.session.rows(&self.sql.rows_per_window())? {
            let (passed, rows): (i32, i64) = (self.session.value(&row, 0)?, self.session.value(&row, 1)?);
            if let Some(window) = range(&windows, passed) {
                self.answers.add_rows(window, rows.cast_unsigned());
            }
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<()> {
        self.session
            .execute(&format!("DECLARE groups NO SCROLL CURSOR FOR {}", self.sql.question(question)))?;
        let edges = match question {
            Question::Sums { .. } => Edges::of(self.plan.grid.buckets()),
            _ => Edges::of(self.plan.grid.windows()),
        };
        let mut segments = Segments::default();
        loop {
            let rows = self.session.rows(&format!("FETCH {FETCHED_GROUPS} FROM groups"))?;
            if rows.is_empty() {
                return self.session.execute("CLOSE groups");
            }
            for row in &rows {
                let columns = self.plan.mapping.segments().len();
                let segment = segments.of(&self.session, row, columns)?;
                if let Some(range) = range(&edges, self.session.value(row, columns)?) {
                    self.add(question, row, segment, range)?;
                }
            }
        }
    }

    /// Adds a group: the segment, the edges passed, the stratum, what is counted where that is a number or a category,
    /// and then its counts and sums.
    fn add(&mut self, question: &Question, row: &PgRow, segment: &Segment, range: usize) -> Result<()> {
        let Self { session, answers, .. } = self;
        let part = segment.0.len() + 1;
        let at = At { segment, stratum: session.value(row, part)?, range };
        let rows = |column| session.value::<i64>(row, column).map(i64::cast_unsigned);
        match question {
            Question::Numbers { metric, .. } => {
                answers.add_number(&at, *metric, session.value(row, part + 1)?, rows(part + 2)?);
                Ok(())
            }
            Question::Categories { metric, .. } => {
                answers.add_category(&at, *metric, session.value(row, part + 1)?, rows(part + 2)?)
            }
            Question::Pending { metric } => {
                answers.add_pending(&at, *metric, session.value(row, part + 1)?, rows(part + 2)?);
                Ok(())
            }
            Question::Sums { of, .. } => {
                let mut next = part + 1;
                for &Sum { metric, kind } in of {
                    let first = next;
                    next += SUM_COLUMNS[kind as usize];
                    match kind {
                        SumKind::Tally => {
                            let tally = Tally { trials: rows(first)?, hits: rows(first + 1)? };
                            answers.add_tally(&at, metric, tally)?;
                        }
                        SumKind::Moments => {
                            let sum = whole(session, row, first + 1)?;
                            let sum_of_squares = whole(session, row, first + 2)?;
                            let moments = Moments { n: rows(first)?, sum, sum_of_squares };
                            answers.add_moments(&at, metric, moments)?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

/// The range behind as many edges as the server counted.
fn range(edges: &Edges, passed: i32) -> Option<usize> {
    edges.range_behind(usize::try_from(passed).ok()?)
}

/// A sum, which comes as text so that it has any length; 0 of no numbers.
fn whole(session: &Session, row: &PgRow, column: usize) -> Result<i128> {
    let text: Option<&str> = session.value(row, column)?;
    let Some(text) = text else { return Ok(0) };
    text.parse().map_err(|_| Error::database(session.place(), format!("{text:?} is no whole sum"), false))
}

/// Segments by their values, so that a segment's texts are made once.
#[derive(Default)]
struct Segments {
    known: HashMap<Vec<String>, Segment>,
    last: Vec<String>,
}

impl Segments {
    fn of(&mut self, session: &Session, row: &PgRow, columns: usize) -> Result<&Segment> {
        self.last.clear();
        for column in 0..columns {
            self.last.push(session.value(row, column)?);
        }
        let Self { known, last } = self;
        Ok(known.entry(last.clone()).or_insert_with(|| Segment(last.clone())))
    }
}
