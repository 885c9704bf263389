//! Options of every tool that generates rows.

use clap::Args;

/// Whose rows, and which of all possible ones.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct GenerationArgs {
    /// The tenant: its number is in every row that is made.
    #[arg(long, value_name = "ID", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2_147_483_647))]
    pub(super) customer: u32,

    /// The seed of every value that is made.
    #[arg(long, value_name = "SEED", default_value_t = 42)]
    pub(super) seed: u64,
}
