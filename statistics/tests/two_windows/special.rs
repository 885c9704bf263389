//! Distribution functions.

use crate::reference::Reference;
use driftforge_statistics::special::hypergeometric::Hypergeometric;
use driftforge_statistics::special::{
    beta, binomial, chi_square, gamma, kolmogorov, normal, quadratic_forms, student_t,
};

#[test]
fn distributions_are_accurate_relative_to_their_tails() {
    Reference::load("special").each(2_500, |row| {
        let x = row.values("arguments");
        let function = row.cell("function").as_str().unwrap().to_owned();
        let got = match function.as_str() {
            "normal sf" => normal::sf(x[0]),
            "normal log sf" => normal::log_sf(x[0]),
            "normal quantile" => normal::quantile(x[0]).unwrap(),
            "gamma upper" => gamma::upper(x[0], x[1]),
            "chi-square sf" => chi_square::sf(x[0], x[1]),
            "student t two-sided" => student_t::two_sided(x[0], x[1]),
            "beta lower" => beta::lower(x[0], x[1], x[2], 1.0 - x[2]),
            "binomial sf" => binomial::sf(x[0] as u64, x[1] as u64, x[2]),
            "binomial cdf" => binomial::cdf(x[0] as u64, x[1] as u64, x[2]),
            "hypergeometric sf" => hypergeometric(&x).sf(x[3] as u64),
            "hypergeometric cdf" => hypergeometric(&x).cdf(x[3] as u64),
            "kolmogorov limit sf" => kolmogorov::limit_sf(x[0]),
            "cramer-von-mises limit sf" => quadratic_forms::cramer_von_mises_sf(x[0]),
            "anderson-darling limit sf" => quadratic_forms::anderson_darling_sf(x[0]),
            "scipy kstwo.sf" => kolmogorov::two_sided_sf(x[0] as u64, x[1]),
            other => panic!("{other} is not known here"),
        };
        row.compare("mpmath", Some(got));
    });
}

fn hypergeometric(x: &[f64]) -> Hypergeometric {
    Hypergeometric::new(x[0] as u64, x[1] as u64, x[2] as u64).unwrap()
}
