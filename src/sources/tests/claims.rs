//! Claims for tests, in every form that a column may have.

use std::sync::Arc;

use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{
    ArrayRef, Date32Array, Decimal64Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
    RecordBatch, StringArray,
};
use arrow_schema::{DataType, TimeUnit};
use proptest::prelude::*;

use crate::mappings::Mapping;
use crate::sources::Columns;
use crate::summaries::Day;

/// A metric of each kind, on the columns of [`batch`].
const MAPPING: &str = r#"
name = "claims"
time = "submitted_date"
segments = ["payer", "cpt_group"]
required = ["outcome"]
[[metric]]
name = "denial_rate"
kind = "rate"
among = { outcome = ["PAID", "DENIED"] }
hit = { outcome = "DENIED" }
strata = "reason"
[[metric]]
name = "decision_time"
kind = "days"
among = { outcome = ["PAID", "DENIED"] }
from = "submitted_date"
to = "decided_date"
pending = true
strata = "reason"
[[metric]]
name = "amount"
kind = "amount"
column = "amount"
strata = "reason"
[[metric]]
name = "reasons"
kind = "mix"
column = "reason"
[[metric]]
name = "volume"
kind = "volume"
[[metric]]
name = "amount_missing"
kind = "null_rate"
column = "amount"
[[metric]]
name = "reason_missing"
kind = "null_rate"
column = "reason"
"#;

/// The mapping of the tests' claims.
pub(crate) fn mapping() -> Arc<Mapping> {
    Arc::new(Mapping::parse(MAPPING, std::path::Path::new("tests")).unwrap())
}

/// The columns that it reads.
pub(crate) fn columns() -> Arc<Columns> {
    Arc::new(mapping().columns().clone())
}

/// The day after the windows of most tests.
pub(crate) const AS_OF: Day = Day(20_000);

/// A claim as anyone would write it down; `None` is a null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) payer: Option<String>,
    pub(crate) cpt_group: Option<String>,
    pub(crate) submitted: Option<i32>,
    pub(crate) decided: Option<i32>,
    pub(crate) outcome: Option<String>,
    pub(crate) reason: Option<String>,
    /// In cents.
    pub(crate) amount: Option<i64>,
}

impl Claim {
    /// A claim without nulls, submitted on `day` and paid after nine days.
    pub(crate) fn of(day: i32) -> Self {
        Self {
            payer: Some("Aetna".into()),
            cpt_group: Some("Imaging".into()),
            submitted: Some(day),
            decided: Some(day + 9),
            outcome: Some("PAID".into()),
            reason: Some("none".into()),
            amount: Some(12_345),
        }
    }
}

/// How the columns of a batch are stored.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) text: [TextForm; 4],
    pub(crate) dates: [DataType; 2],
    pub(crate) amount: AmountForm,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum AmountForm {
    Decimal64,
    Decimal128,
    Float,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum TextForm {
    Plain,
    Large,
    View,
    Keys(fn(&StringArray) -> ArrayRef),
}

impl Form {
    /// Strings and days.
    pub(crate) fn plain() -> Self {
        Self {
            text: [TextForm::Plain; 4],
            dates: [DataType::Date32, DataType::Date32],
            amount: AmountForm::Decimal64,
        }
    }
}

fn coded<K: ArrowDictionaryKeyType>(text: &StringArray) -> ArrayRef {
    Arc::new(text.iter().collect::<DictionaryArray<K>>())
}

impl TextForm {
    fn array(self, text: &StringArray) -> ArrayRef {
        let cast = |to: DataType| arrow_cast::cast(text, &to).unwrap();
        match self {
            Self::Plain => Arc::new(text.clone()),
            Self::Large => cast(DataType::LargeUtf8),
            Self::View => cast(DataType::Utf8View),
            Self::Keys(coded) => coded(text),
        }
    }
}

fn text_forms() -> impl Strategy<Value = TextForm> {
    prop::sample::select(vec![
        TextForm::Plain,
        TextForm::Large,
        TextForm::View,
        TextForm::Keys(coded::<Int8Type>),
        TextForm::Keys(coded::<Int16Type>),
        TextForm::Keys(coded::<Int32Type>),
        TextForm::Keys(coded::<Int64Type>),
        TextForm::Keys(coded::<UInt8Type>),
        TextForm::Keys(coded::<UInt16Type>),
        TextForm::Keys(coded::<UInt32Type>),
        TextForm::Keys(coded::<UInt64Type>),
    ])
}

fn date_forms() -> impl Strategy<Value = DataType> {
    prop::sample::select(vec![
        DataType::Date32,
        DataType::Date64,
        DataType::Timestamp(TimeUnit::Second, None),
        DataType::Timestamp(TimeUnit::Millisecond, Some("+05:30".into())),
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
    ])
}

/// Any form.
pub(crate) fn forms() -> impl Strategy<Value = Form> {
    let text = [text_forms(), text_forms(), text_forms(), text_forms()];
    let amount = prop::sample::select(vec![AmountForm::Decimal64, AmountForm::Decimal128, AmountForm::Float]);
    (text, [date_forms(), date_forms()], amount).prop_map(|(text, dates, amount)| Form {
        text,
        dates,
        amount,
    })
}

fn rarely_null<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.97, values)
}

