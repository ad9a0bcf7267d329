//! Frames as Grafana reads them: each one an Arrow IPC *file* with one record batch.
//!
//! Times stay integers all the way; no calendar value is made per point. Text that Grafana
//! parses (meta, labels, config) travels as JSON in the schema's metadata.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field as ArrowField, Metadata, Schema, TimeUnit};
use serde::Serialize;

use super::frame::{Config, Field, Frame, FrameKind, Values};

const NS_PER_MS: i64 = 1_000_000;

/// The first and last millisecond that nanoseconds in 64 bits can say.
const FIRST_MS: i64 = i64::MIN / NS_PER_MS;
const LAST_MS: i64 = i64::MAX / NS_PER_MS;

/// Room for the parts of the file beside the columns and the texts: magic, schema, batch
/// header, footer, padding. Measured; too little costs one more allocation, not an error.
const FIXED_BYTES: usize = 2048;
const FIELD_BYTES: usize = 1024;

/// Encodes the frames of one answer. Many of them share one time column, which is then
/// converted once.
#[derive(Debug, Default)]
pub struct Encoder {
    times: Option<SharedTimes>,
}

/// The last time column, and what it became. The source is kept so that its address cannot
/// be given to another column meanwhile.
#[derive(Debug)]
struct SharedTimes {
    source: Arc<[i64]>,
    cells: Cells,
    column: ArrayRef,
}

/// Whether a time column may hold an empty cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cells {
    Nullable,
    Filled,
}

impl Cells {
    fn of(kind: FrameKind) -> Self {
        if kind.has_a_time_in_each_row() { Self::Filled } else { Self::Nullable }
    }
}

impl Encoder {
    /// Encodes one frame. Columns shorter than the longest are filled with empty cells.
    pub fn encode(&mut self, frame: &Frame, ref_id: &str) -> Vec<u8> {
        let rows = frame.fields.iter().map(|field| field.values.len()).max();
        let rows = rows.unwrap_or_default();
        let schema = Arc::new(schema(frame, ref_id));
        let cells = Cells::of(frame.meta.kind);
        let fields = frame.fields.iter();
        let columns: Vec<ArrayRef> = fields.map(|field| self.column(&field.values, rows, cells)).collect();
        let file = Vec::with_capacity(size(frame, &schema, &columns));
        write(file, schema, columns, rows)
            .expect("columns are of the schema's types and of one length, and a Vec takes any byte")
    }

    fn column(&mut self, values: &Values, rows: usize, of_times: Cells) -> ArrayRef {
        match values {
            Values::TimeMs(times) => self.times_column(times, rows, of_times),
            Values::Number(numbers) => numbers_column(numbers, rows),
            Values::Text(texts) => {
                let missing = std::iter::repeat_n(None, rows - texts.len());
                let cells = texts.iter().map(Option::as_deref).chain(missing);
                Arc::new(StringArray::from_iter(cells))
            }
            // Grafana's SDK has JSON as bytes.
            Values::Json(texts) => {
                let missing = std::iter::repeat_n(None, rows - texts.len());
                let cells = texts.iter().map(|text| text.as_ref().map(String::as_bytes)).chain(missing);
                Arc::new(BinaryArray::from_iter(cells))
            }
            Values::Bool(truths) => {
                let missing = std::iter::repeat_n(None, rows - truths.len());
                let cells = truths.iter().copied().chain(missing);
                Arc::new(BooleanArray::from_iter(cells))
            }
        }
    }

    fn times_column(&mut self, times: &Arc<[i64]>, rows: usize, cells: Cells) -> ArrayRef {
        if let Some(last) = &self.times
            && Arc::ptr_eq(&last.source, times)
            && last.cells == cells
            && last.column.len() == rows
        {
            return Arc::clone(&last.column);
        }
        let column: ArrayRef = match cells {
            Cells::Filled => Arc::new(filled_times(times, rows)),
            Cells::Nullable => Arc::new(nullable_times(times, rows)),
        };
        self.times = Some(SharedTimes { source: Arc::clone(times), cells, column: Arc::clone(&column) });
        column
    }
}

/// Encodes a frame that stands alone.
pub fn encode(frame: &Frame, ref_id: &str) -> Vec<u8> {
    Encoder::default().encode(frame, ref_id)
}

