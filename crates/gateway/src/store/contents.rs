//! The contents of files: each once, found by its hash, in chunks that are written as they arrive. Nobody holds the writer for
//! longer than a chunk takes.

use std::{ops::Range, sync::Arc};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};

use super::{Db, Store, StoreError};

/// Most bytes of a chunk: few rows for a photograph, little memory for whoever reads or writes one.
const CHUNK: usize = 256 << 10;

/// Contents that are arriving. Whoever does not keep them discards them; should that not come to pass, the next start does it.
#[derive(Default)]
pub(crate) struct Incoming {
    /// Their row, once there is one.
    id: Option<i64>,
    /// What came after the last chunk that is stored.
    rest: Vec<u8>,
    hash: Sha256,
    size: i64,
}

impl Incoming {
    /// Takes some more.
    pub(crate) async fn write(&mut self, store: &Store, mut bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        while !bytes.is_empty() {
            if self.rest.len() == CHUNK {
                self.store_rest(&mut *store.write().await).await?;
            }
            let (fits, more) = bytes.split_at(bytes.len().min(CHUNK - self.rest.len()));
            self.rest.extend_from_slice(fits);
            self.size += i64::try_from(fits.len()).unwrap_or(i64::MAX);
            bytes = more;
        }
        Ok(())
    }

    /// Bytes that have arrived.
    pub(crate) fn size(&self) -> i64 {
        self.size
    }

    /// SHA-256 of what has arrived, in hexadecimal digits.
    pub(super) fn hash(&self) -> String {
        hexadecimal(&self.hash.clone().finalize())
    }

    /// All has arrived, and is found by its hash from the commit on. Returns the hash.
    pub(super) async fn keep(&mut self, db: &mut Db) -> Result<String, StoreError> {
        let hash = self.hash();
        if find(db, &hash).await?.is_some() {
            if let Some(id) = self.id {
                forget(db, id).await?;
            }
            return Ok(hash);
        }
        let id = self.store_rest(db).await?;
        let keep = sqlx::query("UPDATE contents SET hash = $1, size = $2 WHERE id = $3");
        keep.bind(&hash).bind(self.size).bind(id).execute(db).await?;
        Ok(hash)
    }

    /// Nobody wants them.
    pub(crate) async fn discard(self, store: &Store) -> Result<(), StoreError> {
        match self.id {
            Some(id) => forget(&mut *store.write().await, id).await,
            None => Ok(()),
        }
    }

    /// Stores what is not stored yet. Returns the row of the contents.
    async fn store_rest(&mut self, db: &mut Db) -> Result<i64, StoreError> {
        let id = match self.id {
            Some(id) => id,
            None => {
                sqlx::query_scalar("INSERT INTO contents (size) VALUES (0) RETURNING id").fetch_one(&mut *db).await?
            }
        };
        self.id = Some(id);
        if !self.rest.is_empty() {
            let start = self.size - i64::try_from(self.rest.len()).unwrap_or_default();
            let add = sqlx::query("INSERT INTO chunks (content, start, bytes) VALUES ($1, $2, $3)");
            add.bind(id).bind(start).bind(std::mem::take(&mut self.rest)).execute(db).await?;
        }
        Ok(id)
    }
}

/// As hashes are written.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Row and size of the contents of this hash.
pub(crate) async fn find(db: &mut Db, hash: &str) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(sqlx::query_as("SELECT id, size FROM contents WHERE hash = $1").bind(hash).fetch_optional(db).await?)
}

/// Nobody has these any longer.
pub(super) async fn remove(db: &mut Db, hash: &str) -> Result<(), StoreError> {
    match find(db, hash).await? {
        Some((id, _)) => forget(db, id).await,
        None => Ok(()),
    }
}

/// What was arriving when an earlier gateway ended.
pub(super) async fn forget_unfinished(db: &mut Db) -> Result<(), StoreError> {
    let unfinished = sqlx::query_scalar("SELECT id FROM contents WHERE hash IS NULL");
    for id in unfinished.fetch_all(&mut *db).await? {
        forget(db, id).await?;
    }
    Ok(())
}

