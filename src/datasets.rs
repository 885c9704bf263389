//! Which dataset: a built-in spec or a file, planned for a run, and what identifies its content.
//!
//! To add a built-in dataset: one TOML in `schemas/datasets/` and its line in [`BUILT_IN`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use driftforge_generators::{Collection, DirtLedger, Plan, Run, Spec, SpecError, Truth};

use crate::sinks::{Context, Rows};
use crate::summaries::Day;
use crate::{Error, Result};

/// A dataset that is compiled in.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The name on the command line, which its spec has too.
    pub name: &'static str,
    /// The spec, as TOML.
    pub text: &'static str,
}

/// Every built-in dataset; the first is the default.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn { name: "claims", text: include_str!("../schemas/datasets/claims.toml") },
    BuiltIn { name: "attachment-events", text: include_str!("../schemas/datasets/attachment-events.toml") },
    BuiltIn { name: "claims-platform", text: include_str!("../schemas/datasets/claims-platform.toml") },
    BuiltIn { name: "claimx-events", text: include_str!("../schemas/datasets/claimx-events.toml") },
    BuiltIn { name: "audio-files", text: include_str!("../schemas/datasets/audio-files.toml") },
    BuiltIn { name: "audio-files-seed", text: include_str!("../schemas/datasets/audio-files-seed.toml") },
];

/// The largest spec file that is read, in bytes.
const MAX_SPEC_BYTES: u64 = 4 << 20;

/// Metadata keys of the files that this toolkit writes. With them a file's truth can be told again.
mod key {
    pub(super) const DATASET: &str = "driftforge.dataset";
    pub(super) const SPEC: &str = "driftforge.spec";
    pub(super) const SEED: &str = "driftforge.seed";
    pub(super) const AS_OF: &str = "driftforge.as_of";
    pub(super) const RECORDS: &str = "driftforge.records";
    pub(super) const CUSTOMER: &str = "driftforge.customer";
    pub(super) const DRIFT: &str = "driftforge.drift";
    /// There only where there are several.
    pub(super) const TABLE: &str = "driftforge.table";
    /// There only where it is true.
    pub(super) const DIRT: &str = "driftforge.dirt";
    /// There only where rows were appended: the numbers of rows after each load but the last.
    pub(super) const APPENDED_TO: &str = "driftforge.appended_to";
}

/// A dataset's spec, read but not planned.
#[derive(Debug, Clone)]
pub struct Dataset {
    spec: Spec,
    text: String,
    origin: String,
    /// The built-in datasets that it includes: name → text.
    included: BTreeMap<&'static str, &'static str>,
}

