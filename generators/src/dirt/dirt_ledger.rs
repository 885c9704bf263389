//! The dirt ledger: every fault of a table, as a table.

use super::Cell;
use super::emission::{Copied, Emission};
use super::layer::{Damaged, Dirt, Edit, Entry};
use super::target::Target;
use crate::columns::dictionary_type;
use crate::plan::Plan;
use arrow_array::types::{UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, Int64Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// What the name of a table's dirt ledger ends with.
pub const DIRT_LEDGER_SUFFIX: &str = "_dirt";

/// Every fault of a table, one row each, in the order of the table's rows.
///
/// Its columns:
/// - `customer_id`: the tenant;
/// - `place`: the number from 1 of the root row that the faulty row stands at; a copy stands behind all of
///   the place's own rows;
/// - `row`: the number from 1 of the faulty row, as `row_id` counts; of a copy the number of its source;
/// - `key`: the primary key of that row as the clean table has it, where the spec names one;
/// - `dirt_id`, `kind`: the entry of the spec;
/// - `column`: the damaged column; null for a copy as such. A copy that differs from its source has one
///   more row for each value that does;
/// - `before`, `after`: the value as text, null where there is none. Several faults of one value follow
///   each other: the first `before` is the clean value, the last `after` the one in the table.
#[derive(Debug, Clone)]
pub struct DirtLedger {
    plan: Plan,
    schema: SchemaRef,
    /// The names of the columns that can be damaged.
    names: Arc<StringArray>,
    /// The id of each entry.
    ids: Arc<StringArray>,
    /// The kinds of all entries, each once.
    kinds: Arc<StringArray>,
}

/// How often an entry hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirtCount {
    /// The entry's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Rows that are there again.
    pub copies: u64,
    /// Values that were damaged, of copies among them.
    pub values: u64,
}

/// One row of the ledger.
#[derive(Debug)]
struct Fault {
    place: u64,
    row: u64,
    key: Option<String>,
    entry: usize,
    column: Option<usize>,
    before: Option<String>,
    after: Option<String>,
}

impl DirtLedger {
    /// The ledger of a plan; `None` where nothing of it is dirty.
    pub(crate) fn new(plan: &Plan) -> Option<Self> {
        let dirt = plan.dataset().dirt.as_ref()?;
        let names = dirt.targets.values().map(|target| target.name.as_str());
        let names = Arc::new(StringArray::from_iter_values(names));
        let ids = Arc::new(StringArray::from_iter_values(dirt.entries.iter().map(|entry| &entry.id)));
        let kinds: BTreeSet<&str> = dirt.entries.iter().map(|entry| entry.kind.name).collect();
        let kinds = Arc::new(StringArray::from_iter_values(kinds));
        let category = |name: &str, values: &StringArray, nullable: bool| {
            Field::new(name, dictionary_type(values.len(), &DataType::Utf8), nullable)
        };
        let schema = Arc::new(Schema::new(vec![
            Field::new("customer_id", DataType::Int64, false),
            Field::new("place", DataType::Int64, false),
            Field::new("row", DataType::Int64, false),
            Field::new("key", DataType::Utf8, true),
            category("dirt_id", &ids, false),
            category("kind", &kinds, false),
            category("column", &names, true),
            Field::new("before", DataType::Utf8, true),
            Field::new("after", DataType::Utf8, true),
        ]));
        Some(Self { plan: plan.clone(), schema, names, ids, kinds })
    }

    /// The name of the ledger as a table.
    #[must_use]
    pub fn table(&self) -> String {
        format!("{}{DIRT_LEDGER_SUFFIX}", self.plan.table())
    }

    /// What it is, in one sentence.
    #[must_use]
    pub fn about(&self) -> String {
        format!("Every fault that was put into {}", self.plan.table())
    }

    /// What its columns mean, for documents: name and sentence.
    pub const COLUMNS_ABOUT: [(&'static str, &'static str); 9] = [
        ("customer_id", "The tenant"),
        ("place", "The number from 1 of the root table's row that the faulty row stands at"),
        ("row", "The number from 1 of the faulty row; of a copy that of its source"),
        ("key", "The primary key of that row without dirt"),
        ("dirt_id", "The entry of the spec"),
        ("kind", "Its kind"),
        ("column", "The damaged column; null where a row is there again"),
        ("before", "The value as it was, as text"),
        ("after", "The value as it is, as text"),
    ];

