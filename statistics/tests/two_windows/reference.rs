//! Reads a file of reference numbers and compares with it.

use serde_json::Value;

/// What a result may differ by, relative to its size.
const TOLERANCE: f64 = 1e-9;
/// Numbers below this are only required to be below it.
const SMALLEST: f64 = 1e-300;

pub struct Reference {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Reference {
    pub fn load(name: &str) -> Self {
        let path = format!("{}/tests/reference/two_windows_{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let list = |value: &Value| value.as_array().unwrap().clone();
        let columns =
            list(&document["columns"]).iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        Self { columns, rows: list(&document["rows"]).iter().map(list).collect() }
    }

    /// Calls `check` for each row; fails with everything that differed.
    pub fn each(&self, least: usize, mut check: impl FnMut(&mut Row<'_>)) {
        let mut complaints = Vec::new();
        let mut compared = 0;
        for cells in &self.rows {
            assert_eq!(cells.len(), self.columns.len(), "{cells:?}");
            let mut row = Row { reference: self, cells, complaints: Vec::new(), compared: 0 };
            check(&mut row);
            complaints.append(&mut row.complaints);
            compared += row.compared;
        }
        assert!(compared >= least, "only {compared} numbers were compared");
        let shown: Vec<&str> = complaints.iter().take(20).map(String::as_str).collect();
        assert!(complaints.is_empty(), "{} of {compared} differ\n{}", complaints.len(), shown.join("\n"));
    }
}

pub struct Row<'a> {
    reference: &'a Reference,
    cells: &'a [Value],
    complaints: Vec<String>,
    compared: usize,
}

impl Row<'_> {
    pub fn cell(&self, column: &str) -> &Value {
        let index = self.reference.columns.iter().position(|name| name == column);
        &self.cells[index.unwrap_or_else(|| panic!("no column {column}"))]
    }

    pub fn count(&self, column: &str) -> u64 {
        self.cell(column).as_u64().unwrap()
    }

    pub fn counts(&self, column: &str) -> Vec<u64> {
        self.cell(column).as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
    }

    pub fn values(&self, column: &str) -> Vec<f64> {
        self.cell(column).as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    }

    pub fn optional_values(&self, column: &str) -> Vec<Option<f64>> {
        self.cell(column).as_array().unwrap().iter().map(number).collect()
    }

    /// The number of a cell: the right one where the package is off.
    pub fn expected(&self, column: &str) -> Option<f64> {
        number(self.cell(column))
    }

    pub fn compare(&mut self, column: &str, got: Option<f64>) {
        self.compare_within(column, got, |expected| TOLERANCE * expected.abs());
    }

    pub fn compare_within(&mut self, column: &str, got: Option<f64>, tolerance: impl Fn(f64) -> f64) {
        let expected = self.expected(column);
        self.compare_numbers(column, got, expected, tolerance);
    }

    pub fn compare_numbers(
        &mut self,
        what: &str,
        got: Option<f64>,
        expected: Option<f64>,
        tolerance: impl Fn(f64) -> f64,
    ) {
        self.compared += 1;
        let same = match (got, expected) {
            (Some(got), Some(expected)) => {
                (got - expected).abs() <= tolerance(expected)
                    || (got.abs() < SMALLEST && expected.abs() < SMALLEST)
            }
            (None, None) => true,
            _ => false,
        };
        if !same {
            let inputs: Vec<String> = self.cells.iter().take(4).map(shortened).collect();
            self.complaints.push(format!("{what}: {got:?}, expected {expected:?} for {}", inputs.join(" ")));
        }
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.len() > 200 { format!("{}...", &text[..200]) } else { text }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::Object(both) => both["mpmath"].as_f64(),
        other => other.as_f64(),
    }
}

pub fn relative(expected: f64) -> f64 {
    TOLERANCE * expected.abs()
}