impl Dataset {
    /// A built-in dataset.
    ///
    /// # Errors
    /// [`Error::Option`] when there is none of that name.
    pub fn built_in(name: &str) -> Result<Self> {
        let Some(found) = BUILT_IN.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = BUILT_IN.iter().map(|known| known.name).collect();
            let problem =
                format!("no such dataset; there are: {}. `--spec FILE` takes your own", names.join(", "));
            return Err(Error::option("dataset", name, problem));
        };
        Self::parse(found.text.to_owned(), format!("{name}.toml"))
    }

    /// The dataset of a spec file.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::Input`] when it is too large or no text, and
    /// [`Error::Spec`] when it is no spec.
    pub fn from_file(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open the spec", error))?;
        let mut bytes = Vec::new();
        let mut limited = file.take(MAX_SPEC_BYTES + 1);
        limited.read_to_end(&mut bytes).map_err(|error| Error::io(path, "read the spec", error))?;
        if bytes.len() as u64 > MAX_SPEC_BYTES {
            return Err(Error::input(path, format!("a spec has at most {MAX_SPEC_BYTES} bytes")));
        }
        let text = String::from_utf8(bytes)
            .map_err(|error| Error::input(path, format!("no UTF-8 text: {error}")))?;
        Self::parse(text, path.display().to_string())
    }

    /// The dataset that a manifest tells of, planned for the run that wrote it.
    ///
    /// # Errors
    /// [`Error::Spec`] when this version cannot plan the spec, and [`Error::Input`] for a date that is none.
    pub fn of_context(context: &Context) -> Result<PlannedDataset> {
        let as_of = context.as_of.parse().map_err(|_| {
            let problem = format!("as_of is no date: {}", context.as_of.escape_debug());
            Error::input("the manifest", problem)
        })?;
        let run = Run {
            records: context.records,
            seed: context.seed,
            customer: context.customer,
            as_of: Some(as_of),
            drift: context.drift,
            dirt: context.dirt,
        };
        Self::parse(context.spec.clone(), "the manifest's spec".to_owned())?
            .plan_appended(&run, &context.appended_to)
    }

    /// The dataset of a spec that is at hand. `origin` names it in messages.
    ///
    /// # Errors
    /// [`Error::Spec`] when it is no spec.
    pub fn from_text(text: String, origin: String) -> Result<Self> {
        Self::parse(text, origin)
    }

    fn parse(text: String, origin: String) -> Result<Self> {
        let included = RefCell::new(BTreeMap::new());
        let find = |name: &str| {
            let Some(found) = BUILT_IN.iter().find(|known| known.name == name) else {
                let names: Vec<&str> = BUILT_IN.iter().map(|known| known.name).collect();
                let problem = format!("{name:?} is no built-in dataset; there are: {}", names.join(", "));
                return Err(SpecError::at("", problem));
            };
            included.borrow_mut().insert(found.name, found.text);
            Spec::parse(found.text, &format!("{name}.toml"))
        };
        let spec =
            Spec::parse(&text, &origin)?.including(&find).map_err(|error| error.in_text(&origin, &text))?;
        Ok(Self { spec, text, origin, included: included.into_inner() })
    }

    /// The spec as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the dataset is, in one sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.spec.dataset.about
    }

    /// Plans the dataset for a run.
    ///
    /// # Errors
    /// [`Error::Spec`] when the spec cannot be used.
    pub fn plan(&self, run: &Run) -> Result<PlannedDataset> {
        self.plan_appended(run, &[])
    }

    /// Plans the dataset for a run whose rows come in several loads: `earlier` says how many rows there were after each
    /// load but the last.
    ///
    /// # Errors
    /// [`Error::Spec`] when the spec cannot be used, or a load would add no rows.
    pub fn plan_appended(&self, run: &Run, earlier: &[u64]) -> Result<PlannedDataset> {
        let collection = Collection::appended(&self.spec, run, earlier);
        let collection = collection.map_err(|error| error.in_text(&self.origin, &self.text))?;
        let (text, included) = (self.text.clone(), self.included.clone());
        let dirt_ledgers = collection.tables().iter().filter_map(Plan::dirt_ledger).collect::<Vec<_>>();
        let taken = dirt_ledgers.iter().find(|ledger| collection.table(&ledger.table()).is_some());
        if let Some(ledger) = taken {
            let problem = format!("the name of the ledger of dirt, {:?}, is a table's", ledger.table());
            return Err(SpecError::at("table", problem).in_file(&self.origin).into());
        }
        let (run, earlier) = (run.clone(), earlier.to_vec());
        Ok(PlannedDataset { collection, dirt_ledgers, text, included, run, earlier })
    }
}

/// A dataset that can be generated.
#[derive(Debug, Clone)]
pub struct PlannedDataset {
    collection: Collection,
    dirt_ledgers: Vec<DirtLedger>,
    text: String,
    included: BTreeMap<&'static str, &'static str>,
    run: Run,
    /// The number of rows after each load but the last.
    earlier: Vec<u64>,
}

