//! Contents of files, read once more.

use sha2::{Digest, Sha256};

use super::{Db, MOST, StoreError};
use crate::store::contents::{CHUNK_AT, hexadecimal};

/// What is wrong with contents that have arrived.
pub(super) async fn wrong(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let mut findings = Vec::new();
    let next = "SELECT id, hash, size FROM contents WHERE id > $1 AND hash IS NOT NULL ORDER BY id LIMIT 1";
    let mut last = 0;
    while findings.len() < MOST {
        let row = sqlx::query_as::<_, (i64, String, i64)>(next).bind(last).fetch_optional(&mut *db).await?;
        let Some((id, hash, size)) = row else { break };
        if !is_whole(db, id, &hash, size).await? {
            findings.push(format!("contents are not what their hash says: {hash}"));
        }
        last = id;
    }
    Ok(findings)
}

/// Whether the chunks follow upon each other, up to this size, and have this hash.
async fn is_whole(db: &mut Db, id: i64, hash: &str, size: i64) -> Result<bool, StoreError> {
    let (mut read, mut sum) = (0, Sha256::new());
    while read < size {
        let chunk = sqlx::query_as::<_, (i64, Vec<u8>)>(CHUNK_AT).bind(id).bind(read).fetch_optional(&mut *db).await?;
        let Some((_, bytes)) = chunk.filter(|(start, bytes)| *start == read && !bytes.is_empty()) else {
            return Ok(false);
        };
        sum.update(&bytes);
        read += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    }
    let more = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM chunks WHERE content = $1 AND start >= $2");
    let more = more.bind(id).bind(size).fetch_one(db).await?;
    Ok(read == size && more == 0 && hexadecimal(&sum.finalize()) == hash)
}
