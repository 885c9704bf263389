//! The queries.

use std::collections::HashMap;

use crate::engines::grouping::{Edges, Question, Sum, SumKind};
use crate::mappings::{Condition, Filter, Measure};
use crate::postgres::names::literal;
use crate::sources::{Columns, Table};
use crate::summaries::Plan;
use crate::summaries::log_code::{MAX_CODE, threshold};

/// By column and looked-for part: the column's values that contain it.
pub(super) type Matches = HashMap<(String, String), Vec<String>>;

/// Writes the queries of a plan.
///
/// Each is made of up to three selections, one in the other: what a row is, the log code of its number, and the
/// groups. `OFFSET 0` keeps the server from melting them into one, which would compute a row's number as often as it
/// is named.
pub(super) struct Sql<'t> {
    table: &'t Table,
    plan: &'t Plan,
    matches: Matches,
    windows: String,
    buckets: String,
    thresholds: String,
}

impl<'t> Sql<'t> {
    pub(super) fn new(table: &'t Table, plan: &'t Plan, matches: Matches) -> Self {
        let thresholds = (1..=MAX_CODE).map(threshold).filter_map(|least| i64::try_from(least).ok());
        Self {
            table,
            plan,
            matches,
            windows: array(Edges::of(plan.grid.windows()).days, "integer"),
            buckets: array(Edges::of(plan.grid.buckets()).days, "integer"),
            thresholds: array(thresholds, "bigint"),
        }
    }

    /// Rows of the grid's span and rows without a time.
    pub(super) fn dated_or_not(&self) -> String {
        format!("({} IS NULL OR {})", self.table.quoted(Columns::TIME), self.within())
    }

    /// The number of rows that are left out because of a null.
    pub(super) fn null_rows(&self) -> String {
        let condition = format!("{} AND NOT ({})", self.dated_or_not(), self.is_complete());
        format!("SELECT count(*) FROM {} WHERE {condition}", self.table.name())
    }

    /// The number of complete rows by the edges of windows that they passed.
    pub(super) fn rows_per_window(&self) -> String {
        let passed = self.passed(&self.windows);
        format!("SELECT {passed}, count(*) FROM {} WHERE {} GROUP BY 1", self.table.name(), self.complete())
    }

    /// The groups of a question: segment columns, edges passed, stratum, number or category, counts and sums.
    pub(super) fn question(&self, question: &Question) -> String {
        match question {
            Question::Sums { strata, of } => self.sums(*strata, of),
            Question::Numbers { metric, strata } => self.numbers(*metric, *strata),
            Question::Pending { metric } => self.pending(*metric),
            Question::Categories { metric, column } => self.categories(*metric, column),
        }
    }

    fn sums(&self, strata: Option<&str>, of: &[Sum]) -> String {
        let mut selected = self.selected(&self.buckets, strata);
        selected
            .extend(of.iter().enumerate().map(|(index, sum)| format!("{} AS r{index}", self.row_of(*sum))));
        let mut given = self.keys();
        for (index, sum) in of.iter().enumerate() {
            given.extend(aggregates(*sum, &format!("r{index}"), self.is_days(sum.metric)));
        }
        grouped(&given, &self.keys(), &self.rows_of(&selected, &self.complete()))
    }

    /// What a row is to a sum, null where the metric does not look at it: whether it is a hit, or its number.
    fn row_of(&self, Sum { metric, kind }: Sum) -> String {
        let about = &self.plan.mapping.metrics()[metric];
        let is = match (&about.measure, kind) {
            (Measure::Rate { hit }, _) => self.filter(hit),
            (Measure::NullRate { column }, _) => format!("({} IS NULL)", self.named(column)),
            (_, SumKind::Moments) => self.number(metric),
            _ => "true".to_owned(),
        };
        format!("CASE WHEN {} THEN {is} END", self.looked_at(metric))
    }