fn write(file: Vec<u8>, schema: Arc<Schema>, columns: Vec<ArrayRef>, rows: usize) -> Result<Vec<u8>, ArrowError> {
    let mut writer = FileWriter::try_new(file, &schema)?;
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(schema, columns, &options)?;
    writer.write(&batch)?;
    let mut file = writer.into_inner()?;
    // All frames of an answer are held until the last one is encoded.
    file.shrink_to_fit();
    Ok(file)
}

/// An estimate of the file's size, so that it is written into one allocation.
fn size(frame: &Frame, schema: &Schema, columns: &[ArrayRef]) -> usize {
    let cells: usize = columns.iter().map(|column| column.get_buffer_memory_size() + column.len() / 8).sum();
    // The schema is written twice: at the head and in the footer.
    let length = |texts: &Metadata| texts.values().map(String::len).sum::<usize>();
    let fields = schema.fields().iter();
    let texts: usize = length(schema.metadata()) + fields.map(|field| length(field.metadata())).sum::<usize>();
    cells + 2 * texts + FIXED_BYTES + FIELD_BYTES * frame.fields.len()
}

fn schema(frame: &Frame, ref_id: &str) -> Schema {
    let cells = Cells::of(frame.meta.kind);
    let fields: Vec<ArrowField> = frame.fields.iter().map(|field| arrow_field(field, cells)).collect();
    let metadata =
        Metadata::from([("name", frame.name.clone()), ("refId", ref_id.to_owned()), ("meta", json(&frame.meta))]);
    Schema::new_with_metadata(fields, metadata)
}

fn arrow_field(field: &Field, of_times: Cells) -> ArrowField {
    let kind = match &field.values {
        Values::TimeMs(_) => DataType::Timestamp(TimeUnit::Nanosecond, None),
        Values::Number(_) => DataType::Float64,
        Values::Text(_) => DataType::Utf8,
        Values::Json(_) => DataType::Binary,
        Values::Bool(_) => DataType::Boolean,
    };
    let mut metadata = Metadata::from([("name", field.name.as_str())]);
    if !field.labels.is_empty() {
        metadata.insert("labels", json(&field.labels));
    }
    if field.config != Config::default() {
        metadata.insert("config", json(&field.config));
    }
    // Nullable, also without a null: panels and expressions then see one type for a column
    // whether it has a gap today or not. The times of a series never have one.
    let is_nullable = !(matches!(field.values, Values::TimeMs(_)) && of_times == Cells::Filled);
    ArrowField::new(&field.name, kind, is_nullable).with_metadata(metadata)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text keys and plain values always make JSON")
}

/// Times of which none is empty: the nearest that fits, and the last one where the column is too short.
fn filled_times(times: &[i64], rows: usize) -> TimestampNanosecondArray {
    let mut cells = Vec::with_capacity(rows);
    cells.extend(times.iter().map(|time| time.clamp(&FIRST_MS, &LAST_MS) * NS_PER_MS));
    cells.resize(rows, cells.last().copied().unwrap_or_default());
    TimestampNanosecondArray::new(ScalarBuffer::from(cells), None)
}

fn nullable_times(times: &[i64], rows: usize) -> TimestampNanosecondArray {
    let mut cells = Vec::with_capacity(rows);
    cells.extend(times.iter().map(|time| time.wrapping_mul(NS_PER_MS)));
    cells.resize(rows, 0);
    // One pass without a branch per cell; nulls are the rare case.
    let fits = |time: i64| (FIRST_MS..=LAST_MS).contains(&time);
    let all_fit = times.iter().fold(true, |all, &time| all & fits(time));
    let nulls =
        (!all_fit || times.len() < rows).then(|| nulls(rows, |row| times.get(row).is_some_and(|&time| fits(time))));
    TimestampNanosecondArray::new(ScalarBuffer::from(cells), nulls)
}

fn numbers_column(numbers: &[f64], rows: usize) -> ArrayRef {
    let mut cells = Vec::with_capacity(rows);
    cells.extend_from_slice(numbers);
    cells.resize(rows, f64::NAN);
    let has_nan = cells.iter().fold(false, |any, number| any | number.is_nan());
    let nulls = has_nan.then(|| nulls(rows, |row| !cells[row].is_nan()));
    Arc::new(Float64Array::new(ScalarBuffer::from(cells), nulls))
}

fn nulls(rows: usize, is_there: impl FnMut(usize) -> bool) -> NullBuffer {
    NullBuffer::new(BooleanBuffer::collect_bool(rows, is_there))
}