/// Up to `most` claims, a few of their values null or far off.
pub(crate) fn claims(most: usize) -> impl Strategy<Value = Vec<Claim>> {
    let delay = prop_oneof![8 => -3..60_i32, 1 => 250..270_i32, 1 => -40_000..40_000_i32];
    let claim = (
        rarely_null("[A-F]"),
        rarely_null("[x-z]ü?"),
        rarely_null(AS_OF.0 - 50..AS_OF.0 + 10),
        rarely_null(delay),
        rarely_null(prop::sample::select(vec!["PAID", "DENIED", "OTHER", "paid", ""])),
        prop::option::of("[p-r]"),
        prop::option::weighted(
            0.8,
            prop_oneof![8 => 0..2_000_000_i64, 1 => -500..500_i64, 1 => -1i64 << 40..1 << 40],
        ),
    );
    let claim = claim.prop_map(|(payer, cpt_group, submitted, delay, outcome, reason, amount)| Claim {
        payer,
        cpt_group,
        submitted,
        decided: delay.map(|delay| submitted.unwrap_or(AS_OF.0) + delay),
        outcome: outcome.map(str::to_owned),
        reason,
        amount,
    });
    prop::collection::vec(claim, 1..most)
}

/// Days in another form: as instants, at any time of the day in UTC whatever the zone.
fn dates(days: &Date32Array, form: &DataType) -> ArrayRef {
    let units_per_day = match form {
        DataType::Timestamp(TimeUnit::Second, _) => 86_400,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 86_400_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 86_400_000_000_000,
        DataType::Date64 | DataType::Timestamp(TimeUnit::Millisecond, _) => 86_400_000,
        _ => return Arc::new(days.clone()),
    };
    let instant = |(row, day): (usize, Option<i32>)| {
        day.map(|day| i64::from(day) * units_per_day + [0, 1, units_per_day / 2, units_per_day - 1][row % 4])
    };
    let instants: Int64Array = days.iter().enumerate().map(instant).collect();
    arrow_cast::cast(&instants, form).unwrap()
}

fn amounts(claims: &[Claim], form: AmountForm) -> ArrayRef {
    let cents = claims.iter().map(|claim| claim.amount);
    match form {
        AmountForm::Decimal64 => {
            Arc::new(cents.collect::<Decimal64Array>().with_precision_and_scale(18, 2).unwrap())
        }
        // A decimal more than counts.
        AmountForm::Decimal128 => {
            let mills = cents.map(|cents| cents.map(|cents| i128::from(cents) * 10));
            Arc::new(mills.collect::<Decimal128Array>().with_precision_and_scale(20, 3).unwrap())
        }
        AmountForm::Float => {
            Arc::new(cents.map(|cents| cents.map(|cents| cents as f64 / 100.0)).collect::<Float64Array>())
        }
    }
}

/// Claims as a batch, its columns in an order of their own.
pub(crate) fn batch(claims: &[Claim], form: &Form) -> RecordBatch {
    let text = |of: fn(&Claim) -> Option<&str>, form: TextForm| form.array(&claims.iter().map(of).collect());
    let date = |of: fn(&Claim) -> Option<i32>, form: &DataType| dates(&claims.iter().map(of).collect(), form);
    RecordBatch::try_from_iter_with_nullable([
        ("outcome", text(|claim| claim.outcome.as_deref(), form.text[0]), true),
        ("payer", text(|claim| claim.payer.as_deref(), form.text[1]), true),
        ("cpt_group", text(|claim| claim.cpt_group.as_deref(), form.text[2]), true),
        ("decided_date", date(|claim| claim.decided, &form.dates[0]), true),
        ("submitted_date", date(|claim| claim.submitted, &form.dates[1]), true),
        ("amount", amounts(claims, form.amount), true),
        ("reason", text(|claim| claim.reason.as_deref(), form.text[3]), true),
    ])
    .unwrap()
}
