//! Mixes of categories.

use crate::reference::Reference;
use driftforge_statistics::two_windows::{
    Categories, Comparison, chi_square, chi_square_yates, cramers_v, g_test, hellinger, jensen_shannon,
    kullback_leibler, psi, psi_floor, total_variation,
};

#[test]
fn mixes_compare_as_in_scipy() {
    let statistic = |comparison: Option<Comparison>| comparison.map(|test| test.statistic);
    let p_value = |comparison: Option<Comparison>| comparison.and_then(|test| test.p_value);
    Reference::load("tables").each(3_000, |row| {
        let (baseline, current) = (row.counts("baseline"), row.counts("current"));
        let categories = Categories::new(&baseline, &current).unwrap();
        let tests = [
            ("scipy chi2", chi_square(&categories)),
            ("scipy yates", chi_square_yates(&categories)),
            ("scipy g", g_test(&categories)),
        ];
        for (name, test) in tests {
            // G of equal mixes is zero up to the rounding of the expected counts.
            row.compare_within(name, statistic(test), |value| 1e-9 * value + 1e-30);
            row.compare(&format!("{name} p"), p_value(test));
        }
        row.compare("scipy cramer", statistic(cramers_v(&categories)));
        row.compare("mpmath psi", statistic(psi(&categories)));
        row.compare("mpmath psi floor", statistic(psi_floor(&categories)));
        row.compare("scipy jensenshannon", statistic(jensen_shannon(&categories)));
        row.compare("scipy entropy", statistic(kullback_leibler(&categories)));
        row.compare("mpmath hellinger", statistic(hellinger(&categories)));
        row.compare("mpmath total variation", statistic(total_variation(&categories)));
    });
}
