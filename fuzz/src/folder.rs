//! A folder of this process for the files that readers of files need.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

/// The folder `name`, created if missing.
pub fn scratch(name: &str) -> PathBuf {
    let folder = root().join(name);
    fs::create_dir_all(&folder).expect("there is room for temporary files");
    folder
}

/// Removes everything that targets of this process have written.
pub fn clean_up() {
    // What is not there needs no removal.
    let _ = fs::remove_dir_all(root());
}

/// In memory where Linux offers it: the importer waits until what it writes is safe, which takes milliseconds on a disk.
fn root() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    base.join(format!("omega-fuzz-{}", process::id()))
}
