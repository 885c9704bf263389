//! Claims for tests, in every form that a column may have.

use std::sync::Arc;

use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, TimeUnit};
use proptest::prelude::*;

use crate::summaries::Day;

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
}

/// How the columns of a batch are stored.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) text: [TextForm; 3],
    pub(crate) dates: [DataType; 2],
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
        Self { text: [TextForm::Plain; 3], dates: [DataType::Date32, DataType::Date32] }
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
    let text = [text_forms(), text_forms(), text_forms()];
    (text, [date_forms(), date_forms()]).prop_map(|(text, dates)| Form { text, dates })
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
    );
    let claim = claim.prop_map(|(payer, cpt_group, submitted, delay, outcome)| Claim {
        payer,
        cpt_group,
        submitted,
        decided: delay.map(|delay| submitted.unwrap_or(AS_OF.0) + delay),
        outcome: outcome.map(str::to_owned),
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
    ])
    .unwrap()
}
