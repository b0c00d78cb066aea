//! Reading one document, its feed, and what devices hold of it.

use std::collections::BTreeMap;

use doorstep_protocol::{DeviceId, DocumentId, Hash};
use sqlx::SqliteConnection;

use super::columns::{Columns, clamped, each, id, ids, one};
use crate::store::rows::AnnouncedRow;
use crate::store::{
    CaseRow, ChangeRow, CheckoutRow, CommandRow, DecisionRow, FeedRow, HeldRow, Kept, Stored, Waiting,
};

/// All about one document. The caller has opened a read transaction.
pub(super) async fn load(connection: &mut SqliteConnection, document: DocumentId) -> Kept<Option<Stored>> {
    let Some(row) = row(connection, document).await? else { return Ok(None) };
    let (announced, checkouts) = waited_for(connection, document).await?;
    let changes = changes(connection, document, 0).await?;
    let decisions = decisions(connection, document, 0).await?;
    Ok(Some(Stored { row, changes, decisions, announced, checkouts }))
}

/// What a document waits for: announced changes, and checkouts that have not ended.
pub(super) async fn waited_for(
    connection: &mut SqliteConnection,
    document: DocumentId,
) -> Kept<(Vec<AnnouncedRow>, Vec<CheckoutRow>)> {
    let announced = sqlx::query(
        "SELECT device, worker, document, hash, at FROM announced WHERE document = ?1 ORDER BY device, hash",
    )
    .bind(id(&document))
    .fetch_all(&mut *connection)
    .await?;
    let checkouts = sqlx::query(
        "SELECT id, device, worker, document, session, until, ended FROM checkouts
         WHERE document = ?1 AND ended IS NULL ORDER BY id",
    )
    .bind(id(&document))
    .fetch_all(&mut *connection)
    .await?;
    Ok((each(&announced, Columns::announced)?, each(&checkouts, Columns::checkout)?))
}

/// The materialised row.
pub(super) async fn row(connection: &mut SqliteConnection, document: DocumentId) -> Kept<Option<CaseRow>> {
    let row = sqlx::query("SELECT body, version, seq FROM documents WHERE document = ?1")
        .bind(id(&document))
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), Columns::case)
}

/// The materialised rows of these documents.
pub(super) async fn rows_of(
    connection: &mut SqliteConnection,
    documents: &[DocumentId],
) -> Kept<BTreeMap<DocumentId, CaseRow>> {
    let rows = sqlx::query(
        "SELECT body, version, seq FROM documents
         WHERE document IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids(documents))
    .fetch_all(connection)
    .await?;
    Ok(each(&rows, Columns::case)?.into_iter().map(|row| (row.document, row)).collect())
}

/// Whether a change is stored.
pub(super) async fn knows(connection: &mut SqliteConnection, document: DocumentId, hash: Hash) -> Kept<bool> {
    let row = sqlx::query("SELECT 1 FROM changes WHERE document = ?1 AND hash = ?2")
        .bind(id(&document))
        .bind(&hash.0[..])
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Changes after `seq`, in the order in which they were accepted.
pub(super) async fn changes(
    connection: &mut SqliteConnection,
    document: DocumentId,
    seq: u64,
) -> Kept<Vec<ChangeRow>> {
    let rows = sqlx::query(
        "SELECT hash, bytes, worker, device, made, received, seq FROM changes
         WHERE document = ?1 AND seq > ?2 ORDER BY position",
    )
    .bind(id(&document))
    .bind(clamped(seq))
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::change)
}

/// Decisions after `seq`, in their order.
pub(super) async fn decisions(
    connection: &mut SqliteConnection,
    document: DocumentId,
    seq: u64,
) -> Kept<Vec<DecisionRow>> {
    let rows =
        sqlx::query("SELECT body, seq FROM decisions WHERE document = ?1 AND seq > ?2 ORDER BY epoch, n")
            .bind(id(&document))
            .bind(clamped(seq))
            .fetch_all(connection)
            .await?;
    each(&rows, |columns| Ok(DecisionRow { decision: columns.json()?, seq: columns.unsigned()? }))
}

/// Rows of a feed after `seq`.
pub(super) async fn feed(
    connection: &mut SqliteConnection,
    district: &str,
    seq: u64,
    limit: usize,
) -> Kept<Vec<FeedRow>> {
    let rows = sqlx::query(
        "SELECT seq, document, content FROM feed WHERE district = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )
    .bind(district)
    .bind(clamped(seq))
    .bind(clamped(limit as u64))
    .fetch_all(connection)
    .await?;
    each(&rows, |columns| {
        Ok(FeedRow { seq: columns.unsigned()?, document: columns.document()?, content: columns.bytes()? })
    })
}

/// The rolling hash at `seq`, which is not 0.
pub(super) async fn chain(
    connection: &mut SqliteConnection,
    district: &str,
    seq: u64,
) -> Kept<Option<[u8; 8]>> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let row = sqlx::query("SELECT chain FROM feed WHERE district = ?1 AND seq = ?2")
        .bind(district)
        .bind(seq)
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), Columns::bytes)
}