    fn numbers(&self, metric: usize, strata: Option<&str>) -> String {
        let mut selected = self.selected(&self.windows, strata);
        selected.push(format!("{} AS number", self.number(metric)));
        let among = self.looked_at(metric);
        let rows = self.rows_of(&selected, &format!("{} AND {among}", self.complete()));
        let mut keys = self.keys();
        let number = if self.is_days(metric) { "number".to_owned() } else { self.code_of("number") };
        let coded = format!("{}, {number} AS number", keys.join(", "));
        keys.push("number".to_owned());
        let given = [keys.clone(), vec!["count(*)".to_owned()]].concat();
        let rows = format!("SELECT {coded} FROM ({rows}) AS rows WHERE number IS NOT NULL OFFSET 0");
        grouped(&given, &keys, &rows)
    }

    fn pending(&self, metric: usize) -> String {
        let about = &self.plan.mapping.metrics()[metric];
        let Measure::Days { from, to } = &about.measure else { unreachable!("only days are pending") };
        let (from, to) = (self.named(from), self.named(to));
        let mut selected = self.selected(&self.windows, None);
        selected.push(format!("{from}::bigint AS since"));
        let may_pass = self.filter_with(&about.among, |condition, column| {
            format!("({} IS NULL OR {condition})", self.named(column))
        });
        let running = format!("{from} IS NOT NULL AND {to} IS NULL AND {may_pass}");
        let rows = self.rows_of(&selected, &format!("{} AND {running}", self.complete()));
        let mut keys = self.keys();
        keys.push("since".to_owned());
        grouped(&[keys.clone(), vec!["count(*)".to_owned()]].concat(), &keys, &rows)
    }

    fn categories(&self, metric: usize, column: &str) -> String {
        let mut selected = self.selected(&self.windows, None);
        selected.push(format!("{} AS category", self.named(column)));
        let among = self.looked_at(metric);
        let condition = format!("{} AND {among} AND {} IS NOT NULL", self.complete(), self.named(column));
        let mut keys = self.keys();
        keys.push("category".to_owned());
        let given = [keys.clone(), vec!["count(*)".to_owned()]].concat();
        grouped(&given, &keys, &self.rows_of(&selected, &condition))
    }

    /// Segment columns, the edges passed and the stratum of a row.
    fn selected(&self, edges: &str, strata: Option<&str>) -> Vec<String> {
        let segments = self.plan.mapping.segments().iter().enumerate();
        let mut selected: Vec<String> =
            segments.map(|(index, column)| format!("{} AS s{index}", self.segment(column))).collect();
        selected.push(format!("{} AS passed", self.passed(edges)));
        selected.push(match strata {
            Some(column) => format!("coalesce({}, '') AS stratum", self.named(column)),
            None => "''::text AS stratum".to_owned(),
        });
        selected
    }

    fn rows_of(&self, selected: &[String], condition: &str) -> String {
        format!("SELECT {} FROM {} WHERE {condition} OFFSET 0", selected.join(", "), self.table.name())
    }

    /// What groups are of, as the inner selections call it.
    fn keys(&self) -> Vec<String> {
        let segments = (0..self.plan.mapping.segments().len()).map(|index| format!("s{index}"));
        segments.chain(["passed".to_owned(), "stratum".to_owned()]).collect()
    }

    fn passed(&self, edges: &str) -> String {
        format!("width_bucket({}, {edges})", self.table.expression(Columns::TIME))
    }

    fn within(&self) -> String {
        self.table.within(self.plan.grid.span())
    }

    fn complete(&self) -> String {
        format!("{} AND {}", self.within(), self.is_complete())
    }

    fn is_complete(&self) -> String {
        let columns = self.table.columns();
        let required = (0..columns.len()).filter(|&place| columns.at(place).is_required);
        let there = required.map(|place| format!("{} IS NOT NULL", self.table.quoted(place)));
        there.collect::<Vec<_>>().join(" AND ")
    }

    /// A segment column, or what the mapping has instead where it is null or empty.
    fn segment(&self, column: &str) -> String {
        let Some(instead) = self.plan.mapping.instead_of(column) else { return self.named(column) };
        let filled = |column: &str| format!("NULLIF({}, '')", self.named(column));
        let mut choices = vec![filled(column)];
        choices.extend(instead.column.as_deref().map(filled));
        choices.push(literal(&instead.value));
        format!("coalesce({})", choices.join(", "))
    }

