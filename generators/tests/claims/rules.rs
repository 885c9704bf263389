//! The rules of the domain, held against every row, drift and all.

use crate::table::Table;
use crate::{column, plan, spec};
use arrow_array::Array;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const RECORDS: u64 = 200_000;

fn claims() -> &'static Table {
    static CLAIMS: OnceLock<Table> = OnceLock::new();
    CLAIMS.get_or_init(|| Table::of(&plan(&spec(), RECORDS, true)))
}

/// For each row whether its outcome is `wanted`.
fn outcome_is(wanted: &str) -> Vec<bool> {
    let outcomes = claims().texts("outcome");
    (0..claims().row_count()).map(|row| outcomes.get(row) == Some(wanted)).collect()
}

#[test]
fn the_columns_are_those_of_the_claim_record() {
    let expected = [
        "claim_id",
        "customer_id",
        "payer",
        "cpt",
        "cpt_group",
        "location",
        "service_date",
        "submitted_date",
        "decided_date",
        "payment_date",
        "outcome",
        "billed_amount",
        "allowed_amount",
        "paid_amount",
        "denial_reason_code",
        "denial_reason_text",
        "authorization_required",
        "authorization_obtained",
        "authorization_number",
        "procedure_count",
        "modifier_codes",
        "diagnosis_codes",
        "submitted_via",
        "data_quality_score",
        "validation_passed",
        "source_data_hash",
    ];
    assert_eq!(claims().names(), expected);
    let plan = plan(&spec(), 1, true);
    let undocumented: Vec<&str> =
        plan.columns().filter(|column| column.about.is_empty()).map(|c| c.name).collect();
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn ids_and_hashes_are_unique() {
    let ids = claims().strings("claim_id");
    assert_eq!(ids.value(0), "CLM-7-00000001");
    assert_eq!(ids.value(RECORDS as usize - 1), "CLM-7-00200000");
    for name in ["claim_id", "source_data_hash"] {
        let distinct: BTreeSet<&str> = claims().strings(name).iter().flatten().collect();
        assert_eq!(distinct.len() as u64, RECORDS, "{name}");
    }
}

#[test]
fn what_every_claim_has_is_never_missing() {
    let optional = [
        "location",
        "payment_date",
        "allowed_amount",
        "paid_amount",
        "denial_reason_code",
        "denial_reason_text",
        "authorization_number",
    ];
    for name in claims().names() {
        let missing = claims().column(&name).null_count();
        assert_eq!(missing > 0, optional.contains(&name.as_str()), "{name}: {missing} are missing");
        assert_eq!(claims().is_nullable(&name), missing > 0, "{name}: what the schema says");
    }
}

#[test]
fn there_is_as_much_variety_as_in_the_field() {
    let at_least =
        [("payer", 14), ("cpt", 70), ("location", 20), ("denial_reason_code", 18), ("submitted_via", 4)];
    for (name, least) in at_least {
        let used = claims().texts(name).used().len();
        assert!(used >= least, "{name}: {used} values");
    }
    assert_eq!(claims().texts("cpt_group").used().len(), 14);
    assert_eq!(claims().texts("outcome").used(), ["DENIED", "OTHER", "PAID"]);
    let (diagnoses, _) = claims().lists("diagnosis_codes");
    assert!(diagnoses.used().len() >= 100, "{} diagnoses", diagnoses.used().len());
}

#[test]
fn a_few_payers_have_most_of_the_claims() {
    let payers = claims().texts("payer");
    let mut counts = vec![0usize; payers.values.len()];
    payers.codes.iter().flatten().for_each(|code| counts[usize::from(*code)] += 1);
    counts.sort_unstable();
    let (smallest, largest) = (counts[0], counts[counts.len() - 1]);
    assert!(largest > 8 * smallest, "{counts:?}");
    assert!(counts.iter().rev().take(4).sum::<usize>() > RECORDS as usize * 2 / 5, "{counts:?}");
}

#[test]
fn codes_have_the_form_of_their_system() {
    let is_cpt = |code: &&str| code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    assert!(claims().texts("cpt").used().iter().all(is_cpt));
    // ICD-10-CM: a letter, a digit, a digit or letter; then, behind a point, one to four more.
    let is_icd = |code: &&str| {
        let (category, rest) = code.split_once('.').unwrap_or((code, "0"));
        let bytes = category.as_bytes();
        let category = bytes.len() == 3 && bytes[0].is_ascii_uppercase() && bytes[1].is_ascii_digit();
        category && (1..=4).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let (diagnoses, _) = claims().lists("diagnosis_codes");
    let odd: Vec<&str> = diagnoses.used().into_iter().filter(|code| !is_icd(code)).collect();
    assert!(odd.is_empty(), "{odd:?}");
    let (modifiers, _) = claims().lists("modifier_codes");
    assert!(modifiers.used().iter().all(|code| code.len() == 2));
}

/// Whether each value of `from` always comes with the same value of `to`, and none without one.
fn decides(from: &str, to: &str) {
    let (from_texts, to_texts) = (claims().texts(from), claims().texts(to));
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for row in 0..claims().row_count() {
        let (from_value, to_value) = (from_texts.get(row), to_texts.get(row));
        assert_eq!(from_value.is_some(), to_value.is_some(), "row {row}: {from} and {to}");
        let (Some(from_value), Some(to_value)) = (from_value, to_value) else { continue };
        assert_eq!(*seen.entry(from_value).or_insert(to_value), to_value, "row {row}: {from} {from_value}");
    }
    assert_eq!(seen.len(), from_texts.used().len());
}

#[test]
fn codes_decide_their_groups_and_texts() {
    decides("cpt", "cpt_group");
    decides("denial_reason_code", "denial_reason_text");
}

#[test]
fn dates_are_in_order() {
    let days = |name: &str| claims().days(name);
    let (served, submitted, decided, paid) =
        (days("service_date"), days("submitted_date"), days("decided_date"), days("payment_date"));
    for row in 0..claims().row_count() {
        let (served, submitted, decided) = (served[row], submitted[row], decided[row]);
        assert!(
            served <= submitted && submitted <= decided,
            "row {row}: {served:?} {submitted:?} {decided:?}"
        );
        assert!(paid[row].is_none_or(|paid| Some(paid) > decided), "row {row}");
    }
}

#[test]
fn claims_arrive_in_date_order_over_the_year_before_as_of() {
    let submitted = claims().days("submitted_date");
    assert!(submitted.is_sorted());
    let as_of = plan(&spec(), 1, true).as_of().to_epoch_days();
    assert_eq!(submitted[0], Some(as_of - 365));
    assert_eq!(submitted[RECORDS as usize - 1], Some(as_of - 1));
}

#[test]
fn weekends_are_quiet() {
    let mut by_weekday = [0usize; 7];
    for day in claims().days("submitted_date").into_iter().flatten() {
        // 1970-01-01 was a Thursday, the fourth day from Monday.
        by_weekday[(day + 3).rem_euclid(7) as usize] += 1;
    }
    let busiest_weekend = by_weekday[5].max(by_weekday[6]);
    assert!(by_weekday[..5].iter().all(|working_day| *working_day > 3 * busiest_weekend), "{by_weekday:?}");
}

#[test]
fn amounts_fit_into_one_another() {
    let cents = |name: &str| claims().cents(name);
    let (billed, allowed, paid) = (cents("billed_amount"), cents("allowed_amount"), cents("paid_amount"));
    let is_paid = outcome_is("PAID");
    for row in 0..claims().row_count() {
        let (billed, allowed, paid) = (billed[row], allowed[row], paid[row]);
        assert!(billed >= Some(500), "row {row}: {billed:?}");
        assert_eq!(allowed.is_some(), paid.is_some(), "row {row}");
        assert!(paid <= allowed && allowed <= billed, "row {row}: {paid:?} {allowed:?} {billed:?}");
        let right = if is_paid[row] { paid > Some(0) } else { paid == Some(0) };
        assert!(
            right || paid.is_none(),
            "row {row}: {paid:?} is paid of a claim that is paid: {}",
            is_paid[row]
        );
    }
}

#[test]
fn only_paid_claims_have_a_payment_date() {
    let has_date = claims().days("payment_date").into_iter().map(|day| day.is_some());
    assert!(has_date.eq(outcome_is("PAID")));
}

#[test]
fn denied_claims_have_a_reason_and_no_others() {
    let has_reason = claims().texts("denial_reason_code").codes.into_iter().map(|code| code.is_some());
    assert!(has_reason.eq(outcome_is("DENIED")));
}

#[test]
fn authorizations_are_obtained_where_required_and_have_a_number_where_obtained() {
    let flags = |name: &str| claims().flags(name);
    let (required, obtained) = (flags("authorization_required"), flags("authorization_obtained"));
    let numbers = claims().strings("authorization_number");
    let mut refused = 0;
    for row in 0..claims().row_count() {
        let (required, obtained) = (required[row] == Some(true), obtained[row] == Some(true));
        assert!(required || !obtained, "row {row}");
        assert_eq!(numbers.is_valid(row), obtained, "row {row}");
        refused += usize::from(required && !obtained);
    }
    assert!(refused > 0);
    let well_formed = |number: &str| number.len() == 11 && number.starts_with("PA");
    assert!(numbers.iter().flatten().all(well_formed));
}

/// Reasons that speak of the authorization agree with it.
#[test]
fn denials_for_the_authorization_are_of_claims_that_needed_one() {
    let reasons = claims().texts("denial_reason_code");
    let flags = |column: &str| claims().flags(column);
    let (required, obtained) = (flags("authorization_required"), flags("authorization_obtained"));
    let mut missing = 0;
    for row in 0..claims().row_count() {
        let is_required = required[row] == Some(true);
        match reasons.get(row) {
            Some("197") => {
                assert!(
                    is_required && obtained[row] == Some(false),
                    "row {row}: no authorization was missing"
                );
                missing += 1;
            }
            Some("198") => assert!(is_required, "row {row}: no authorization was required"),
            _ => {}
        }
    }
    assert!(missing > 100, "{missing} denials for a missing authorization");
}

/// The groups that need an authorization do, the others hardly ever.
#[test]
fn authorizations_are_required_by_the_kind_of_service() {
    let (groups, required) = (claims().texts("cpt_group"), claims().flags("authorization_required"));
    let share = |group: &str| {
        let rows = (0..claims().row_count()).filter(|row| groups.get(*row) == Some(group));
        let (count, needed) = rows.fold((0, 0), |(count, needed), row| {
            (count + 1, needed + u32::from(required[row] == Some(true)))
        });
        f64::from(needed) / f64::from(count)
    };
    assert!(share("ORTHOPEDIC") > 0.8 && share("MRI_CT") > 0.7);
    assert!(share("EMERGENCY") < 0.02 && share("LABORATORY") < 0.04);
}

#[test]
fn lists_have_different_entries() {
    for (name, shortest, longest) in [("diagnosis_codes", 1, 4), ("modifier_codes", 0, 2)] {
        let (_, lists) = claims().lists(name);
        let lengths: BTreeSet<usize> = lists.iter().map(Vec::len).collect();
        assert_eq!(lengths.first(), Some(&shortest), "{name}");
        assert_eq!(lengths.last(), Some(&longest), "{name}");
        let distinct = |list: &Vec<u16>| list.iter().collect::<BTreeSet<_>>().len() == list.len();
        assert!(lists.iter().all(distinct), "{name}");
    }
}

#[test]
fn counts_and_scores_are_in_range() {
    assert!(claims().counts("procedure_count").iter().all(|count| (Some(1)..=Some(5)).contains(count)));
    assert!(claims().scores("data_quality_score").iter().all(|score| (0.0..=1.0).contains(score)));
}

/// No text of the American Medical Association's can be in the spec where CPT codes have only weights.
#[test]
fn cpt_codes_have_no_descriptions() {
    let spec = spec();
    let weights = column(&spec, "cpt")["weights"].as_table().unwrap();
    assert!(weights.values().all(|weight| weight.as_str().is_none()));
    assert!(claims().texts("cpt_group").used().iter().all(|group| !group.contains(' ')));
}
