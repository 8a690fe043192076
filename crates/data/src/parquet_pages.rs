//! What a Parquet file claims about its pages, compared with what it holds.
//!
//! The decoder makes room for as many entries as a page announces and walks lists as long as they say they are. One
//! flipped bit can announce two thousand million: the process would run out of memory or time, and neither is an error
//! that could be caught. So every header is looked at first. Sources: the Thrift compact protocol and `parquet.thrift` of
//! the Apache projects.

use parquet::{
    basic::{Compression, Type as Physical},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData},
        reader::ChunkReader,
    },
};

const MAGIC: &[u8] = b"PAR1";
/// Bytes read for a page header at first; sixteen times as many if they do not suffice.
const HEADER: u64 = 512;
/// Room for levels and the like in pages of few values.
const SLACK: u64 = 1 << 16;
/// No codec packs candles closer, and the room for the result stays in proportion to the file.
const CLOSEST: u64 = 40_000;
/// Plain values take eight bytes at most, delta encodings somewhat more.
const WIDEST: u64 = 16;

/// Looks at the lists of the footer, before it is decoded.
///
/// # Errors
///
/// The footer is no Thrift, or a list claims more entries than there are bytes.
pub(crate) fn check_footer(file: &impl ChunkReader) -> Result<(), ParquetError> {
    let Some(end) = file.len().checked_sub(8) else { return Ok(()) };
    let tail = file.get_bytes(end, 8)?;
    let Some((&length, magic)) = tail.split_first_chunk::<4>() else { return Ok(()) };
    let length = u64::from(u32::from_le_bytes(length));
    match end.checked_sub(length) {
        // Anything else is no Parquet, as the decoder says.
        Some(start) if magic == MAGIC => {
            let footer = file.get_bytes(start, length as usize)?;
            Thrift(&footer).skip(STRUCT, DEEPEST).map_err(|fault| fault.error("the footer"))
        }
        _ => Ok(()),
    }
}

/// Looks at the page headers of the columns whose index `is_read` tells, which have no lists in them.
///
/// # Errors
///
/// A header is no Thrift, or announces more values or bytes than there can be.
pub(crate) fn check_pages(
    file: &impl ChunkReader,
    metadata: &ParquetMetaData,
    is_read: impl Fn(usize) -> bool,
) -> Result<(), ParquetError> {
    for group in metadata.row_groups() {
        for (_, column) in group.columns().iter().enumerate().filter(|(index, _)| is_read(*index)) {
            check_column(file, column)?;
        }
    }
    Ok(())
}

fn check_column(file: &impl ChunkReader, column: &ColumnChunkMetaData) -> Result<(), ParquetError> {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let unsigned = |number: i64| u64::try_from(number).map_err(|_| general("a column lies at a negative offset"));
    let (mut offset, mut left) = (unsigned(start)?, unsigned(column.compressed_size())?);
    let mut values = unsigned(column.num_values())?;
    // The decoder stops at the last value as well.
    while values > 0 && left > 0 {
        let (header, length) = Header::read(file, offset, left)?;
        let packed = header.packed().filter(|packed| length + packed <= left);
        let packed = packed.ok_or_else(|| general("a page is longer than its column"))?;
        header.check(column, values)?;
        offset += length + packed;
        left -= length + packed;
        values -= header.data_values.unwrap_or(0);
    }
    Ok(())
}

/// What counts of a page header.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header {
    unpacked_bytes: i64,
    packed_bytes: i64,
    /// Of a data page.
    data_values: Option<u64>,
    /// Of a dictionary page.
    entries: Option<u64>,
}