    /// Its columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The places of the table whose faults it tells.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        self.plan.row_count()
    }

    /// The faults at `places`, which must lie within `0..row_count()`. Only the columns of rows with faults
    /// are made.
    ///
    /// # Panics
    /// When the range ends behind the last place.
    #[must_use]
    pub fn batch(&self, places: Range<u64>) -> RecordBatch {
        let faults = self.faults(places);
        let text = |field: fn(&Fault) -> Option<&String>| -> ArrayRef {
            Arc::new(StringArray::from_iter(faults.iter().map(field)))
        };
        let number = |field: fn(&Fault) -> u64| -> ArrayRef {
            // Rows are counted from 1; a table has at most 2^61 of them.
            Arc::new(Int64Array::from_iter_values(faults.iter().map(|fault| field(fault) as i64 + 1)))
        };
        let position = |column: usize| self.dirt().targets.keys().position(|target| *target == column);
        let entries = || faults.iter().map(|fault| Some(fault.entry));
        let kind_of = |entry: usize| {
            let name = self.dirt().entries[entry].kind.name;
            self.kinds.iter().position(|kind| kind == Some(name))
        };
        let customer = i64::from(self.plan.dataset().scope.customer);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(faults.iter().map(|_| customer))),
            number(|fault| fault.place),
            number(|fault| fault.row),
            text(|fault| fault.key.as_ref()),
            category(&self.ids, entries()),
            category(&self.kinds, faults.iter().map(|fault| kind_of(fault.entry))),
            category(&self.names, faults.iter().map(|fault| fault.column.and_then(position))),
            text(|fault| fault.before.as_ref()),
            text(|fault| fault.after.as_ref()),
        ];
        RecordBatch::try_new(self.schema(), columns).expect("the ledger's columns have the declared types")
    }

    /// How often each entry hit at `places`, in the order of the spec; counts of parts add up.
    ///
    /// # Panics
    /// When the range ends behind the last place.
    #[must_use]
    pub fn counts(&self, places: Range<u64>) -> Vec<DirtCount> {
        let new = |entry: &Entry| DirtCount {
            id: entry.id.clone(),
            kind: entry.kind.name.to_owned(),
            copies: 0,
            values: 0,
        };
        let mut counts: Vec<DirtCount> = self.dirt().entries.iter().map(new).collect();
        for fault in self.faults(places) {
            let count = &mut counts[fault.entry];
            match fault.column {
                None => count.copies += 1,
                Some(_) => count.values += 1,
            }
        }
        counts
    }

    fn dirt(&self) -> &Dirt {
        self.plan.dataset().dirt.as_ref().expect("a ledger is made of a plan with dirt")
    }

    fn faults(&self, places: Range<u64>) -> Vec<Fault> {
        let end = self.plan.row_count();
        assert!(places.start <= places.end && places.end <= end, "places {places:?} of {end}");
        let (scope, dirt) = (&self.plan.dataset().scope, self.dirt());
        let (emission, own_count) = dirt.faulty(scope, places);
        let targets: Vec<usize> = dirt.targets.keys().copied().collect();
        let keys = self.key_columns();
        let wanted = [targets.clone(), dirt.reads(&targets), keys.clone()].concat();
        let clean = scope.make_rows(&emission.rows, &scope.needed(&wanted));
        let keys: Vec<(ArrayRef, Target)> =
            keys.into_iter().filter_map(|key| Some((clean[key].clone()?, Target::new(scope, key)))).collect();
        let damaged = dirt.damage(&emission, clean, &targets);
        Telling { dirt, emission: &emission, shift: scope.place_shift(), keys }.faults(&damaged, own_count)
    }

    fn key_columns(&self) -> Vec<usize> {
        let scope = &self.plan.dataset().scope;
        self.plan.primary_key().iter().filter_map(|name| scope.index(name).ok()).collect()
    }
}

/// What it takes to tell what happened to some rows.
#[derive(Debug)]
struct Telling<'a> {
    dirt: &'a Dirt,
    emission: &'a Emission,
    shift: u32,
    /// The clean columns of the primary key.
    keys: Vec<(ArrayRef, Target)>,
}

impl Telling<'_> {
    /// The faults in the order of the table; the first `own_count` rows are no copies.
    fn faults(&self, damaged: &Damaged, own_count: usize) -> Vec<Fault> {
        let own = damaged.edits.iter().filter(|edit| edit.offset < own_count);
        let place = |edit: &Edit| self.emission.rows.row(edit.offset) >> self.shift;
        let mut faults: Vec<(u64, bool, usize, Fault)> =
            own.map(|edit| (place(edit), false, edit.offset, self.value(place(edit), edit))).collect();
        let mut changes = damaged.changes.iter().peekable();
        for copy in &self.emission.copies {
            faults.push((copy.place, true, copy.offset, self.copy(copy)));
            while let Some(edit) = changes.next_if(|edit| edit.offset == copy.offset) {
                faults.push((copy.place, true, copy.offset, self.value(copy.place, edit)));
            }
        }
        faults.sort_by_key(|(place, is_copy, offset, _)| (*place, *is_copy, *offset));
        faults.into_iter().map(|(_, _, _, fault)| fault).collect()
    }

    fn copy(&self, copy: &Copied) -> Fault {
        let (row, key) = (self.emission.rows.row(copy.offset), self.key(copy.offset));
        Fault { place: copy.place, row, key, entry: copy.entry, column: None, before: None, after: None }
    }

    fn value(&self, place: u64, edit: &Edit) -> Fault {
        let target = &self.dirt.targets[&edit.column];
        Fault {
            place,
            row: self.emission.rows.row(edit.offset),
            key: self.key(edit.offset),
            entry: edit.entry,
            column: Some(edit.column),
            before: target.text(&edit.before),
            after: target.text(&edit.after),
        }
    }

    /// The values of the primary key, with a space between them.
    fn key(&self, offset: usize) -> Option<String> {
        let parts: Vec<String> =
            self.keys.iter().filter_map(|(array, target)| target.text(&Cell::read(array, offset))).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A dictionary column of codes into `values`.
fn category(values: &Arc<StringArray>, codes: impl Iterator<Item = Option<usize>>) -> ArrayRef {
    let codes: Vec<Option<u16>> = codes.map(|code| code.map(|code| code as u16)).collect();
    let values: ArrayRef = values.clone();
    if values.len() <= 256 {
        let keys = codes.iter().map(|code| code.map(|code| code as u8));
        Arc::new(DictionaryArray::new(PrimitiveArray::<UInt8Type>::from_iter(keys), values))
    } else {
        Arc::new(DictionaryArray::new(PrimitiveArray::<UInt16Type>::from_iter(codes), values))
    }
}
