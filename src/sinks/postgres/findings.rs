//! Findings in tables: a row for the run, and one for each event, all in one transaction.

use serde_json::{Value, json};

use super::names::{literal, quoted};
use super::session::Session;
use super::url::DatabaseUrl;
use crate::findings::{Finding, Findings};
use crate::{Error, Result};

/// The tables, made where they are not there.
const TABLES: &str = include_str!("../../../schemas/sql/findings.sql");

/// The columns that an event's JSON has under their names.
const COLUMNS: &str = "detector, payer, cpt_group, segment, drift_type, baseline_value, current_value, delta_value, \
     severity, confidence, baseline_start, baseline_end, current_start, current_end, baseline_n, current_n, \
     p_value, q_value, first_day, impact_dollars, causes";

/// Their types, for the server to read them by.
const TYPED: &str = "detector text, payer text, cpt_group text, segment jsonb, drift_type text, \
     baseline_value double precision, current_value double precision, delta_value double precision, \
     severity double precision, confidence double precision, baseline_start date, baseline_end date, \
     current_start date, current_end date, baseline_n bigint, current_n bigint, p_value double precision, \
     q_value double precision, first_day date, impact_dollars double precision, causes jsonb";

/// Stores a run and its events in the tables `report_run` and `drift_event` of a schema, and tells the run's id.
///
/// # Errors
/// [`Error::Database`] when the server refuses; nothing is stored then.
pub fn store_findings(found: &Findings, url: &DatabaseUrl, schema: &str) -> Result<String> {
    let mut session = Session::connect(url, "detect-drift")?;
    let place = session.place().to_owned();
    let unwritable = |error: serde_json::Error| Error::database(&place, error.to_string(), false);
    let events: Vec<Value> = found.findings.iter().map(row).collect::<Result<_, _>>().map_err(unwritable)?;
    let events = Value::Array(events).to_string();
    let summary = summary(found).to_string();
    let id = session.transaction(|session| {
        session.execute(&format!("SET LOCAL search_path TO {}", quoted(schema)))?;
        session.execute(TABLES)?;
        let run = format!(
            "INSERT INTO report_run (run_type, status, started_at, summary) \
             VALUES ('detect-drift', 'completed', {}::timestamptz, {}::jsonb) RETURNING id::text",
            literal(&found.started_at),
            literal(&summary)
        );
        let id = session.text(&run)?.unwrap_or_default();
        session.execute(&format!(
            "INSERT INTO drift_event (report_run_id, {COLUMNS}) SELECT {}::bigint, {COLUMNS} \
             FROM jsonb_to_recordset({}::jsonb) AS event ({TYPED})",
            literal(&id),
            literal(&events)
        ))?;
        Ok(id)
    })?;
    session.close();
    Ok(id)
}

/// A finding as JSON, its segment apart as well.
fn row(finding: &Finding) -> Result<Value, serde_json::Error> {
    let mut row = serde_json::to_value(finding)?;
    row["segment"] = serde_json::to_value(&finding.event.segment)?;
    Ok(row)
}

/// What the product kept of a run.
fn summary(found: &Findings) -> Value {
    json!({
        "as_of_date": found.dataset.as_of,
        "dataset": found.dataset,
        "groups_considered": found.coverage.segments_considered,
        "events_created": found.findings.len(),
        "parameters": found.parameters,
        "tool": found.tool,
    })
}