impl Header {
    /// The header at `offset`, and its length.
    fn read(file: &impl ChunkReader, offset: u64, left: u64) -> Result<(Self, u64), ParquetError> {
        let end = file.len().checked_sub(offset).ok_or_else(|| general("a column lies behind the end of the file"))?;
        let most = left.min(end);
        let mut length = HEADER.min(most);
        loop {
            let bytes = file.get_bytes(offset, length as usize)?;
            let mut thrift = Thrift(&bytes);
            match Self::parse(&mut thrift) {
                Ok(header) => return Ok((header, (bytes.len() - thrift.0.len()) as u64)),
                Err(Fault::Short) if length < most => length = most.min(length * 16),
                Err(fault) => return Err(fault.error("a page header")),
            }
        }
    }

    /// `PageHeader`: 2 and 3 are its sizes; 5, 7 and 8 the headers of data, dictionary and newer data pages, whose
    /// first field counts the values.
    fn parse(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let mut header = Self::default();
        thrift.fields(|thrift, id, kind| {
            match (id, kind) {
                (2, I32) => header.unpacked_bytes = thrift.integer()?,
                (3, I32) => header.packed_bytes = thrift.integer()?,
                (5 | 8, STRUCT) => header.data_values = Some(thrift.first_count()?),
                (7, STRUCT) => header.entries = Some(thrift.first_count()?),
                _ => thrift.skip(kind, DEEPEST)?,
            }
            Ok(())
        })?;
        Ok(header)
    }

    fn packed(&self) -> Option<u64> {
        u64::try_from(self.packed_bytes).ok()
    }

    /// Compares with a column of which `values` are still to come.
    fn check(&self, column: &ColumnChunkMetaData, values: u64) -> Result<(), ParquetError> {
        let packed = self.packed().unwrap_or(0);
        let is_packed = column.compression() != Compression::UNCOMPRESSED;
        let bytes = if is_packed { u64::try_from(self.unpacked_bytes).unwrap_or(u64::MAX) } else { packed };
        if self.data_values.is_some_and(|count| count > values) {
            return Err(general("a page announces more values than its column has"));
        }
        let by_values = values.saturating_mul(WIDEST);
        let by_bytes = packed.saturating_mul(CLOSEST);
        if is_packed && bytes > SLACK.saturating_add(by_values.max(by_bytes)) {
            return Err(general(format!("a page of {packed} bytes announces {bytes} bytes of content")));
        }
        let narrowest = match column.column_type() {
            Physical::BOOLEAN => return Ok(()),
            Physical::INT32 | Physical::FLOAT | Physical::BYTE_ARRAY => 4,
            Physical::INT64 | Physical::DOUBLE => 8,
            Physical::INT96 => 12,
            Physical::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.column_descr().type_length()).unwrap_or(0),
        };
        match self.entries {
            Some(entries) if entries.saturating_mul(narrowest) > bytes => {
                Err(general(format!("a dictionary of {bytes} bytes announces {entries} entries")))
            }
            _ => Ok(()),
        }
    }
}

fn general(reason: impl ToString) -> ParquetError {
    ParquetError::General(reason.to_string())
}

/// Kinds of the compact protocol.
const I32: u8 = 5;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
/// Levels of structs and lists; the decoder has the same limit.
const DEEPEST: u8 = 64;

/// Bytes in the compact protocol, used up from the front.
struct Thrift<'a>(&'a [u8]);

/// Why bytes are no Thrift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// They end too early.
    Short,
    Malformed,
}

impl Fault {
    fn error(self, what: &str) -> ParquetError {
        general(match self {
            Self::Short => format!("{what} is cut off"),
            Self::Malformed => format!("{what} is damaged"),
        })
    }
}

