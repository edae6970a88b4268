//! The file by which a gateway that ends hands its state to the one that comes after it.
//!
//! It holds tokens and descriptions, so only its owner may read it, and it is gone as soon as it was read: what is in it is
//! true for the moment of the end alone.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// The place of the file.
#[derive(Clone)]
pub(crate) struct StateFile {
    folder: PathBuf,
}

impl StateFile {
    /// In this folder, which exists.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// Reads and removes it; `None` if there is none.
    pub(crate) fn take(&self) -> io::Result<Option<String>> {
        let text = match fs::read_to_string(self.file()) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        fs::remove_file(self.file())?;
        text
    }

    /// Writes it: either all of it is there afterwards, or none.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        let draft = self.folder.join("state.json.new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // Elsewhere the folder's own protection has to do.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.file())?;
        #[cfg(unix)]
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_once() {
        let folder = std::env::temp_dir().join(format!("kandy-gateway-state-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let state = StateFile::new(&folder);
        assert_eq!(state.take().unwrap(), None);
        // Left over from an end that did not get far.
        fs::write(folder.join("state.json.new"), "half").unwrap();
        for text in ["one", "another"] {
            state.write(text).unwrap();
        }
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(folder.join("state.json")).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(state.take().unwrap().as_deref(), Some("another"));
        assert_eq!(state.take().unwrap(), None);
        fs::write(folder.join("state.json"), [0xff]).unwrap();
        assert!(state.take().is_err());
        assert_eq!(state.take().unwrap(), None, "what cannot be read is not tried again");
        fs::remove_dir_all(&folder).unwrap();
        assert!(state.write("no folder").is_err());
    }
}