async fn forget(db: &mut Db, id: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM chunks WHERE content = $1").bind(id).execute(&mut *db).await?;
    sqlx::query("DELETE FROM contents WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// The bytes of some contents from `range.start` up to `range.end`, chunk by chunk, as fast as they are taken. No connection is
/// held in between; what is removed meanwhile breaks off.
pub(crate) fn read(
    store: Arc<Store>,
    content: i64,
    range: Range<i64>,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
    stream::try_unfold((store, range), move |(store, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let bytes = next(&mut *store.read().await?, content, &range).await?;
        let from = range.start + i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(Some((Bytes::from(bytes), (store, from..range.end))))
    })
}

/// What one chunk has of this range, from its start.
async fn next(db: &mut Db, content: i64, range: &Range<i64>) -> Result<Vec<u8>, StoreError> {
    let row = sqlx::query_as::<_, (i64, Vec<u8>)>(CHUNK_AT).bind(content).bind(range.start);
    let (start, mut bytes) = row.fetch_optional(db).await?.ok_or(sqlx::Error::RowNotFound)?;
    let index = |at: i64| usize::try_from(at - start).unwrap_or(usize::MAX);
    bytes.truncate(index(range.end));
    let bytes = bytes.split_off(index(range.start).min(bytes.len()));
    if bytes.is_empty() { Err(sqlx::Error::RowNotFound.into()) } else { Ok(bytes) }
}

/// The chunk of the contents `$1` that has the byte `$2`.
pub(crate) const CHUNK_AT: &str =
    "SELECT start, bytes FROM chunks WHERE content = $1 AND start <= $2 ORDER BY start DESC LIMIT 1";

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;
    use crate::store::testing;

    async fn rows(store: &Store) -> (i64, i64) {
        let rows = "SELECT (SELECT count(*) FROM contents), (SELECT count(*) FROM chunks)";
        sqlx::query_as(rows).fetch_one(&mut *store.read().await.unwrap()).await.unwrap()
    }

    async fn part(store: &Arc<Store>, hash: &str, range: Range<i64>) -> Vec<u8> {
        let (id, _) = find(&mut store.read().await.unwrap(), hash).await.unwrap().unwrap();
        let chunks: Vec<Bytes> = read(store.clone(), id, range).try_collect().await.unwrap();
        chunks.concat()
    }

    #[tokio::test]
    async fn contents_are_kept_once() {
        let store = testing::store().await;
        for _ in 0..2 {
            let mut incoming = Incoming::default();
            incoming.write(&store, b"a").await.unwrap();
            incoming.write(&store, b"bc").await.unwrap();
            assert_eq!(incoming.size(), 3);
            let hash = incoming.keep(&mut *store.write().await).await.unwrap();
            // FIPS 180-4, the first example of SHA-256.
            assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
            assert_eq!((rows(&store).await, part(&store, &hash, 0..3).await), ((1, 1), b"abc".to_vec()));
        }
        let empty = Incoming::default().keep(&mut *store.write().await).await.unwrap();
        assert_eq!((rows(&store).await, part(&store, &empty, 0..0).await), ((2, 1), Vec::new()));
        remove(&mut *store.write().await, &empty).await.unwrap();
        assert_eq!(rows(&store).await, (1, 1));
    }

    #[tokio::test]
    async fn large_contents_come_and_go_in_chunks() {
        let store = testing::store().await;
        let all: Vec<u8> = (0..CHUNK * 2 + 10).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let size = i64::try_from(all.len()).unwrap();
        for (round, step) in [1_000, CHUNK, all.len()].into_iter().enumerate() {
            let mut incoming = Incoming::default();
            for bytes in all.chunks(step) {
                incoming.write(&store, bytes).await.unwrap();
            }
            assert_eq!(rows(&store).await, (1 + i64::from(round > 0), 2 + 3 * i64::from(round > 0)), "{step}");
            let hash = incoming.keep(&mut *store.write().await).await.unwrap();
            assert_eq!(rows(&store).await, (1, 3), "{step}");
            let edge = i64::try_from(CHUNK).unwrap();
            for range in [0..size, 0..1, edge - 1..edge + 1, edge..edge * 2, size - 1..size, 5..size - 5] {
                let wanted = &all[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
                assert!(part(&store, &hash, range.clone()).await == wanted, "{range:?}");
            }
        }
        let mut given_up = Incoming::default();
        given_up.write(&store, &all).await.unwrap();
        given_up.discard(&store).await.unwrap();
        assert_eq!(rows(&store).await, (1, 3));
        let mut cut_off = Incoming::default();
        cut_off.write(&store, &all).await.unwrap();
        drop(cut_off);
        assert_eq!(rows(&store).await, (2, 5));
        forget_unfinished(&mut *store.write().await).await.unwrap();
        assert_eq!(rows(&store).await, (1, 3));
    }
}
