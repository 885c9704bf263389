//! Means.

use crate::reference::{Reference, Row};
use driftforge_statistics::two_windows::{Moments, Numbers, effects, welch_t};

/// Count, sum and sum of squares, written as text since they are larger than JSON's numbers.
fn moments(row: &Row<'_>, column: &str) -> Moments {
    let texts: Vec<&str> =
        row.cell(column).as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    Moments {
        n: texts[0].parse().unwrap(),
        sum: texts[1].parse().unwrap(),
        sum_of_squares: texts[2].parse().unwrap(),
    }
}

#[test]
fn means_compare_as_in_scipy() {
    Reference::load("numbers").each(1_200, |row| {
        let unit = row.cell("unit").as_f64().unwrap();
        let numbers = Numbers::new(moments(row, "baseline"), moments(row, "current"), unit).unwrap();
        let test = welch_t(&numbers);
        row.compare("scipy ttest t", test.map(|test| test.t));
        row.compare("scipy ttest p", test.map(|test| test.p_value));
        row.compare("mpmath df", test.map(|test| test.degrees_of_freedom));
        row.compare("mpmath d", effects::cohens_d(&numbers));
        row.compare("mpmath g", effects::hedges_g(&numbers));
    });
}
