//! Tables as Arrow IPC streams: one batch, texts of closed sets as dictionaries, true nulls.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int8Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};

use crate::ArtifactError;

/// Collects the columns of one table.
pub(crate) struct Stream {
    table: &'static str,
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Stream {
    /// A table without columns; `table` names it in errors.
    pub(crate) fn new(table: &'static str) -> Self {
        Self { table, fields: Vec::new(), arrays: Vec::new() }
    }

    /// Appends a column.
    pub(crate) fn add(&mut self, key: &str, nullable: bool, array: ArrayRef) {
        self.fields.push(Field::new(key, array.data_type().clone(), nullable));
        self.arrays.push(array);
    }

    /// Appends a column of texts.
    pub(crate) fn add_texts<'a>(
        &mut self,
        key: &str,
        texts: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), ArtifactError> {
        // Offsets of this type are 32 bits wide; the array would panic beyond.
        let bytes: usize = texts.clone().map(str::len).sum();
        if i32::try_from(bytes).is_err() {
            let source = ArrowError::InvalidArgumentError(format!("{key} holds {bytes} bytes, more than 2 GiB"));
            return Err(ArtifactError::Arrow { table: self.table, source });
        }
        self.add(key, false, Arc::new(StringArray::from_iter_values(texts)));
        Ok(())
    }

    /// The bytes of the stream.
    pub(crate) fn finish(self) -> Result<Vec<u8>, ArtifactError> {
        let table = self.table;
        self.encode().map_err(|source| ArtifactError::Arrow { table, source })
    }

    fn encode(self) -> Result<Vec<u8>, ArrowError> {
        let schema = Arc::new(Schema::new(self.fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), self.arrays)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.write(&batch)?;
        writer.finish()?;
        writer.into_inner()
    }
}

/// Instants as nanoseconds, UTC.
pub(crate) fn instants(ns: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from_iter_values(ns).with_timezone("UTC"))
}

/// Numbers; `None` is a null.
pub(crate) fn numbers(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

/// Texts of a closed set. The keys are signed: not every reader accepts unsigned ones.
pub(crate) fn categories(indices: impl Iterator<Item = i8>, names: &[&str]) -> ArrayRef {
    let names = Arc::new(StringArray::from_iter_values(names));
    Arc::new(DictionaryArray::new(Int8Array::from_iter_values(indices), names))
}