/// The last sequence of a feed and its rolling hash.
pub(super) async fn head(connection: &mut SqliteConnection, district: &str) -> Kept<(u64, [u8; 8])> {
    let row = sqlx::query("SELECT seq, chain FROM feed WHERE district = ?1 ORDER BY seq DESC LIMIT 1")
        .bind(district)
        .fetch_optional(connection)
        .await?;
    let head = one(row.as_ref(), |columns| Ok((columns.unsigned()?, columns.bytes()?)))?;
    Ok(head.unwrap_or_default())
}

/// What a device holds of these documents; of all where none is named.
pub(super) async fn held(
    connection: &mut SqliteConnection,
    device: DeviceId,
    documents: &[DocumentId],
) -> Kept<BTreeMap<DocumentId, HeldRow>> {
    let query = if documents.is_empty() {
        sqlx::query("SELECT document, granted, until, purged FROM held WHERE device = ?1").bind(&device.0[..])
    } else {
        sqlx::query(
            "SELECT document, granted, until, purged FROM held
             WHERE device = ?1 AND document IN (SELECT unhex(value) FROM json_each(?2))",
        )
        .bind(&device.0[..])
        .bind(ids(documents))
    };
    let rows = query.fetch_all(connection).await?;
    let rows = each(&rows, |columns| {
        let document = columns.document()?;
        let granted = columns.unsigned()?;
        let until = columns.take::<Option<i64>>()?.map(|until| until as u64);
        Ok((document, HeldRow { granted, until, purged: columns.take()? }))
    })?;
    Ok(rows.into_iter().collect())
}

/// Announced changes and live checkouts of a device.
pub(super) async fn waiting(connection: &mut SqliteConnection, device: DeviceId) -> Kept<Waiting> {
    let announced = sqlx::query(
        "SELECT device, worker, document, hash, at FROM announced WHERE device = ?1 ORDER BY document, hash",
    )
    .bind(&device.0[..])
    .fetch_all(&mut *connection)
    .await?;
    let checkouts = sqlx::query(
        "SELECT id, device, worker, document, session, until, ended FROM checkouts
         WHERE device = ?1 ORDER BY id, document",
    )
    .bind(&device.0[..])
    .fetch_all(&mut *connection)
    .await?;
    Ok(Waiting {
        announced: each(&announced, Columns::announced)?,
        checkouts: each(&checkouts, Columns::checkout)?,
    })
}

/// Announced changes and checkouts that have not ended, of these documents. The caller has opened a read
/// transaction.
pub(super) async fn waiting_on(connection: &mut SqliteConnection, documents: &[DocumentId]) -> Kept<Waiting> {
    let announced = sqlx::query(
        "SELECT device, worker, document, hash, at FROM announced
         WHERE document IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY document, device, hash",
    )
    .bind(ids(documents))
    .fetch_all(&mut *connection)
    .await?;
    let checkouts = sqlx::query(
        "SELECT id, device, worker, document, session, until, ended FROM checkouts
         WHERE ended IS NULL AND document IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY document, id",
    )
    .bind(ids(documents))
    .fetch_all(&mut *connection)
    .await?;
    Ok(Waiting {
        announced: each(&announced, Columns::announced)?,
        checkouts: each(&checkouts, Columns::checkout)?,
    })
}

/// The answer to a command.
pub(super) async fn command(connection: &mut SqliteConnection, id: [u8; 16]) -> Kept<Option<CommandRow>> {
    let row = sqlx::query("SELECT id, worker, document, name, said, answer FROM commands WHERE id = ?1")
        .bind(&id[..])
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), |columns| {
        Ok(CommandRow {
            id: columns.bytes()?,
            worker: columns.worker()?,
            document: columns.document()?,
            name: columns.take()?,
            said: columns.digest()?,
            answer: columns.json()?,
        })
    })
}

/// A setting.
pub(super) async fn setting(connection: &mut SqliteConnection, key: &str) -> Kept<Option<String>> {
    let row =
        sqlx::query("SELECT value FROM settings WHERE key = ?1").bind(key).fetch_optional(connection).await?;
    one(row.as_ref(), Columns::take)
}
