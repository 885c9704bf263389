//! Families of p-values.

use crate::reference::{Reference, relative};
use driftforge_statistics::corrections::{Correction, fisher, stouffer};

#[test]
fn families_are_corrected_as_in_statsmodels_and_combined_as_in_scipy() {
    let corrections = [
        ("fdr_bh", Correction::BenjaminiHochberg),
        ("fdr_by", Correction::BenjaminiYekutieli),
        ("holm", Correction::Holm),
        ("bonferroni", Correction::Bonferroni),
        ("simes-hochberg", Correction::Hochberg),
        ("hommel", Correction::Hommel),
    ];
    Reference::load("families").each(8_000, |row| {
        let p_values = row.optional_values("p");
        for (name, correction) in corrections {
            let column = format!("statsmodels {name}");
            let expected = row.optional_values(&column);
            let adjusted = correction.adjust(&p_values).unwrap();
            assert_eq!(adjusted.len(), expected.len());
            for (got, expected) in adjusted.into_iter().zip(expected) {
                row.compare_numbers(&column, got, expected, relative);
            }
        }
        let fisher = fisher(&p_values).unwrap();
        if row.expected("scipy fisher").is_some() {
            row.compare("scipy fisher", fisher.map(|all| all.statistic));
            row.compare("scipy fisher p", fisher.map(|all| all.p_value));
        }
        let stouffer = stouffer(&p_values).unwrap();
        if row.expected("scipy stouffer").is_some() {
            // A sum of quantiles of both signs.
            row.compare_within("scipy stouffer", stouffer.map(|all| all.statistic), |z| {
                1e-9 * z.abs() + 1e-14
            });
            row.compare("scipy stouffer p", stouffer.map(|all| all.p_value));
        }
    });
}
