//! From a scenario and a seed to the spec of a dataset.

use std::collections::BTreeMap;

use driftforge_generators::{DriftTruth, SpecError, Truth};
use toml::{Table, Value};

use super::drift_kind::DriftKind;
use super::injected_drift::{Direction, InjectedDrift};
use super::placement::{order, spread, within};
use super::scenario::Scenario;

/// The claims that every scenario starts from.
const BASE: &str = include_str!("../../schemas/scenarios/base.toml");

/// How far the segments' parameters lie apart: half the width of each spread.
mod width {
    /// Of a payer's, and of a group's, addition to the logit of the denial rate.
    pub(super) const DENIAL_LOGIT: f64 = 0.25;
    /// Of a code's, within its group.
    pub(super) const CODE_DENIAL_LOGIT: f64 = 0.2;
    /// Of the logarithm of a payer's factor of the decision time.
    pub(super) const PAYER_DAYS_LOG: f64 = 0.3;
    /// Of the logarithm of a group's.
    pub(super) const GROUP_DAYS_LOG: f64 = 0.2;
    /// Of the logarithm of a group's charge.
    pub(super) const GROUP_DOLLARS_LOG: f64 = 1.6;
    /// Of the logarithm of a code's charge within its group.
    pub(super) const CODE_DOLLARS_LOG: f64 = 0.15;
    /// Of a payer's addition to the logit of the share that is allowed.
    pub(super) const ALLOWED_LOGIT: f64 = 0.5;
}

/// The charge that the groups' charges lie around, in dollars.
const MIDDLE_CHARGE_DOLLARS: f64 = 500.0;

