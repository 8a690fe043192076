//! Files that are there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{DataError, import::ImportError};

/// Writes the files, all of them or none: each into a temporary file next to its target, synced, then renamed.
///
/// # Errors
///
/// [`ImportError::Exists`] if a target exists and `overwrite` is false, even if it appeared a moment ago;
/// [`ImportError::Write`].
pub fn publish(files: &[(PathBuf, Vec<u8>)], overwrite: bool) -> Result<(), DataError> {
    let mut staged = Vec::with_capacity(files.len());
    for (target, bytes) in files {
        staged.push(Staged::write(target, bytes)?);
    }
    let mut placed: Vec<Placed<'_>> = Vec::with_capacity(files.len());
    for file in &staged {
        match file.place(overwrite) {
            Ok(done) => placed.push(done),
            Err(error) => {
                placed.iter().rev().for_each(Placed::undo);
                return Err(error.into());
            }
        }
    }
    for file in placed {
        file.keep();
    }
    Ok(())
}

/// A complete temporary file; removed when dropped.
struct Staged<'a> {
    temporary: PathBuf,
    target: &'a Path,
}

impl<'a> Staged<'a> {
    fn write(target: &'a Path, bytes: &[u8]) -> Result<Self, ImportError> {
        let failed = |source| ImportError::Write { path: target.to_owned(), source };
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let (temporary, mut file) = create_beside(target, "tmp").map_err(failed)?;
        let staged = Self { temporary, target };
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(staged)
    }

    fn place(&self, overwrite: bool) -> Result<Placed<'a>, ImportError> {
        let failed = |source| ImportError::Write { path: self.target.to_owned(), source };
        if overwrite && self.target.exists() {
            let backup = back_up(self.target).map_err(failed)?;
            let placed = Placed { target: self.target, replaced: Some(backup) };
            return match fs::rename(&self.temporary, self.target) {
                Ok(()) => Ok(placed),
                Err(error) => {
                    placed.forget_backup();
                    Err(failed(error))
                }
            };
        }
        // A link refuses an existing target in one step; a file system without links leaves a small window open.
        match fs::hard_link(&self.temporary, self.target) {
            Ok(()) => Ok(()),
            Err(_) if self.target.exists() => Err(ImportError::Exists { path: self.target.to_owned() }),
            Err(_) => fs::rename(&self.temporary, self.target).map_err(failed),
        }?;
        Ok(Placed { target: self.target, replaced: None })
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // The rename may have moved it; nothing to do then.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A file at its target, with a second name of what it replaced.
struct Placed<'a> {
    target: &'a Path,
    replaced: Option<PathBuf>,
}

impl Placed<'_> {
    fn keep(self) {
        self.forget_backup();
        // The name is durable once the folder is synced; systems that cannot open a folder sync it themselves.
        if let Some(folder) = self.target.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
    }

    fn undo(&self) {
        let _ = match &self.replaced {
            Some(backup) => fs::rename(backup, self.target),
            None => fs::remove_file(self.target),
        };
    }

    fn forget_backup(&self) {
        if let Some(backup) = &self.replaced {
            let _ = fs::remove_file(backup);
        }
    }
}

/// Gives `target` a second name, so that replacing it can be undone and nobody ever sees it missing.
fn back_up(target: &Path) -> Result<PathBuf, std::io::Error> {
    let (backup, reserved) = create_beside(target, "old")?;
    drop(reserved);
    fs::remove_file(&backup)?;
    if fs::hard_link(target, &backup).is_err() {
        fs::copy(target, &backup)?;
    }
    Ok(backup)
}

/// Creates a new file in the folder of `target`, under the first free name.
fn create_beside(target: &Path, ending: &str) -> Result<(PathBuf, File), std::io::Error> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut attempt = 0u32;
    loop {
        let path = target.with_file_name(format!(".{name}.{attempt}.{ending}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < 10_000 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use omega_types::Coded;

    use super::*;
    use crate::testing::Folder;

    #[test]
    fn all_files_appear_or_none() {
        let folder = Folder::new();
        let path = |name: &str| folder.path().join("X").join(name);
        let names = || {
            let mut names: Vec<_> = fs::read_dir(folder.path().join("X"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        folder.write("X/b", b"old");
        let files = [(path("a"), b"new".to_vec()), (path("b"), b"new".to_vec())];
        let error = publish(&files, false).unwrap_err();
        assert_eq!(error.code().name, "IMPORT_EXISTS");
        assert_eq!((names(), fs::read(path("b")).unwrap()), (vec!["b".to_owned()], b"old".to_vec()));

        publish(&files, true).unwrap();
        assert_eq!(names(), ["a", "b"]);
        assert_eq!(fs::read(path("b")).unwrap(), b"new");

        // A folder in the way of the second file: the first one gets its old content back.
        fs::create_dir(path("c")).unwrap();
        let files = [(path("a"), b"newer".to_vec()), (path("c"), b"newer".to_vec())];
        assert_eq!(publish(&files, true).unwrap_err().code().name, "IMPORT_WRITE");
        assert_eq!(
            (names(), fs::read(path("a")).unwrap()),
            (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], b"new".to_vec())
        );
    }
}