impl PlannedDataset {
    /// What makes the rows of its root table.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.collection.root()
    }

    /// All its tables.
    #[must_use]
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// The ledgers of all faults of its tables, those without active dirt left out.
    #[must_use]
    pub fn dirt_ledgers(&self) -> &[DirtLedger] {
        &self.dirt_ledgers
    }

    /// The ledger of dirt of this name.
    #[must_use]
    pub fn dirt_ledger(&self, name: &str) -> Option<&DirtLedger> {
        self.dirt_ledgers.iter().find(|ledger| ledger.table() == name)
    }

    /// The rows of the table, or ledger of dirt, of this name.
    #[must_use]
    pub fn rows_of(&self, name: &str) -> Option<&dyn Rows> {
        let table = self.collection.table(name).map(|table| table as &dyn Rows);
        table.or_else(|| self.dirt_ledger(name).map(|ledger| ledger as &dyn Rows))
    }

    /// What a manifest says about it.
    #[must_use]
    pub fn context(&self) -> Context {
        Context {
            dataset: self.plan().name().to_owned(),
            seed: self.run.seed,
            customer: self.run.customer,
            as_of: self.plan().as_of().to_string(),
            records: self.run.records,
            drift: self.run.drift,
            dirt: self.run.dirt,
            appended_to: self.earlier.clone(),
            spec: self.text.clone(),
        }
    }

    /// What its files say about themselves: enough to make them again.
    #[must_use]
    pub fn metadata(&self) -> Vec<(String, String)> {
        let mut pairs = vec![
            (key::DATASET, self.plan().name().to_owned()),
            (key::SEED, self.run.seed.to_string()),
            (key::AS_OF, self.plan().as_of().to_string()),
            (key::RECORDS, self.run.records.to_string()),
            (key::CUSTOMER, self.run.customer.to_string()),
            (key::DRIFT, self.run.drift.to_string()),
            (key::SPEC, self.text.clone()),
        ];
        if self.run.dirt {
            pairs.push((key::DIRT, true.to_string()));
        }
        if !self.earlier.is_empty() {
            let earlier: Vec<String> = self.earlier.iter().map(u64::to_string).collect();
            pairs.push((key::APPENDED_TO, earlier.join(",")));
        }
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// What the files of one of its tables, or ledgers of dirt, say about themselves: where there are several,
    /// also which one it is.
    #[must_use]
    pub fn table_metadata(&self, table: &str) -> Vec<(String, String)> {
        let mut pairs = self.metadata();
        if self.collection.tables().len() > 1 || self.dirt_ledger(table).is_some() {
            pairs.push((key::TABLE.to_owned(), table.to_owned()));
        }
        pairs
    }

    /// XXH3-128 of everything that decides on the content, as 32 hexadecimal digits: the version of the
    /// generators, the spec, the seed and what else the run chose. Equal digests mean equal rows.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = xxhash_rust::xxh3::Xxh3::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        let included = self.included.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        for (key, value) in self.metadata().into_iter().chain(included) {
            for part in [key, value] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        format!("{:032x}", hasher.digest128())
    }
}

impl Rows for Plan {
    fn schema(&self) -> SchemaRef {
        Self::schema(self)
    }

    fn row_count(&self) -> u64 {
        Self::row_count(self)
    }

    fn batch(&self, rows: Range<u64>) -> RecordBatch {
        Self::batch(self, rows)
    }
}

impl Rows for DirtLedger {
    fn schema(&self) -> SchemaRef {
        Self::schema(self)
    }

    fn row_count(&self) -> u64 {
        Self::row_count(self)
    }

    fn batch(&self, places: Range<u64>) -> RecordBatch {
        Self::batch(self, places)
    }
}

/// What a file of ours says about the dataset it belongs to.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The dataset's name.
    pub dataset: String,
    /// The seed.
    pub seed: u64,
    /// The day from which the data is seen.
    pub as_of: Day,
    /// The drift in it.
    pub truth: Truth,
    /// See [`PlannedDataset::digest`].
    pub digest: String,
}