/// A drift in its place.
#[derive(Debug)]
struct Placed {
    id: String,
    kind: &'static DriftKind,
    size: f64,
    /// Column → value.
    segment: [(&'static str, String); 2],
    start_days: i32,
    end_days: i32,
}

/// A scenario under a seed.
#[derive(Debug)]
pub(super) struct Expansion<'a> {
    scenario: &'a Scenario,
    pub(super) seed: u64,
    base: Table,
    placed: Vec<Placed>,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(scenario: &'a Scenario, seed: u64) -> Result<Self, SpecError> {
        let base = toml::from_str(BASE).map_err(|error| SpecError::at("base.toml", error.message()))?;
        Ok(Self { scenario, seed, base, placed: placed(scenario, seed) })
    }

    /// The same without the drift to find.
    pub(super) fn without_drift(self) -> Self {
        Self { placed: Vec::new(), ..self }
    }

    /// The spec of the dataset.
    pub(super) fn text(&self) -> Result<String, SpecError> {
        let scenario = self.scenario;
        let mut spec = self.base.clone();
        let dataset = table(&mut spec, "dataset")?;
        dataset.insert("name".to_owned(), format!("scenario-{}", scenario.name).into());
        dataset.insert("about".to_owned(), scenario.about().into());
        if let Some(calendar) = &scenario.calendar {
            table(&mut spec, "calendar")?.extend(calendar.clone());
        }
        self.fill_in(&mut spec)?;
        let drifts = self.placed.iter().map(|placed| self.drift(placed)).collect::<Result<Vec<_>, _>>()?;
        let nuisance = scenario.nuisance.iter().cloned();
        spec.insert("drift".to_owned(), array(drifts.into_iter().chain(nuisance)));
        spec.insert("dirt".to_owned(), array(scenario.dirt.iter().cloned()));
        toml::to_string(&spec).map_err(|error| SpecError::at("", error))
    }

    /// Fills in what depends on the number of segments.
    fn fill_in(&self, spec: &mut Table) -> Result<(), SpecError> {
        let segments = &self.scenario.segments;
        let payers: Vec<String> = (0..segments.payers).map(payer).collect();
        let groups: Vec<String> = (0..segments.groups).map(group).collect();
        let codes_of = |group: usize| (0..segments.codes_per_group).map(move |number| code(group, number));
        let codes: Vec<String> = (0..segments.groups).flat_map(codes_of).collect();
        let group_of = |code: usize| code / segments.codes_per_group;

        let weights = |names: &[String], zipf: f64, rank: &dyn Fn(usize) -> usize| {
            let weight = |index: usize| libm::pow(rank(index) as f64 + 1.0, -zipf);
            numbers(names, |index| (weight(index) * 1e4).round() / 1e4)
        };
        set(spec, "payer", &["weights"], weights(&payers, segments.payer_zipf, &|payer| payer))?;
        set(spec, "cpt", &["weights"], weights(&codes, segments.group_zipf, &group_of))?;
        let members = |group: usize| Value::Array(codes_of(group).map(Value::from).collect());
        let members = groups.iter().enumerate().map(|(index, name)| (name.clone(), members(index)));
        set(spec, "cpt_group", &["groups"], members.collect())?;

        let of = |purpose: &str, count, width| spread(self.seed, &self.scenario.name, purpose, count, width);
        let exp = |log: f64| (libm::exp(log) * 1e4).round() / 1e4;
        let denials = of("payer denials", payers.len(), width::DENIAL_LOGIT);
        set(spec, "review", &["effects", "payer"], numbers(&payers, |payer| denials[payer]))?;
        let denials = of("group denials", groups.len(), width::DENIAL_LOGIT);
        let code_denials = of("code denials", codes.len(), width::CODE_DENIAL_LOGIT);
        let both = |code: usize| denials[group_of(code)] + code_denials[code];
        set(spec, "review", &["effects", "cpt"], numbers(&codes, both))?;
        let days = of("payer days", payers.len(), width::PAYER_DAYS_LOG);
        set(spec, "decided_date", &["factors", "payer"], numbers(&payers, |payer| exp(days[payer])))?;
        let days = of("group days", groups.len(), width::GROUP_DAYS_LOG);
        set(spec, "decided_date", &["factors", "cpt_group"], numbers(&groups, |group| exp(days[group])))?;
        let dollars = of("group dollars", groups.len(), width::GROUP_DOLLARS_LOG);
        let code_dollars = of("code dollars", codes.len(), width::CODE_DOLLARS_LOG);
        let charge =
            |code: usize| (MIDDLE_CHARGE_DOLLARS * exp(dollars[group_of(code)] + code_dollars[code])).round();
        set(spec, "billed_amount", &["factors", "cpt"], numbers(&codes, charge))?;
        let allowed = of("payer allowed", payers.len(), width::ALLOWED_LOGIT);
        set(spec, "allowed_amount", &["effects", "payer"], numbers(&payers, |payer| allowed[payer]))
    }

    /// A drift as the spec has it.
    fn drift(&self, placed: &Placed) -> Result<Table, SpecError> {
        let Some(drift) = &self.scenario.drift else { return Ok(Table::new()) };
        let kind = placed.kind;
        let size =
            if kind.metric == "denial_rate" { placed.size / self.reviewed_share()? } else { placed.size };
        let effect = Value::try_from(kind.effect(size)).map_err(|error| SpecError::at("effect", error))?;
        let segment =
            placed.segment.iter().map(|(column, value)| ((*column).to_owned(), value.as_str().into()));
        let about =
            format!("{} of {}, {}: {}", kind.metric, placed.segment[0].1, placed.segment[1].1, placed.size);
        Ok(Table::from_iter([
            ("id".to_owned(), placed.id.as_str().into()),
            ("about".to_owned(), about.into()),
            ("what".to_owned(), kind.what.name().into()),
            ("column".to_owned(), kind.column.into()),
            ("segment".to_owned(), Value::Table(segment.collect())),
            ("start_days".to_owned(), i64::from(placed.start_days).into()),
            ("end_days".to_owned(), i64::from(placed.end_days).into()),
            ("shape".to_owned(), Value::Table(drift.shape.clone())),
            ("effect".to_owned(), effect),
        ]))
    }

    /// The share of the paid and denied claims that are reviewed. The others are refused: they are denied
    /// anyway, so a change of the denial rate takes one that is larger by this much among the reviewed.
    fn reviewed_share(&self) -> Result<f64, SpecError> {
        let base = |name: &str| {
            let column = columns(&self.base)?.iter().find(|column| is_named(column, name));
            let rate = column.and_then(|column| column.get("base")).and_then(Value::as_float);
            rate.ok_or_else(|| SpecError::at("base.toml", format!("{name:?} has no base")))
        };
        Ok(1.0 - base("authorization_required")? * base("authorization_lacking")?)
    }

    /// What is to be found in the data, as the truth of their plan has it.
    pub(super) fn injected(&self, truth: &Truth) -> Vec<InjectedDrift> {
        let told: BTreeMap<&str, &DriftTruth> =
            truth.drifts.iter().map(|told| (told.id.as_str(), told)).collect();
        let injected = |placed: &Placed| {
            let kind = placed.kind;
            let direction = Direction::of(placed.size).filter(|_| kind.directed);
            let sized = (placed.size, kind.effect(placed.size));
            let drift = InjectedDrift::of_truth(told.get(placed.id.as_str())?, kind.metric, direction, sized);
            let secondary = kind.secondary.iter().map(|metric| (*metric).to_owned()).collect();
            Some(InjectedDrift { secondary, ..drift })
        };
        self.placed.iter().filter_map(injected).collect()
    }
}

/// Where and when the drifts of a scenario are. Each has a segment of its own.
fn placed(scenario: &Scenario, seed: u64) -> Vec<Placed> {
    let Some(drift) = &scenario.drift else { return Vec::new() };
    let order = order(seed, &scenario.name, "placement", scenario.segment_count());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(drift.sizes.len());
    for (number, ((kind, size), segment)) in drift.sizes.iter().zip(order).enumerate() {
        let of_kind = counts.entry(kind.metric).or_default();
        *of_kind += 1;
        let start_days = within(seed, &scenario.name, "start", number, drift.start_days);
        let length = |days: u32| start_days.saturating_add_unsigned(days).min(0);
        all.push(Placed {
            id: format!("{}-{of_kind:02}", kind.metric),
            kind,
            size: *size,
            segment: [
                ("payer", payer(segment / scenario.segments.groups)),
                ("cpt_group", group(segment % scenario.segments.groups)),
            ],
            start_days,
            end_days: drift.length_days.map_or(0, length),
        });
    }
    all
}

fn payer(index: usize) -> String {
    format!("Payer {:02}", index + 1)
}

fn group(index: usize) -> String {
    format!("GROUP_{:02}", index + 1)
}

/// A CPT code: it names its group, and is none of the real ones.
fn code(group: usize, number: usize) -> String {
    format!("X{:02}{:02}", group + 1, number + 1)
}

fn numbers(names: &[String], number: impl Fn(usize) -> f64) -> Table {
    names.iter().enumerate().map(|(index, name)| (name.clone(), number(index).into())).collect()
}

fn array(tables: impl Iterator<Item = Table>) -> Value {
    Value::Array(tables.map(Value::Table).collect())
}

fn table<'t>(spec: &'t mut Table, key: &str) -> Result<&'t mut Table, SpecError> {
    let missing = || SpecError::at("base.toml", format!("there is no table {key:?}"));
    spec.get_mut(key).and_then(Value::as_table_mut).ok_or_else(missing)
}

fn columns(spec: &Table) -> Result<&Vec<Value>, SpecError> {
    let missing = || SpecError::at("base.toml", "there are no columns");
    spec.get("column").and_then(Value::as_array).ok_or_else(missing)
}

fn is_named(column: &Value, name: &str) -> bool {
    column.get("name").and_then(Value::as_str) == Some(name)
}

/// Sets the table under `path` of a column.
fn set(spec: &mut Table, name: &str, path: &[&str], value: Table) -> Result<(), SpecError> {
    let all = spec.get_mut("column").and_then(Value::as_array_mut);
    let column = all.into_iter().flatten().find(|column| is_named(column, name));
    let slot = column.and_then(|column| path.iter().try_fold(column, |table, key| table.get_mut(key)));
    let missing = || SpecError::at("base.toml", format!("column {name:?} has no {}", path.join(".")));
    slot.map(|slot| *slot = Value::Table(value)).ok_or_else(missing)
}
