//! A table in several partitions, one for each connection: connections that share a table wait for each other
//! whenever it grows.
//!
//! Partitions are by the hash of a column of the primary key, which keeps the key unique over all of them. Rows are
//! dealt out here, by the server's own hash, so that each goes straight into its partition; the server checks that.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::DataType;

use super::copy::{Refusal, slots_of};
use super::definition::TableDefinition;
use super::names::{TableName, literal, quoted};
use super::session::Session;
use super::types::SqlType;
use crate::Result;

/// The seed of hashes that choose a partition (PostgreSQL, `partdefs.h` and `partbounds.h`, `HASH_PARTITION_SEED`).
const SEED: u64 = 0x7A5B_2236_7996_DCFD;
/// What a hash is combined with when there is one column (PostgreSQL, `hashutils.h`, `hash_combine64` of 0).
const COMBINED_WITH: u64 = 0x49a0_f4dd_15e5_a8e3;
/// The first state of a hash, but for the length (PostgreSQL, `hashfn.c`).
const INITIAL: u32 = 0x9e37_79b9_u32.wrapping_add(3_923_095);

/// How a table's rows are dealt out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partitions {
    /// The partitions, by remainder.
    pub(super) tables: Vec<TableName>,
    /// The column that decides, by position.
    column: usize,
    name: String,
}

impl Partitions {
    /// Those of a table that is to be made; `None` where one is enough, or where no column suits.
    pub(super) fn planned(definition: &TableDefinition, table: &TableName, count: usize) -> Option<Self> {
        let (column, name) = key_column(definition).filter(|_| count > 1)?;
        let tables = (0..count).map(|number| table.beside(&partition_suffix(number))).collect();
        Some(Self { tables, column, name })
    }

    /// Those of a table that is there; `None` for one that has none, or others.
    ///
    /// # Errors
    /// The server's refusal.
    pub(super) fn of(
        session: &mut Session,
        definition: &TableDefinition,
        table: &TableName,
    ) -> Result<Option<Self>> {
        let Some((column, name)) = key_column(definition) else { return Ok(None) };
        let parent = literal(&table.to_string());
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i \
             JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_partitioned_table p ON p.partrelid = i.inhparent \
             WHERE i.inhparent = {parent}::regclass AND p.partstrat = 'h' AND p.partnatts = 1 AND p.partattrs[0] = \
               (SELECT attnum FROM pg_attribute WHERE attrelid = {parent}::regclass AND attname = {})",
            literal(&name)
        );
        let rows = session.rows(&sql)?;
        let mut tables = vec![None; rows.len()];
        for row in &rows {
            let (schema, table): (String, String) = (session.value(row, 0)?, session.value(row, 1)?);
            let bound: String = session.value(row, 2)?;
            let remainder = (0..rows.len())
                .find(|remainder| bound == format!("FOR VALUES {}", bounds(rows.len(), *remainder)));
            let Some(remainder) = remainder else { return Ok(None) };
            tables[remainder] = Some(TableName { schema, table });
        }
        let tables: Option<Vec<TableName>> = tables.into_iter().collect();
        Ok(tables.filter(|tables| !tables.is_empty()).map(|tables| Self { tables, column, name }))
    }

    /// What stands behind the columns of the statement that makes the table.
    pub(super) fn clause(&self) -> String {
        format!(" PARTITION BY HASH ({})", quoted(&self.name))
    }

    /// The statements that make the partitions of a table.
    pub(super) fn create(&self, table: &TableName, unlogged: bool) -> String {
        let unlogged = if unlogged { "UNLOGGED " } else { "" };
        let statement = |(remainder, partition): (usize, &TableName)| {
            let bounds = bounds(self.tables.len(), remainder);
            format!("CREATE {unlogged}TABLE {partition} PARTITION OF {table} FOR VALUES {bounds};\n")
        };
        self.tables.iter().enumerate().map(statement).collect()
    }

    /// The partition of each row of a batch.
    ///
    /// # Errors
    /// A column of another type than texts.
    pub(super) fn deal(&self, columns: &[ArrayRef]) -> Result<Vec<usize>, Refusal> {
        let array = &columns[self.column];
        let of_texts = |texts: &StringArray| -> Vec<usize> {
            // A null has no hash and counts as 0.
            (0..texts.len())
                .map(|row| texts.is_valid(row).then(|| texts.value(row)).map_or(0, |text| self.of_text(text)))
                .collect()
        };
        match array.data_type() {
            DataType::Utf8 => Ok(of_texts(array.as_string())),
            DataType::Dictionary(_, values) if **values == DataType::Utf8 => {
                let dictionary = array.as_any_dictionary();
                let dealt = of_texts(dictionary.values().as_string());
                Ok(slots_of(dictionary).into_iter().map(|code| dealt[code]).collect())
            }
            other => Err(Refusal::kind(other)),
        }
    }

    fn of_text(&self, text: &str) -> usize {
        let hash = hash_bytes(text.as_bytes(), SEED).wrapping_add(COMBINED_WITH);
        (hash % self.tables.len() as u64) as usize
    }
}

/// What the name of a partition ends with.
pub(super) fn partition_suffix(number: usize) -> String {
    format!("_p{number}")
}

fn bounds(modulus: usize, remainder: usize) -> String {
    format!("WITH (modulus {modulus}, remainder {remainder})")
}

/// A text column of the primary key that is never null.
fn key_column(definition: &TableDefinition) -> Option<(usize, String)> {
    let position = definition.columns.iter().position(|column| {
        definition.keys.primary_key.contains(&column.name) && column.sql == SqlType::Text && !column.nullable
    })?;
    Some((position, definition.columns[position].name.clone()))
}

/// The server's 64-bit hash of bytes (`hash_bytes_extended`): Bob Jenkins' lookup3 (public domain,
/// <http://burtleburtle.net/bob/c/lookup3.c>, `mix` and `final`), with a seed mixed in first.
fn hash_bytes(bytes: &[u8], seed: u64) -> u64 {
    let start = INITIAL.wrapping_add(bytes.len() as u32);
    let mut state = [start.wrapping_add((seed >> 32) as u32), start.wrapping_add(seed as u32), start];
    mix(&mut state);
    let mut blocks = bytes.chunks_exact(12);
    for block in &mut blocks {
        absorb(&mut state, block);
        mix(&mut state);
    }
    let (rest, mut last) = (blocks.remainder(), [0; 12]);
    let first = rest.len().min(8);
    last[..first].copy_from_slice(&rest[..first]);
    // The lowest byte of the third word is the length's, which is in the state already.
    last[9..9 + rest.len() - first].copy_from_slice(&rest[first..]);
    absorb(&mut state, &last);
    finish(&mut state);
    u64::from(state[1]) << 32 | u64::from(state[2])
}

fn absorb(state: &mut [u32; 3], block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.chunks_exact(4)) {
        *word = word.wrapping_add(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    }
}

fn mix(state: &mut [u32; 3]) {
    let [mut a, mut b, mut c] = *state;
    for [first, second, third] in [[4, 6, 8], [16, 19, 4]] {
        a = a.wrapping_sub(c) ^ c.rotate_left(first);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(second);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(third);
        b = b.wrapping_add(a);
    }
    *state = [a, b, c];
}

fn finish(state: &mut [u32; 3]) {
    let [mut a, mut b, mut c] = *state;
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    c = (c ^ b).wrapping_sub(b.rotate_left(24));
    *state = [a, b, c];
}
