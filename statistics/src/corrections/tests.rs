use super::*;
use proptest::prelude::*;

fn family() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(
        prop::option::weighted(0.8, prop_oneof![0.0..1.0_f64, Just(0.0), Just(1.0), Just(0.01)]),
        0..30,
    )
}

proptest! {
    #[test]
    fn adjusted_p_values_stay_in_bounds_in_place_and_in_order(p_values in family()) {
        for about in CORRECTIONS {
            let adjusted = about.correction.adjust(&p_values).unwrap();
            prop_assert_eq!(adjusted.len(), p_values.len());
            for (p, q) in p_values.iter().zip(&adjusted) {
                prop_assert_eq!(p.is_some(), q.is_some());
                if let (Some(p), Some(q)) = (p, q) {
                    prop_assert!(*q >= *p * (1.0 - 1e-15) && *q <= 1.0, "{} {p} {q}", about.name);
                }
            }
            for (p, q) in p_values.iter().zip(&adjusted) {
                for (other, other_q) in p_values.iter().zip(&adjusted) {
                    prop_assert!(p > other || q <= other_q, "{}: {p:?} {q:?} {other:?} {other_q:?}", about.name);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_family_does_not_matter(p_values in family()) {
        let reversed: Vec<_> = p_values.iter().rev().copied().collect();
        for about in CORRECTIONS {
            let mut back = about.correction.adjust(&reversed).unwrap();
            back.reverse();
            prop_assert_eq!(back, about.correction.adjust(&p_values).unwrap());
        }
    }

    #[test]
    fn sharper_corrections_are_nowhere_larger(p_values in family()) {
        let adjust = |correction: Correction| correction.adjust(&p_values).unwrap();
        let chain = [Correction::None, Correction::BenjaminiHochberg, Correction::Hommel, Correction::Hochberg,
            Correction::Holm, Correction::Bonferroni];
        for pair in chain.windows(2) {
            for (sharp, blunt) in adjust(pair[0]).iter().zip(&adjust(pair[1])) {
                prop_assert!(sharp.unwrap_or(0.0) <= blunt.unwrap_or(0.0) * (1.0 + 1e-14), "{:?}", pair);
            }
        }
    }
}

#[test]
fn names_lead_back_to_their_corrections() {
    assert_eq!(CORRECTIONS[0].correction, Correction::default());
    for about in CORRECTIONS {
        assert_eq!(Correction::named(about.name), Some(about.correction));
        assert_eq!(about.correction.to_string(), about.name);
    }
    assert_eq!(Correction::named("bh"), None);
}

#[test]
fn what_is_no_p_value_is_refused_by_place() {
    for value in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
        let refused = Correction::Holm.adjust(&[Some(0.5), None, Some(value)]).unwrap_err();
        assert_eq!(refused.index, 2);
        assert!(fisher(&[Some(value)]).is_err() && stouffer(&[Some(value)]).is_err());
    }
    let message = Correction::None.adjust(&[Some(2.0)]).unwrap_err().to_string();
    assert_eq!(message, "p-value 0 of the family is 2: it must be between 0 and 1");
}

#[test]
fn a_family_without_p_values_has_no_adjusted_ones() {
    for about in CORRECTIONS {
        assert_eq!(about.correction.adjust(&[]).unwrap(), vec![]);
        assert_eq!(about.correction.adjust(&[None, None]).unwrap(), vec![None, None]);
    }
    assert_eq!((fisher(&[None]).unwrap(), stouffer(&[]).unwrap()), (None, None));
    assert_eq!(stouffer(&[Some(0.0), Some(1.0)]).unwrap(), None);
    let impossible = [Some(0.0), Some(0.5)];
    assert_eq!(fisher(&impossible).unwrap().map(|all| all.p_value), Some(0.0));
    assert_eq!(stouffer(&impossible).unwrap().map(|all| all.p_value), Some(0.0));
}
