//! `datagen clean`: takes back what was loaded for a customer.

use clap::Args;

use super::super::terminal;
use super::database::UrlText;
use crate::Result;
use crate::reports::numbers;
use crate::sinks::postgres::Cleaning;

/// Removes from a database what datagen loaded for one customer, and nothing else.
#[derive(Debug, Clone, Args)]
pub(super) struct CleanArgs {
    /// The database; without a URL, the one in DATABASE_URL.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    to: UrlText,

    /// The customer whose rows go.
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u32).range(1..=2_147_483_647))]
    customer: u32,

    /// Only the tables of this dataset.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,

    /// The schema that the tables are in.
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,
}

/// Removes rows, and says what went.
///
/// # Errors
/// A database that refuses; nothing is removed then.
pub(super) fn run(args: &CleanArgs) -> Result<()> {
    let cleaning = Cleaning {
        url: args.to.read()?,
        schema: args.schema.clone(),
        customer: args.customer,
        dataset: args.dataset.clone(),
    };
    let cleaned = cleaning.run()?;
    terminal::print(|out| {
        if cleaned.is_empty() {
            let of_dataset = cleaning.dataset.as_ref().map(|name| format!(" and dataset {name}"));
            let (of_dataset, schema) = (of_dataset.unwrap_or_default(), &cleaning.schema);
            let customer = cleaning.customer;
            writeln!(
                out,
                "{}: nothing of customer {customer}{of_dataset} in the schema {schema}",
                cleaning.url
            )?;
        }
        for table in &cleaned {
            let what = if table.is_dropped { "removed, and the table with them" } else { "removed" };
            writeln!(out, "{}: {} rows {what}", table.table, numbers::grouped(table.rows))?;
        }
        Ok(())
    })
}
