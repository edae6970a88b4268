//! The contents of files: each once, under the name of its hash, in a folder that nobody else may look into.

use std::{
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

use super::StoreError;

/// The folder.
pub(crate) struct Blobs {
    folder: PathBuf,
    /// Whether it goes with the process.
    temporary: bool,
}

/// Contents that are arriving. What is not kept is removed.
pub(crate) struct Incoming {
    file: File,
    path: PathBuf,
    hash: Sha256,
    size: u64,
    kept: bool,
}

/// What files that are arriving are called.
const INCOMING: &str = "incoming-";

impl Blobs {
    /// In the data folder, or without one in the system's folder for what is temporary.
    pub(crate) fn open(dir: Option<&Path>) -> Result<Self, StoreError> {
        let folder = match dir {
            Some(dir) => dir.join("files"),
            None => {
                let mut name = [0_u8; 8];
                getrandom::fill(&mut name).map_err(io::Error::other)?;
                std::env::temp_dir().join(format!("kandy-gateway-files-{:016x}", u64::from_le_bytes(name)))
            }
        };
        let blobs = Self { folder, temporary: dir.is_none() };
        if blobs.temporary {
            // Made for the first file: a process that is killed without one leaves nothing behind.
            return Ok(blobs);
        }
        blobs.make()?;
        // What was arriving when an earlier process ended.
        for entry in std::fs::read_dir(&blobs.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(INCOMING)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(blobs)
    }

    /// Makes the folder, if it is not there.
    fn make(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }

    /// Begins to take contents; `name` is a fresh unguessable text.
    pub(crate) async fn receive(&self, name: &str) -> Result<Incoming, StoreError> {
        self.make()?;
        let path = self.folder.join(format!("{INCOMING}{name}"));
        let file = File::create_new(&path).await?;
        Ok(Incoming { file, path, hash: Sha256::new(), size: 0, kept: false })
    }

    /// Keeps contents that have arrived, for good.
    pub(crate) async fn keep(&self, incoming: &mut Incoming, hash: &str) -> Result<(), StoreError> {
        let place = self.path(hash);
        if fs::try_exists(&place).await? {
            return Ok(());
        }
        fs::rename(&incoming.path, place).await?;
        incoming.kept = true;
        #[cfg(unix)]
        File::open(&self.folder).await?.sync_all().await?;
        Ok(())
    }

    /// Where the contents of this hash are.
    pub(crate) fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(hash)
    }

    /// Nobody has these any longer.
    pub(crate) async fn remove(&self, hash: &str) {
        if let Err(error) = fs::remove_file(self.path(hash)).await {
            tracing::warn!(%error, "contents that nobody has cannot be removed");
        }
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the temporary folder for files cannot be removed");
        }
    }
}

impl Incoming {
    /// Takes some more.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(self.file.write_all(bytes).await?)
    }

    /// Bytes that have arrived.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// All has arrived: it is on disk afterwards. Returns the hash.
    pub(crate) async fn finish(&mut self) -> Result<String, StoreError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let digest = self.hash.clone().finalize();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing more can be done if it does not go; the next start tries again.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn contents_are_kept_once_and_go_with_the_process() {
        let blobs = Blobs::open(None).unwrap();
        let folder = blobs.folder.clone();
        assert!(!folder.exists(), "not before it is needed");
        let names = || std::fs::read_dir(&folder).unwrap().count();
        for name in ["one", "two"] {
            let mut incoming = blobs.receive(name).await.unwrap();
            incoming.write(b"a").await.unwrap();
            incoming.write(b"bc").await.unwrap();
            assert_eq!(incoming.size(), 3);
            let hash = incoming.finish().await.unwrap();
            // FIPS 180-4, the first example of SHA-256.
            assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
            blobs.keep(&mut incoming, &hash).await.unwrap();
            drop(incoming);
            assert_eq!(std::fs::read(blobs.path(&hash)).unwrap(), b"abc");
            assert_eq!(names(), 1);
        }
        drop(blobs.receive("given up").await.unwrap());
        assert_eq!(names(), 1);
        drop(blobs);
        assert!(!folder.exists());
    }
}
