//! Reading an import source: bytes once, hash of the file as it lies there, gzip unpacked, byte order mark cut off.

use std::{
    fs,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::ImportError;
use crate::source_file::sha256_hex;
use flate2::read::MultiGzDecoder;

/// The text of a source, not yet known to be UTF-8.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// SHA-256 of the file, packed or not.
    pub(super) sha256: String,
    /// Length of the file.
    pub(super) bytes: u64,
    pub(super) text: Vec<u8>,
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Source {
    pub(super) fn read(path: &Path) -> Result<Self, ImportError> {
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => ImportError::FileNotFound { path: path.to_owned() },
            _ => ImportError::Read { path: path.to_owned(), source },
        };
        let file = fs::read(path).map_err(failed)?;
        let (sha256, bytes) = (sha256_hex(&file), file.len() as u64);
        let mut text = if file.starts_with(&GZIP) {
            let mut text = Vec::new();
            MultiGzDecoder::new(file.as_slice())
                .read_to_end(&mut text)
                .map_err(|source| ImportError::Read { path: path.to_owned(), source })?;
            text
        } else {
            file
        };
        if text.starts_with(&UTF8_MARK) {
            text.drain(..UTF8_MARK.len());
        }
        refuse_other_encodings(path, &text)?;
        Ok(Self { path: path.to_owned(), sha256, bytes, text })
    }
}

fn refuse_other_encodings(path: &Path, text: &[u8]) -> Result<(), ImportError> {
    let refused = |problem: &str| {
        Err(ImportError::Format {
            path: path.to_owned(),
            problem: problem.to_owned(),
            candidates: super::format::built_names(),
        })
    };
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => refused("the text is UTF-16; save it as UTF-8"),
        [b'P', b'A', b'R', b'1', ..] => refused("the file is Parquet; sources are CSV so far"),
        [b'P', b'K', 3, 4, ..] => refused("the file is a ZIP archive; unpack it"),
        [] => refused("the file is empty"),
        _ => Ok(()),
    }
}
