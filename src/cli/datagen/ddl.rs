//! `datagen ddl`: the SQL that makes a dataset's tables.

use std::path::PathBuf;

use clap::Args;
use driftforge_generators::Run;

use super::super::terminal;
use super::database;
use crate::Result;
use crate::datasets::Dataset;
use crate::sinks::postgres::{TableDefinition, TableName};

/// Prints the SQL that makes a dataset's tables in PostgreSQL: columns, comments, keys and indexes.
#[derive(Debug, Clone, Args)]
pub(super) struct DdlArgs {
    /// The built-in dataset; `datagen --list` shows them.
    #[arg(value_name = "DATASET", default_value = crate::datasets::BUILT_IN[0].name, conflicts_with = "spec")]
    dataset: String,

    /// The dataset that this TOML describes.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// The schema that the tables are in.
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,

    /// The table's name; otherwise named after the dataset.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

/// Prints the statements.
///
/// # Errors
/// A dataset that is not there, or names that cannot be used.
pub(super) fn run(args: &DdlArgs) -> Result<()> {
    let sql = statements(args)?;
    terminal::print(|out| out.write_all(sql.as_bytes()))
}

fn statements(args: &DdlArgs) -> Result<String> {
    let dataset = match &args.spec {
        Some(path) => Dataset::from_file(path)?,
        None => Dataset::built_in(&args.dataset)?,
    };
    // Tables are the same whatever the run.
    let run = Run { records: 1, seed: 42, customer: 1, as_of: None, drift: true, dirt: false };
    let planned = dataset.plan(&run)?;
    let tables = planned.collection().tables();
    let mut sql = Vec::with_capacity(tables.len());
    for plan in tables {
        let definition = TableDefinition::of(plan, tables)?;
        let name = database::table_name(args.table.as_deref(), &definition, tables.len())?;
        sql.push(definition.ddl(&TableName::new(&args.schema, name)?));
    }
    Ok(sql.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::BUILT_IN;

    #[test]
    fn the_checked_in_statements_are_those_that_are_printed() {
        for built_in in BUILT_IN {
            let args = DdlArgs {
                dataset: built_in.name.to_owned(),
                spec: None,
                schema: "public".to_owned(),
                table: None,
            };
            let path = format!("{}/schemas/sql/{}.sql", env!("CARGO_MANIFEST_DIR"), built_in.name);
            let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
            let name = built_in.name;
            assert_eq!(
                checked_in,
                statements(&args).unwrap(),
                "`datagen ddl {name} > schemas/sql/{name}.sql` mends it"
            );
        }
    }
}
