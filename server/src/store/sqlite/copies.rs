//! Copies of devices' stores, and the sessions of each: which was the last one.

use doorstep_protocol::{DeviceId, Mark};
use sqlx::SqliteConnection;

use super::columns::{Columns, one};
use crate::store::{CopyRow, Kept, StoreError};

const MARK: usize = 8;

/// A copy by its prefix.
pub(super) async fn read(connection: &mut SqliteConnection, prefix: DeviceId) -> Kept<Option<CopyRow>> {
    let row = sqlx::query("SELECT prefix, counter, marks, walks FROM copies WHERE prefix = ?1")
        .bind(&prefix.0[..])
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), |columns: &mut Columns<'_>| {
        let (prefix, counter) = (columns.device()?, columns.unsigned()?);
        let marks: &[u8] = columns.take()?;
        let mark = |bytes: &[u8]| Mark(bytes.try_into().expect("a chunk has its length"));
        let marks = marks.chunks_exact(MARK).map(mark).collect();
        Ok(CopyRow { prefix, counter, marks, walks: columns.take()? })
    })
}

/// A session of a copy has begun.
pub(super) async fn write(connection: &mut SqliteConnection, row: &CopyRow) -> Kept<()> {
    let marks: Vec<u8> = row.marks.iter().flat_map(|mark| mark.0).collect();
    sqlx::query("INSERT OR REPLACE INTO copies (prefix, counter, marks, walks) VALUES (?1, ?2, ?3, ?4)")
        .bind(&row.prefix.0[..])
        .bind(row.counter as i64)
        .bind(marks)
        .bind(row.walks)
        .execute(connection)
        .await?;
    Ok(())
}

/// Fails the whole write where another session has begun since.
pub(super) async fn only(connection: &mut SqliteConnection, prefix: DeviceId, counter: u64) -> Kept<()> {
    let last: Option<i64> = sqlx::query_scalar("SELECT counter FROM copies WHERE prefix = ?1")
        .bind(&prefix.0[..])
        .fetch_optional(connection)
        .await?;
    if last == Some(counter as i64) { Ok(()) } else { Err(StoreError::Superseded) }
}
