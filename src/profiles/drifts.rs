//! The drift in data, one line for each.

use driftforge_generators::DriftTruth;

use super::profile::DriftLine;

/// A line for each drift.
pub(super) fn lines(drifts: &[DriftTruth]) -> Vec<DriftLine> {
    drifts.iter().map(|drift| DriftLine { id: drift.id.clone(), text: text(drift) }).collect()
}

/// What drifts where, when and how much.
fn text(drift: &DriftTruth) -> String {
    let table = drift.table.as_ref().map(|table| format!("{table}.")).unwrap_or_default();
    let what = format!("{} of {table}{}", drift.what.name().replace('_', " "), drift.column);
    let segment = drift.segment.iter().map(|(column, values)| match &values[..] {
        [value] => format!("{column} = {value}"),
        values => format!("{column} in {}", values.join(", ")),
    });
    let segment: Vec<String> = segment.collect();
    let place = if segment.is_empty() { "all rows".to_owned() } else { segment.join(" and ") };
    let shape = drift.shape.get("kind").and_then(|kind| kind.as_str()).map(|kind| format!(", {kind}"));
    let days = format!("from {} to {}{}", drift.start, drift.end, shape.unwrap_or_default());
    let size = match &drift.parameter {
        Some(parameter) => format!(
            "{} {} -> {} {}",
            parameter.name,
            figure(parameter.baseline),
            figure(parameter.current),
            parameter.unit
        ),
        None => effect(drift),
    };
    let rows = drift.rows.map(|rows| format!(", about {:.0} rows", rows.touched)).unwrap_or_default();
    format!("{what} where {place}, {days}: {}{rows}", size.trim_end())
}

/// The size of a drift as its spec has it.
fn effect(drift: &DriftTruth) -> String {
    let effect = &drift.effect;
    let numbers =
        [("points", effect.points), ("odds", effect.odds), ("factor", effect.factor), ("days", effect.days)];
    let numbers =
        numbers.into_iter().filter_map(|(name, number)| Some(format!("{name} {}", figure(number?))));
    let weights =
        effect.weights.iter().flatten().map(|(value, weight)| format!("{value} × {}", figure(*weight)));
    numbers.chain(weights).collect::<Vec<_>>().join(", ")
}

/// A figure with four digits behind the point, without zeros at its end.
fn figure(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use driftforge_generators::Run;

    use super::*;
    use crate::datasets::Dataset;

    #[test]
    fn each_drift_of_the_claims_has_a_line_with_segment_days_and_size() {
        let run = Run { records: 10_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
        let truth = Dataset::built_in("claims").unwrap().plan(&run).unwrap().plan().truth();
        let lines = lines(&truth.drifts);
        assert_eq!(lines.len(), truth.drifts.len());
        for (line, drift) in lines.iter().zip(&truth.drifts) {
            assert!(
                line.text.contains(&drift.start.to_string()) && line.text.contains(&drift.column),
                "{}",
                line.text
            );
            assert!(drift.segment.keys().all(|column| line.text.contains(column)), "{}", line.text);
            assert!(!line.text.contains('\n') && line.text.contains(": "), "{}", line.text);
        }
        assert_eq!((figure(0.25), figure(3.0), figure(-0.00001)), ("0.25".into(), "3".into(), "-0".into()));
    }
}
