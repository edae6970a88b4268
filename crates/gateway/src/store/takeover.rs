//! What earlier gateways kept beside the database, in the data folder: it is taken into the database, and removed.

use std::{io, path::Path};

use tokio::{fs, io::AsyncReadExt};

use super::{Store, StoreError, contents::Incoming, state};

/// Takes over the folder `files`, with contents under the names of their hashes, and the file `state.json`.
pub(super) async fn take_over(store: &Store, folder: &Path) -> Result<(), StoreError> {
    files(store, &folder.join("files")).await?;
    left(store, &folder.join("state.json")).await
}

async fn files(store: &Store, folder: &Path) -> Result<(), StoreError> {
    let mut entries = match fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut damaged = 0;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if one(store, &entry.path(), &name).await? {
            fs::remove_file(entry.path()).await?;
        } else {
            damaged += 1;
        }
    }
    if damaged == 0 {
        tracing::info!("the files of an earlier gateway are in the database now");
        fs::remove_dir(folder).await?;
    } else {
        tracing::error!(damaged, "files of an earlier gateway are not what they were; they stay where they are");
    }
    Ok(())
}

/// Takes one file over, if anybody has it. Returns whether it may go.
async fn one(store: &Store, path: &Path, name: &str) -> Result<bool, StoreError> {
    let used = sqlx::query_scalar::<_, i64>("SELECT 1 FROM files WHERE hash = $1 LIMIT 1").bind(name);
    if used.fetch_optional(&mut *store.write().await).await?.is_none() {
        // What was still arriving when it was killed, or what it did not come to remove.
        return Ok(true);
    }
    let mut file = fs::File::open(path).await?;
    let (mut incoming, mut some) = (Incoming::default(), vec![0; 64 << 10]);
    loop {
        let length = file.read(&mut some).await?;
        match some.get(..length) {
            None | Some([]) => break,
            Some(bytes) => incoming.write(store, bytes).await?,
        }
    }
    if incoming.hash() != name {
        incoming.discard(store).await?;
        return Ok(false);
    }
    let mut writer = store.write().await;
    let mut db = sqlx::Connection::begin(&mut *writer).await?;
    incoming.keep(&mut db).await?;
    db.commit().await?;
    Ok(true)
}

async fn left(store: &Store, file: &Path) -> Result<(), StoreError> {
    match fs::read_to_string(file).await {
        Ok(text) => state::leave(&mut *store.write().await, &text).await?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => tracing::error!(%error, "the state of the gateway before this one cannot be read"),
    }
    // What cannot be read is not tried again.
    Ok(fs::remove_file(file).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Folder;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const LOST: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

    async fn hashes(store: &Store) -> Vec<(String, i64)> {
        let hashes = sqlx::query_as("SELECT coalesce(hash, 'arriving'), size FROM contents ORDER BY id");
        hashes.fetch_all(&mut *store.write().await).await.unwrap()
    }

    #[tokio::test]
    async fn what_lay_beside_the_database_is_in_it() {
        let folder = Folder::new("takeover");
        let store = Store::open(Some(&folder.0)).await.unwrap();
        for hash in [ABC, LOST] {
            let add = "INSERT INTO files (handle, owner, name, mime, size, hash, at) VALUES ($1, '', '', '', 3, $1, 0)";
            sqlx::query(add).bind(hash).execute(&mut *store.write().await).await.unwrap();
        }
        store.close().await;
        let files = folder.0.join("files");
        std::fs::create_dir(&files).unwrap();
        for (name, text) in [(ABC, "abc"), ("incoming-x", "half"), ("unused", "x"), (LOST, "changed")] {
            std::fs::write(files.join(name), text).unwrap();
        }
        std::fs::write(folder.0.join("state.json"), "left").unwrap();

        for round in 1..=2 {
            let store = Store::open(Some(&folder.0)).await.unwrap();
            assert_eq!(hashes(&store).await, [(ABC.to_owned(), 3)]);
            let left = std::fs::read_dir(&files).unwrap().map(|file| file.unwrap().file_name());
            assert_eq!(left.collect::<Vec<_>>(), [LOST], "what is damaged is neither taken nor lost");
            let state = state::take(&mut *store.write().await).await.unwrap();
            assert_eq!(state.as_deref(), Some("left").filter(|_| round == 1));
            assert!(!folder.0.join("state.json").exists());
            store.close().await;
        }
        std::fs::write(files.join(ABC), "abc").unwrap();
        std::fs::remove_file(files.join(LOST)).unwrap();
        std::fs::write(folder.0.join("state.json"), [0xff]).unwrap();
        let store = Store::open(Some(&folder.0)).await.unwrap();
        assert_eq!(hashes(&store).await, [(ABC.to_owned(), 3)], "once, even if the end came before it was removed");
        assert!(!files.exists() && !folder.0.join("state.json").exists());
        assert_eq!(state::take(&mut *store.write().await).await.unwrap(), None);
        store.close().await;
    }
}
