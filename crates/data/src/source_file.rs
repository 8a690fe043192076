//! The bytes of an input file: read once, whole, and unchanged while they were read.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::UNIX_EPOCH,
};

use sha2::{Digest, Sha256};

use crate::{DataError, FileStamp, Origin};

/// Why there are no bytes.
#[derive(Debug)]
pub(crate) enum Unread {
    /// There is no such file.
    Missing,
    /// The file is there and cannot be read.
    Failed(io::Error),
    /// Somebody wrote to the file meanwhile.
    Changed { before: FileStamp, after: FileStamp },
}

/// Reads the file of `origin`.
///
/// # Errors
///
/// `DATA_FILE_NOT_FOUND`, `DATA_READ`, `DATA_BUSY_CHANGED`.
pub(crate) fn read(origin: &Arc<Origin>) -> Result<Vec<u8>, DataError> {
    let path = origin.path.as_deref().unwrap_or(Path::new(&origin.shown));
    read_path(path).map_err(|unread| {
        let origin = Arc::clone(origin);
        match unread {
            Unread::Missing => DataError::FileNotFound { origin, required_by: None, other_kind: None },
            Unread::Failed(source) => DataError::Read { origin, source },
            Unread::Changed { before, after } => DataError::BusyChanged { origin, before, after },
        }
    })
}

/// Reads a file whole, and once.
pub(crate) fn read_path(path: &Path) -> Result<Vec<u8>, Unread> {
    read_with(path, |file, size| {
        let mut bytes = Vec::new();
        let size = usize::try_from(size).map_err(io::Error::other)?;
        bytes.try_reserve_exact(size.saturating_add(1)).map_err(io::Error::other)?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// SHA-256 as 64 lower-case hex digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect()
}

fn read_with(path: &Path, read: impl FnOnce(&mut File, u64) -> io::Result<Vec<u8>>) -> Result<Vec<u8>, Unread> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Failed(source),
    };
    let mut file = File::open(path).map_err(failed)?;
    let before = stamp(&file.metadata().map_err(failed)?);
    let bytes = read(&mut file, before.size).map_err(failed)?;
    let after = stamp(&fs::metadata(path).map_err(failed)?);
    if before != after || before.size != bytes.len() as u64 {
        return Err(Unread::Changed { before, after });
    }
    Ok(bytes)
}

fn stamp(metadata: &Metadata) -> FileStamp {
    let modified_ns = metadata.modified().ok().map(|time| match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    });
    FileStamp { size: metadata.len(), modified_ns }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use omega_types::{Coded, Timeframe};

    use super::*;
    use crate::{FileSide, testing::Folder};

    fn origin(folder: &Folder) -> Arc<Origin> {
        Arc::new(Origin::file(folder.path(), "EURUSD", Timeframe::M5, FileSide::Bid))
    }

    #[test]
    fn bytes_come_back_as_they_are() {
        let folder = Folder::new();
        folder.write("EURUSD/EURUSD_M5_BID.parquet", b"abc");
        assert_eq!(read(&origin(&folder)).unwrap(), b"abc");
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_missing_file_and_an_unreadable_one_are_told_apart() {
        let folder = Folder::new();
        assert_eq!(read(&origin(&folder)).unwrap_err().code().name, "DATA_FILE_NOT_FOUND");
        // A folder can be opened on Linux, not read; elsewhere opening it fails. Both are DATA_READ.
        fs::create_dir_all(folder.path().join("EURUSD/EURUSD_M5_BID.parquet")).unwrap();
        assert_eq!(read(&origin(&folder)).unwrap_err().code().name, "DATA_READ");
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_refused() {
        let folder = Folder::new();
        folder.write("EURUSD/EURUSD_M5_BID.parquet", b"abc");
        let path = origin(&folder).path.clone().unwrap();
        let unread = read_with(&path, |file, _| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            fs::OpenOptions::new().append(true).open(&path)?.write_all(b"d")?;
            Ok(bytes)
        });
        let Err(Unread::Changed { before, after }) = unread else { panic!("{unread:?}") };
        let error = DataError::BusyChanged { origin: origin(&folder), before, after };
        assert_eq!(error.code().name, "DATA_BUSY_CHANGED");
        assert_eq!(error.details()["before"]["size"], 3);
        assert_eq!(error.details()["after"]["size"], 4);
    }
}
