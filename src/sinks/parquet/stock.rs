//! Every other column type goes through the parquet crate's own writer.
//!
//! That writer cuts pages where its calls end, so the rows of a page are put together first: the bytes
//! then do not depend on the batch size.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::{FieldRef, Schema};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;

use super::Result;

/// Encodes one field of any type; a nested field has several leaf columns.
pub(super) struct StockColumn {
    field: FieldRef,
    factory: ArrowRowGroupWriterFactory,
    writers: Vec<ArrowColumnWriter>,
    page: Vec<ArrayRef>,
}

impl StockColumn {
    /// An encoder for `field`.
    pub(super) fn new(field: &FieldRef, properties: &WriterPropertiesPtr) -> Result<Self> {
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        let parquet = ArrowSchemaConverter::new().convert(&schema)?;
        // The factory takes schema and properties from a file writer; this one's bytes go nowhere.
        let nowhere =
            SerializedFileWriter::new(std::io::sink(), parquet.root_schema_ptr(), Arc::clone(properties))?;
        let factory = ArrowRowGroupWriterFactory::new(&nowhere, schema);
        Ok(Self { field: field.clone(), factory, writers: Vec::new(), page: Vec::new() })
    }

    /// Adds rows of the page in progress.
    pub(super) fn push(&mut self, array: &ArrayRef) {
        self.page.push(Arc::clone(array));
    }

    /// Encodes the page in progress.
    pub(super) fn end_page(&mut self) -> Result<()> {
        if self.writers.is_empty() {
            self.writers = self.factory.create_column_writers(0)?;
        }
        let parts: Vec<_> = self.page.iter().map(|array| &**array).collect();
        let page = arrow_select::concat::concat(&parts)?;
        self.page.clear();
        for (writer, leaf) in self.writers.iter_mut().zip(compute_leaves(&self.field, &page)?) {
            writer.write(&leaf)?;
        }
        Ok(())
    }

    /// The chunk of each leaf column; the next chunk starts.
    pub(super) fn end_chunk(&mut self) -> Result<Vec<ArrowColumnChunk>> {
        self.writers.drain(..).map(ArrowColumnWriter::close).collect()
    }
}
