//! An import source as a stream: hashed as it lies there, gzip unpacked, never whole in memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use flate2::bufread::MultiGzDecoder;
use omega_types::{Watch, watch::Cancelled};
use sha2::{Digest, Sha256};

use super::ImportError;
use crate::{DataError, source_file::hex};

/// What a source turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// SHA-256 of the file, packed or not.
    pub(super) sha256: String,
    /// Length of the file.
    pub(super) bytes: u64,
}

/// Counts the bytes that are read, over all sources, and asks whether to stop.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    watch: Watch,
    read: Arc<AtomicU64>,
    is_shown: bool,
}

impl Meter {
    pub(super) fn new(watch: &Watch) -> Self {
        Self { watch: watch.clone(), read: Arc::default(), is_shown: true }
    }

    /// For a look at a source that will be read again.
    pub(super) fn silent(&self) -> Self {
        Self { is_shown: false, ..self.clone() }
    }

    pub(super) fn check(&self) -> Result<(), Cancelled> {
        self.watch.check()
    }

    fn add(&self, bytes: u64) -> Result<(), Cancelled> {
        if !self.is_shown {
            return self.watch.check();
        }
        self.watch.advance(self.read.fetch_add(bytes, Relaxed) + bytes)
    }
}

/// A source, by what its first bytes say.
#[derive(Debug)]
pub(super) enum Source {
    Text(Box<Text>),
    /// The reader goes back and forth in it.
    Parquet(PathBuf),
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const PARQUET: &[u8] = b"PAR1";
const BUFFER: usize = 1 << 16;

impl Source {
    pub(super) fn open(path: &Path, meter: &Meter) -> Result<Self, ImportError> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => ImportError::FileNotFound { path: path.to_owned() },
            _ => ImportError::Read { path: path.to_owned(), source: error },
        };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(failed(io::Error::new(ErrorKind::IsADirectory, "it is a folder")));
        }
        let hashed = Hashed { file, digest: Sha256::new(), bytes: 0, meter: meter.clone() };
        let mut plain = BufReader::with_capacity(BUFFER, hashed);
        let first = plain.fill_buf().map_err(failed)?;
        if first.is_empty() {
            return Err(refused(path, "the file is empty"));
        }
        if first.starts_with(PARQUET) {
            return Ok(Self::Parquet(path.to_owned()));
        }
        let input = if first.starts_with(GZIP) {
            Input::Packed(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain))))
        } else {
            refuse_other_content(path, first)?;
            Input::Plain(plain)
        };
        Ok(Self::Text(Box::new(Text { path: path.to_owned(), input, meter: meter.clone() })))
    }
}

fn refused(path: &Path, problem: &str) -> ImportError {
    ImportError::Format { path: path.to_owned(), problem: problem.to_owned(), candidates: Vec::new() }
}

/// Content that certainly is no UTF-8 text.
fn refuse_other_content(path: &Path, first: &[u8]) -> Result<(), ImportError> {
    let problem = match first {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the text is UTF-16; save it as UTF-8",
        [b'P', b'K', 3, 4, ..] => "the file is a ZIP archive or a workbook; unpack it, or save it as CSV",
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', ..] => {
            "the file is packed in another way than gzip; unpack it"
        }
        [b'P', b'A', b'R', b'1', ..] => "the packed file is Parquet; unpack it",
        _ => return Ok(()),
    };
    Err(refused(path, problem))
}

/// A file of which every byte that is read is hashed and counted.
#[derive(Debug)]
struct Hashed {
    file: File,
    digest: Sha256,
    bytes: u64,
    meter: Meter,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.digest.update(buffer.get(..length).unwrap_or_default());
        self.bytes += length as u64;
        self.meter.add(length as u64).map_err(io::Error::other)?;
        Ok(length)
    }
}

impl Hashed {
    /// Reads what is left.
    fn facts(mut self) -> io::Result<Facts> {
        let mut buffer = vec![0; BUFFER];
        while self.read(&mut buffer)? > 0 {}
        Ok(Facts { sha256: hex(&self.digest.finalize()), bytes: self.bytes })
    }
}

/// Hash and length of a file that something else reads.
pub(super) fn facts_of(path: &Path, meter: &Meter) -> Result<Facts, DataError> {
    let facts = File::open(path)
        .and_then(|file| Hashed { file, digest: Sha256::new(), bytes: 0, meter: meter.clone() }.facts());
    facts.map_err(|error| read_error(path, error, meter))
}

/// A failure to read, or the cancellation that caused it.
fn read_error(path: &Path, source: io::Error, meter: &Meter) -> DataError {
    match meter.check() {
        Err(cancelled) => cancelled.into(),
        Ok(()) => ImportError::Read { path: path.to_owned(), source }.into(),
    }
}

#[derive(Debug)]
enum Input {
    Plain(BufReader<Hashed>),
    Packed(Box<BufReader<MultiGzDecoder<BufReader<Hashed>>>>),
}

/// A text, read line by line.
#[derive(Debug)]
pub(super) struct Text {
    path: PathBuf,
    input: Input,
    meter: Meter,
}

/// A longer line is no line of an export.
const LONGEST_LINE: usize = 1 << 20;

impl Text {
    /// The next line without its end, and whether it was cut off at the longest length; `None` behind the last one.
    pub(super) fn read_line(&mut self, line: &mut Vec<u8>) -> Result<Option<IsTooLong>, DataError> {
        line.clear();
        let limit = LONGEST_LINE as u64 + 2;
        let length = match &mut self.input {
            Input::Plain(reader) => reader.take(limit).read_until(b'\n', line),
            Input::Packed(reader) => reader.take(limit).read_until(b'\n', line),
        }
        .map_err(|error| read_error(&self.path, error, &self.meter))?;
        if length == 0 {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        Ok(Some(line.len() > LONGEST_LINE))
    }

    /// The first line, byte order mark cut off.
    pub(super) fn read_first_line(&mut self, line: &mut Vec<u8>) -> Result<IsTooLong, DataError> {
        let Some(is_too_long) = self.read_line(line)? else {
            return Err(refused(&self.path, "the file is empty").into());
        };
        if line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        refuse_other_content(&self.path, line)?;
        Ok(is_too_long)
    }

    /// Hash and length of the file.
    pub(super) fn facts(self) -> Result<Facts, DataError> {
        let hashed = match self.input {
            Input::Plain(reader) => reader.into_inner(),
            Input::Packed(reader) => reader.into_inner().into_inner().into_inner(),
        };
        hashed.facts().map_err(|error| read_error(&self.path, error, &self.meter))
    }
}

/// Whether a line was cut off.
pub(super) type IsTooLong = bool;
