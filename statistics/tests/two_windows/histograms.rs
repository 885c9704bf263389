//! Histograms of values.

use crate::reference::Reference;
use driftforge_statistics::special::quadratic_forms;
use driftforge_statistics::two_windows::{
    Comparison, Histograms, anderson_darling, brunner_munzel, cramer_von_mises, cramer_von_mises_compat,
    effects, energy_distance, kolmogorov_smirnov, kolmogorov_smirnov_exact, levene, mann_whitney,
    tabulated_p_value, wasserstein, welch_t_of_histograms,
};

#[test]
fn histograms_compare_as_the_values_in_scipy() {
    let statistic = |comparison: Option<Comparison>| comparison.map(|test| test.statistic);
    let p_value = |comparison: Option<Comparison>| comparison.and_then(|test| test.p_value);
    Reference::load("histograms").each(4_000, |row| {
        let values = row.values("values");
        let (baseline, current) = (row.counts("baseline"), row.counts("current"));
        let histograms = Histograms::new(&values, &baseline, &current).unwrap();
        let tests = [
            ("scipy mannwhitneyu U", "scipy mannwhitneyu p", mann_whitney(&histograms)),
            ("scipy ks D", "scipy kstwo.sf", kolmogorov_smirnov(&histograms)),
            ("scipy anderson_ksamp", "numpy anderson limit law p", anderson_darling(&histograms)),
            (
                "scipy cramervonmises_2samp",
                "scipy cramervonmises_2samp p",
                cramer_von_mises_compat(&histograms),
            ),
            ("mpmath cramer-von-mises", "numpy cramer-von-mises limit law p", cramer_von_mises(&histograms)),
            ("scipy brunnermunzel", "scipy brunnermunzel p", brunner_munzel(&histograms)),
            ("scipy levene", "scipy levene p", levene(&histograms)),
        ];
        for (name, name_of_p, test) in tests {
            row.compare(name, statistic(test));
            row.compare(name_of_p, p_value(test));
        }
        if baseline.iter().zip(&current).all(|(b, c)| b + c <= 1) {
            // Without ties the test is scipy's.
            row.compare("scipy cramervonmises_2samp", statistic(cramer_von_mises(&histograms)));
            row.compare("scipy cramervonmises_2samp p", p_value(cramer_von_mises(&histograms)));
        }
        if row.expected("scipy ks_2samp exact p").is_some() {
            row.compare("scipy ks_2samp exact p", p_value(kolmogorov_smirnov_exact(&histograms)));
        }
        if row.expected("scipy anderson_ksamp p").is_some() {
            let p = statistic(anderson_darling(&histograms)).map(tabulated_p_value);
            row.compare("scipy anderson_ksamp p", p);
        }
        row.compare("mpmath delta", effects::cliffs_delta(&histograms));
        row.compare("scipy wasserstein", statistic(wasserstein(&histograms)));
        row.compare("scipy energy", statistic(energy_distance(&histograms)));
        let welch = welch_t_of_histograms(&histograms);
        row.compare("scipy ttest t", welch.map(|test| test.t));
        row.compare("scipy ttest p", welch.map(|test| test.p_value));
    });
}

/// The limit law and Scholz and Stephens's interpolated table are two roads to about the same p-value where
/// both go.
#[test]
fn the_limit_law_of_anderson_and_darling_agrees_with_the_table() {
    for (statistic, table) in [(0.325, 0.25), (1.226, 0.1), (1.961, 0.05), (3.752, 0.01)] {
        assert!((tabulated_p_value(statistic) / table - 1.0_f64).abs() < 0.03, "{statistic}");
        let square = 1.0 + statistic * f64::sqrt(2.0 * (std::f64::consts::PI.powi(2) - 9.0) / 3.0);
        assert!((quadratic_forms::anderson_darling_sf(square) / table - 1.0).abs() < 0.05, "{statistic}");
    }
    assert_eq!((tabulated_p_value(-1.0), tabulated_p_value(9.0)), (0.25, 0.001));
}
