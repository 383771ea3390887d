//! A file that gets its name only when it is whole: it is written beside it under another one, synced, then renamed.

use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    clock::random_bytes,
    error::{Error, Result},
};

/// A file on its way; dropped without `publish` it is removed.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    target: PathBuf,
}

impl Part {
    /// Makes an empty file beside `target`, which must not exist, that only its owner may read and write.
    pub fn beside(target: &Path) -> Result<Self> {
        if std::fs::exists(target).map_err(|e| problem(target, &e))? {
            return Err(taken(target));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".part-{:08x}", u32::from_le_bytes(random_bytes())));
        let path = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|e| problem(&path, &e))?;
        Ok(Self { path, target: target.to_owned() })
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes sure that it is on the disk, then gives it its name. Nobody may have it open for writing.
    pub fn publish(self) -> Result<()> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(|e| problem(&self.path, &e))?;
        match std::fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(taken(&self.target)),
            // A file system without second names: what came to bear the name meanwhile would be replaced.
            Err(_) => {
                if std::fs::exists(&self.target).map_err(|e| problem(&self.target, &e))? {
                    return Err(taken(&self.target));
                }
                std::fs::rename(&self.path, &self.target).map_err(|e| problem(&self.target, &e))?;
            }
        }
        // The temporary name goes before the sync, so that it does not come back after a power cut.
        drop(std::fs::remove_file(&self.path));
        #[cfg(unix)]
        {
            let folder = self.target.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder).and_then(|f| f.sync_all()).map_err(|e| problem(folder, &e))?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for suffix in ["", "-journal"] {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            // Mostly there is nothing left to remove.
            drop(std::fs::remove_file(name));
        }
    }
}

fn taken(target: &Path) -> Error {
    Error::conflict("taken", format!("{} is there already. Name another file, or move it away.", target.display()))
}

fn problem(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("{}: {error}", path.display()))
}
