//! One place that a job writes to, as the library's users hold it.

use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::file_sink::FileSink;
use super::null::NullSink;
use super::object_store::{Address, Bucket, ObjectStorage};
use super::output::Sink;
use super::partition_by::PartitionBy;
use super::postgres::{PostgresSink, TableLoad};
use super::stdout::StdoutSink;
use super::storage::LocalFolder;
use super::{Compression, FORMATS, Format};
use crate::{Error, Result};

/// One place that a job writes to.
pub struct Target {
    sink: Box<dyn Sink>,
}

impl Target {
    pub(super) fn new(sink: impl Sink + 'static) -> Self {
        Self { sink: Box::new(sink) }
    }

    /// Files in a folder, which is made when it is not there. A format without files drops the rows.
    ///
    /// # Errors
    /// A compression that the format does not take.
    pub fn folder(folder: &Path, format: &'static Format, compression: Compression) -> Result<Self> {
        if format.extension.is_none() {
            return Ok(Self::new(NullSink));
        }
        format.check_compression(compression)?;
        Ok(Self::new(FileSink::new(format, compression, Box::new(LocalFolder::new(folder)))))
    }

    /// Files in an object store, which is asked whether it answers. Calls to it end once `stop` is raised.
    ///
    /// # Errors
    /// A compression that the format does not take; missing credentials, a bucket that is not there, a store
    /// that does not answer.
    pub fn objects(
        address: &Address,
        stop: &'static AtomicBool,
        format: &'static Format,
        compression: Compression,
    ) -> Result<Self> {
        Self::bucket(Bucket::connect(address, stop)?, format, compression)
    }

    /// Files in a bucket that is connected already.
    ///
    /// # Errors
    /// A compression that the format does not take.
    pub fn bucket(bucket: Bucket, format: &'static Format, compression: Compression) -> Result<Self> {
        if format.extension.is_none() {
            return Ok(Self::new(NullSink));
        }
        format.check_compression(compression)?;
        let storage = ObjectStorage::new(bucket);
        Ok(Self::new(FileSink::new(format, compression, Box::new(storage))))
    }

    /// Lets the files go to folders of their values, as Hive names them. A table that lacks one of the columns is
    /// written without such folders.
    ///
    /// # Errors
    /// A target without files.
    pub fn partitioned(mut self, by: PartitionBy) -> Result<Self> {
        if !by.is_empty() {
            self.sink.partition(by)?;
        }
        Ok(self)
    }

    /// Standard output, for a job of one table.
    ///
    /// # Errors
    /// A format that is no stream, or a compression that it does not take.
    pub fn stdout(format: &'static Format, compression: Compression) -> Result<Self> {
        if !format.streams {
            let streams: Vec<_> =
                FORMATS.iter().filter(|format| format.streams).map(|format| format.name).collect();
            let problem = format!("no stream, which --stdout needs; {} are", streams.join(", "));
            return Err(Error::option("format", format.name, problem));
        }
        format.check_compression(compression)?;
        Ok(Self::new(StdoutSink { format, compression }))
    }

    /// Tables of a database, each by the load of its name.
    #[must_use]
    pub fn postgres(loads: Vec<TableLoad>) -> Self {
        Self::new(PostgresSink { loads })
    }

    pub(super) fn sink(&self) -> &dyn Sink {
        &*self.sink
    }

    pub(super) fn chunk_rows(&self) -> u64 {
        self.sink.chunk_rows()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Target").finish_non_exhaustive()
    }
}