    /// Whether a metric looks at a row: it passes the filter, and the columns that have to be there are.
    fn looked_at(&self, metric: usize) -> String {
        let about = &self.plan.mapping.metrics()[metric];
        let present = about.present.iter().map(|column| format!(" AND {} IS NOT NULL", self.named(column)));
        format!("({}{})", self.filter(&about.among), present.collect::<String>())
    }

    /// The expression of a column of the mapping.
    fn named(&self, column: &str) -> String {
        let place = self.table.columns().position(column);
        place.map_or_else(|| "NULL".to_owned(), |place| self.table.expression(place))
    }

    fn is_days(&self, metric: usize) -> bool {
        matches!(self.plan.mapping.metrics()[metric].measure, Measure::Days { .. })
    }

    /// A metric's number of a row.
    fn number(&self, metric: usize) -> String {
        match &self.plan.mapping.metrics()[metric].measure {
            Measure::Days { from, to } => format!("({} - {})::bigint", self.named(to), self.named(from)),
            Measure::Amount { column, .. } => self.named(column),
            _ => "NULL::bigint".to_owned(),
        }
    }

    /// The log code of a number.
    fn code_of(&self, number: &str) -> String {
        let thresholds = &self.thresholds;
        format!(
            "(CASE WHEN {number} < 0 THEN -width_bucket(-{number}, {thresholds}) \
             ELSE width_bucket({number}, {thresholds}) END)::bigint"
        )
    }

    /// Whether a row passes, never null.
    fn filter(&self, filter: &Filter) -> String {
        self.filter_with(filter, |condition, _| condition)
    }

    /// Whether a row passes when `wrap` has changed each column's condition.
    fn filter_with(&self, filter: &Filter, wrap: impl Fn(String, &str) -> String) -> String {
        if filter.alternatives().is_empty() {
            return "true".to_owned();
        }
        let alternatives = filter.alternatives().iter().map(|conditions| {
            let all =
                conditions.iter().map(|(column, condition)| wrap(self.holds(column, condition), column));
            format!("({})", all.collect::<Vec<_>>().join(" AND "))
        });
        format!("coalesce({}, false)", alternatives.collect::<Vec<_>>().join(" OR "))
    }

    fn holds(&self, column: &str, condition: &Condition) -> String {
        let values = match condition {
            Condition::OneOf(values) => values,
            Condition::Contains(part) => match self.matches.get(&(column.to_owned(), part.clone())) {
                Some(values) => values,
                None => return "false".to_owned(),
            },
        };
        // No text of the server has a NUL, and no statement can.
        let values: Vec<String> =
            values.iter().filter(|value| !value.contains('\0')).map(|value| literal(value)).collect();
        if values.is_empty() {
            "false".to_owned()
        } else {
            format!("{} IN ({})", self.named(column), values.join(", "))
        }
    }
}

fn grouped(given: &[String], keys: &[String], rows: &str) -> String {
    format!("SELECT {} FROM ({rows}) AS rows GROUP BY {}", given.join(", "), keys.join(", "))
}

/// The aggregates of a sum. Sums come as text, which has room for all digits.
fn aggregates(sum: Sum, row: &str, is_days: bool) -> Vec<String> {
    match sum.kind {
        SumKind::Tally => vec![format!("count({row})"), format!("count(*) FILTER (WHERE {row})")],
        SumKind::Moments => {
            // Days have squares of fewer than 63 bits, amounts of up to 106.
            let square = if is_days { format!("{row} * {row}") } else { format!("{row}::numeric * {row}") };
            vec![format!("count({row})"), format!("sum({row})::text"), format!("sum({square})::text")]
        }
    }
}

/// An array of whole numbers; never empty, since the server's `width_bucket` refuses an empty one.
fn array<Number: ToString>(numbers: impl IntoIterator<Item = Number>, sql_type: &str) -> String {
    let mut numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    if numbers.is_empty() {
        numbers.push("0".to_owned());
    }
    format!("'{{{}}}'::{sql_type}[]", numbers.join(","))
}