impl Thrift<'_> {
    fn byte(&mut self) -> Result<u8, Fault> {
        let (&first, rest) = self.0.split_first().ok_or(Fault::Short)?;
        self.0 = rest;
        Ok(first)
    }

    fn skip_bytes(&mut self, count: u64) -> Result<(), Fault> {
        let count = usize::try_from(count).map_err(|_| Fault::Short)?;
        self.0 = self.0.get(count..).ok_or(Fault::Short)?;
        Ok(())
    }

    /// Seven bits per byte, lowest first.
    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Fault::Malformed)
    }

    /// Zigzag: the sign is the lowest bit.
    fn integer(&mut self) -> Result<i64, Fault> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Calls `visit` with identifier and kind of each field of a struct; it uses the value up.
    fn fields(&mut self, mut visit: impl FnMut(&mut Self, i64, u8) -> Result<(), Fault>) -> Result<(), Fault> {
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                return Ok(());
            }
            id = if head >> 4 == 0 { self.integer()? } else { id.saturating_add(i64::from(head >> 4)) };
            visit(self, id, head & 0x0f)?;
        }
    }

    /// Field 1 of a struct, which is a count.
    fn first_count(&mut self) -> Result<u64, Fault> {
        let mut count = 0;
        self.fields(|thrift, id, kind| match (id, kind) {
            (1, I32) => {
                count = u64::try_from(thrift.integer()?).map_err(|_| Fault::Malformed)?;
                Ok(())
            }
            _ => thrift.skip(kind, DEEPEST),
        })?;
        Ok(count)
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Result<(), Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::Malformed)?;
        match kind {
            // As a field a truth value is its kind.
            1 | 2 => Ok(()),
            3 => self.skip_bytes(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip_bytes(8),
            8 => {
                let length = self.varint()?;
                self.skip_bytes(length)
            }
            LIST | SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                self.skip_entries(count, &[head & 0x0f], depth)
            }
            MAP => match self.varint()? {
                0 => Ok(()),
                count => {
                    let kinds = self.byte()?;
                    self.skip_entries(count, &[kinds >> 4, kinds & 0x0f], depth)
                }
            },
            STRUCT => self.fields(|thrift, _, kind| thrift.skip(kind, depth)),
            13 => self.skip_bytes(16),
            _ => Err(Fault::Malformed),
        }
    }

    /// Each entry takes a byte at least. Lists of truth values are not part of what is read here, and the decoder
    /// takes theirs for nothing.
    fn skip_entries(&mut self, count: u64, kinds: &[u8], depth: u8) -> Result<(), Fault> {
        if count > 0 && kinds.iter().any(|kind| matches!(kind, 1 | 2)) {
            return Err(Fault::Malformed);
        }
        if count > self.0.len() as u64 {
            return Err(Fault::Short);
        }
        for _ in 0..count {
            for &kind in kinds {
                self.skip(kind, depth)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use parquet::schema::{parser::parse_message_type, types::SchemaDescriptor};

    use super::*;

    /// A column of four packed doubles.
    fn column(compression: Compression) -> ColumnChunkMetaData {
        let schema = parse_message_type("message m { required double open; }").unwrap();
        let descriptor = SchemaDescriptor::new(Arc::new(schema)).column(0);
        let builder = ColumnChunkMetaData::builder(descriptor).set_compression(compression);
        builder.set_num_values(4).set_data_page_offset(0).set_total_compressed_size(64).build().unwrap()
    }

    fn refusal(header: Header, compression: Compression) -> Option<String> {
        header.check(&column(compression), 4).err().map(|error| error.to_string())
    }

    /// By the Thrift specification: 0x15 is a field one further of kind 5, numbers are zigzag (8 is 4, 0x40 is 32), 0x1c
    /// a struct; 0x4c is field 7 after field 3.
    #[test]
    fn a_header_is_read_by_its_field_numbers() {
        let dictionary = [0x15, 0x04, 0x15, 0x40, 0x15, 0x42, 0x4c, 0x15, 0x08, 0x15, 0x00, 0x00, 0x00];
        let header = Header { unpacked_bytes: 32, packed_bytes: 33, data_values: None, entries: Some(4) };
        let mut thrift = Thrift(&dictionary);
        assert_eq!(Header::parse(&mut thrift), Ok(header));
        assert!(thrift.0.is_empty());
        assert_eq!(Header::parse(&mut Thrift(&dictionary[..12])), Err(Fault::Short));
        // 300 is 0b10_0101100: seven bits with the mark of more to come, then two. Zigzag of 300 is 150, of 1 is -1.
        assert_eq!(Thrift(&[0xac, 0x02]).varint(), Ok(300));
        assert_eq!(Thrift(&[0xac, 0x02]).integer(), Ok(150));
        assert_eq!(Thrift(&[0x01]).integer(), Ok(-1));
        assert_eq!(Thrift(&[0xff; 11]).varint(), Err(Fault::Malformed));
    }

    #[test]
    fn a_list_has_no_more_entries_than_bytes() {
        let skipped = |bytes: &[u8], kind| Thrift(bytes).skip(kind, DEEPEST);
        // Two integers; fifteen and more say their number in a varint.
        assert_eq!(skipped(&[0x25, 2, 4], LIST), Ok(()));
        assert_eq!(skipped(&[0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 2, 4], LIST), Err(Fault::Short));
        assert_eq!(skipped(&[0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 2, 4], SET), Err(Fault::Short));
        assert_eq!(skipped(&[0xff, 0xff, 0xff, 0xff, 0x07, 0x55, 2, 4], MAP), Err(Fault::Short));
        assert_eq!(skipped(&[0x01, 0x58, 2, 1, b'a'], MAP), Ok(()));
        // Truth values, for which the decoder reads nothing at all.
        assert_eq!(skipped(&[0x21, 1, 1], LIST), Err(Fault::Malformed));
        // Lists of one list each, deeper than anybody writes them.
        assert_eq!(skipped(&[0x19; 200], LIST), Err(Fault::Malformed));
    }

    #[test]
    fn a_page_announces_what_it_can_hold() {
        let (packed, plain) = (Compression::SNAPPY, Compression::UNCOMPRESSED);
        let data = |unpacked_bytes, count| Header {
            unpacked_bytes,
            packed_bytes: 40,
            data_values: Some(count),
            entries: None,
        };
        let dictionary =
            |entries| Header { unpacked_bytes: 32, packed_bytes: 32, data_values: None, entries: Some(entries) };
        assert_eq!(refusal(data(32, 4), packed), None);
        assert_eq!(refusal(dictionary(4), packed), None);
        assert_eq!(refusal(dictionary(4), plain), None);
        let says = |header, compression, text: &str| {
            let refusal = refusal(header, compression).unwrap_or_default();
            assert!(refusal.contains(text), "{refusal} does not say {text}");
        };
        says(data(32, 5), packed, "more values than its column has");
        says(data(1 << 30, 4), packed, "a page of 40 bytes announces 1073741824 bytes");
        says(data(-1, 4), packed, "a page of 40 bytes announces");
        says(dictionary(5), packed, "a dictionary of 32 bytes announces 5 entries");
        says(dictionary(1 << 31), plain, "announces 2147483648 entries");
        // Without a codec nobody looks at the other size.
        assert_eq!(refusal(data(1 << 30, 4), plain), None);
        // A million equal values in a few bytes are what a codec is for: 8 MB, at most 16 bytes per value.
        assert_eq!(data(8 << 20, 1 << 20).check(&column(packed), 1 << 20).ok(), Some(()));
    }

    #[test]
    fn a_footer_is_looked_at_where_its_length_says() {
        let file = |footer: &[u8]| {
            let length = (footer.len() as u32).to_le_bytes();
            Bytes::from([MAGIC, footer, &length, MAGIC].concat())
        };
        assert!(check_footer(&file(&[0x15, 0x02, 0x00])).is_ok());
        let refusal = check_footer(&file(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00])).unwrap_err().to_string();
        assert!(refusal.contains("the footer is cut off"), "{refusal}");
        // No Parquet at all: the decoder says so.
        for other in [&b""[..], b"PAR1", b"PAR1PAR1", b"a,b,c\n1,2,3\n", b"PAR1\xff\xff\xff\xffPAR1"] {
            assert!(check_footer(&Bytes::from_static(other)).is_ok(), "{other:?}");
        }
    }
}