impl Provenance {
    /// Reads it from a source's metadata; `None` for files of other writers, or of a version whose specs
    /// this one cannot plan.
    #[must_use]
    pub fn from_metadata(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let text = metadata.get(key::SPEC)?;
        let run = Run {
            records: metadata.get(key::RECORDS)?.parse().ok()?,
            seed: metadata.get(key::SEED)?.parse().ok()?,
            customer: metadata.get(key::CUSTOMER)?.parse().ok()?,
            as_of: Some(metadata.get(key::AS_OF)?.parse().ok()?),
            drift: metadata.get(key::DRIFT)?.parse().ok()?,
            dirt: metadata.get(key::DIRT).is_some_and(|dirt| dirt == "true"),
        };
        let earlier = metadata.get(key::APPENDED_TO).map(|ends| ends.split(',').map(str::parse).collect());
        let earlier: Vec<u64> = earlier.unwrap_or(Ok(Vec::new())).ok()?;
        let dataset = Dataset::parse(text.clone(), key::SPEC.to_owned()).ok()?;
        let planned = dataset.plan_appended(&run, &earlier).ok()?;
        Some(Self {
            dataset: planned.plan().name().to_owned(),
            seed: run.seed,
            as_of: metadata.get(key::AS_OF)?.parse().ok()?,
            truth: planned.collection.truth(),
            digest: planned.digest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run { records: 10_000, seed: 42, customer: 1, as_of: None, drift: true, dirt: false }
    }

    #[test]
    fn every_built_in_dataset_is_planned_under_its_name() {
        for built_in in BUILT_IN {
            let planned = Dataset::built_in(built_in.name).unwrap().plan(&run()).unwrap();
            assert_eq!(planned.plan().name(), built_in.name);
            assert!(planned.plan().columns().all(|column| !column.about.is_empty()), "{}", built_in.name);
        }
    }

    #[test]
    fn a_file_s_metadata_tell_its_truth_again() {
        let planned = Dataset::built_in("claims").unwrap().plan(&run()).unwrap();
        let metadata = planned.metadata().into_iter().collect();
        let provenance = Provenance::from_metadata(&metadata).unwrap();
        assert_eq!(provenance.truth, planned.plan().truth());
        assert_eq!(provenance.digest, planned.digest());
        assert!(Provenance::from_metadata(&BTreeMap::new()).is_none());
    }

    #[test]
    fn a_spec_can_include_a_built_in_dataset() {
        let text = |dataset: &str| {
            format!(
                r#"
                [dataset]
                name = "practice"
                about = "Visits with a claim each"
                as_of = "2026-01-01"
                [calendar]
                days = 200
                [[column]]
                name = "day"
                kind = "calendar"
                [[table]]
                dataset = "{dataset}"
                [[table.column]]
                name = "submitted_date"
                kind = "parent"
                column = "day"
                "#
            )
        };
        let practice = Dataset::parse(text("claims"), "practice.toml".to_owned()).unwrap();
        let planned = practice.plan(&run()).unwrap();
        let names: Vec<&str> = planned.collection().tables().iter().map(Plan::table).collect();
        assert_eq!(names, ["practice", "claims"]);
        let claims = planned.collection().table("claims").unwrap();
        assert_eq!(claims.batch(10..30).num_rows(), 20);
        let plain = Dataset::built_in("claims").unwrap().plan(&run()).unwrap();
        assert_eq!(claims.schema(), plain.plan().schema());
        let metadata = planned.table_metadata(claims.table()).into_iter().collect();
        assert_eq!(Provenance::from_metadata(&metadata).unwrap().digest, planned.digest());
        let error = Dataset::parse(text("clams"), "practice.toml".to_owned()).unwrap_err().to_string();
        for part in ["practice.toml", "table 1", "\"clams\"", "claims"] {
            assert!(error.contains(part), "{part} is not in {error}");
        }
    }

    #[test]
    fn the_digest_changes_with_whatever_changes_the_rows() {
        let dataset = Dataset::built_in("claims").unwrap();
        let base = dataset.plan(&run()).unwrap().digest();
        let others = [
            Run { records: 10_001, ..run() },
            Run { seed: 43, ..run() },
            Run { customer: 2, ..run() },
            Run { drift: false, ..run() },
            Run { dirt: true, ..run() },
        ];
        for other in others {
            assert_ne!(dataset.plan(&other).unwrap().digest(), base);
        }
    }
}
