use super::*;

fn rates() -> Rates {
    Rates::new(Share { hits: 98, trials: 822 }, Share { hits: 27, trials: 128 }).unwrap()
}

#[test]
fn the_registry_is_sorted_and_says_what_its_methods_do() {
    assert!(TWO_WINDOWS.windows(2).all(|pair| pair[0].name < pair[1].name));
    let histograms = Histograms::new(&[1.0, 2.0, 5.0], &[4, 9, 3], &[1, 5, 8]).unwrap();
    let moments = Moments::of_integers(&[1, 4, 2, 8, 5, 7]);
    let samples = [
        Windows::Rates(rates()),
        Windows::Categories(Categories::new(&[40, 9, 3], &[11, 5, 8]).unwrap()),
        Windows::Numbers(Numbers::new(moments, Moments::of_integers(&[3, 4, 5]), 1.0).unwrap()),
        Windows::Histograms(histograms),
    ];
    for method in TWO_WINDOWS {
        assert!(!method.about.is_empty() && !method.reference.is_empty() && !method.data.is_empty());
        for windows in &samples {
            let answer = method.compare(windows);
            if !method.data.contains(&windows.data()) {
                assert!(matches!(answer, Err(Refused::WrongData { .. })), "{}", method.name);
                continue;
            }
            let comparison = answer.unwrap().unwrap_or_else(|| panic!("{} is undefined", method.name));
            assert_eq!(comparison.p_value.is_some(), method.has_p_value, "{}", method.name);
            assert!(comparison.effect.is_some(), "{}", method.name);
            assert!(comparison.statistic.is_finite());
        }
    }
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let message = |name| compare(name, &Windows::Rates(rates())).unwrap_err().to_string();
    assert_eq!(
        message("kolmogorov-smirnoff"),
        "there is no method `kolmogorov-smirnoff` for two windows; did you mean kolmogorov-smirnov?"
    );
    assert!(message("pis").contains("did you mean psi"), "{}", message("pis"));
    assert!(message("mann").contains("did you mean mann-whitney"), "{}", message("mann"));
    assert!(message("xxxxxxxxxxxx").contains("the methods are anderson-darling, brunner-munzel,"));
    assert_eq!(message("mann-whitney"), "`mann-whitney` compares histograms, not rates");
}

#[test]
fn edit_distances_count_changed_letters() {
    assert_eq!(edit_distance("", "abc"), 3);
    assert_eq!(edit_distance("kitten", "sitting"), 3);
    assert_eq!(edit_distance("psi", "psi"), 0);
}

/// Counts of one window for each way to draw it from bins of these sizes, with how many ways there are.
pub(super) fn draws(sizes: &[u64], drawn: u64) -> Vec<(Vec<u64>, f64)> {
    let Some((&last, others)) = sizes.split_last() else {
        return if drawn == 0 { vec![(Vec::new(), 1.0)] } else { Vec::new() };
    };
    let mut all = Vec::new();
    let mut ways = 1.0;
    for k in 0..=last.min(drawn) {
        for (mut counts, other_ways) in draws(others, drawn - k) {
            counts.push(k);
            all.push((counts, other_ways * ways));
        }
        ways *= (last - k) as f64 / (k + 1) as f64;
    }
    all
}
