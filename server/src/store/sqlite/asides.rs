//! Rows written one at a time: what a commit adds beside changes and decisions, and what belongs to no
//! document's version.

use doorstep_protocol::{DeviceId, DocumentId, Hash};
use sqlx::SqliteConnection;

use super::columns::{id, ids};
use super::{copies, people};
use crate::store::rows::AnnouncedRow;
use crate::store::{Aside, CheckoutRow, CommandRow, HeldRow, Kept, QuarantineRow, Row};

/// Adds to a document what is neither a change nor a decision.
pub(super) async fn add(connection: &mut SqliteConnection, document: DocumentId, row: Row) -> Kept<()> {
    match row {
        Row::Change { .. } | Row::Decision(_) | Row::Held { .. } => {
            unreachable!("the plan keeps these in lists of their own")
        }
        Row::Quarantine(row) => quarantine(connection, &row).await,
        Row::Command(row) => command(connection, &row).await,
        Row::Answered { device, hash } => answered(connection, device, document, hash).await,
        Row::Announced(row) => announced(connection, document, &row).await,
        Row::Lapsed { device } => lapsed(connection, device, document).await,
        Row::Checkout(row) => checkout(connection, document, &row).await,
    }
}

/// Writes one aside.
pub(super) async fn write(connection: &mut SqliteConnection, aside: Aside) -> Kept<()> {
    match aside {
        Aside::Grant { device, document, granted: seq } => granted(connection, device, document, seq).await,
        Aside::Revoke { device, document, until } => revoked(connection, device, document, until).await,
        Aside::Anew { device } => anew(connection, device).await,
        Aside::Copied { from, to } => copied(connection, from, to).await,
        Aside::Purged { device, document } => purged(connection, device, document).await,
        Aside::Granted { device, documents, granted } => {
            stands(connection, device, &documents, granted).await
        }
        Aside::Only { prefix, counter } => copies::only(connection, prefix, counter).await,
        Aside::Copy(row) => copies::write(connection, &row).await,
        Aside::Seen { device, at } => people::seen(connection, device, at).await,
        Aside::Prefix { device, prefix } => people::prefix(connection, device, prefix).await,
        Aside::Person(person) => people::put_back(connection, &person).await,
        Aside::RevokeDevice { device, at } => people::revoke(connection, device, at).await,
        Aside::Enrolment(row) => people::offer(connection, &row).await,
        Aside::Quarantine(row) => quarantine(connection, &row).await,
        Aside::Answered { device, document, hash } => answered(connection, device, document, hash).await,
        Aside::Command(row) => command(connection, &row).await,
        Aside::Setting { key, value } => setting(connection, &key, &value).await,
    }
}

async fn granted(
    connection: &mut SqliteConnection,
    device: DeviceId,
    document: DocumentId,
    seq: u64,
) -> Kept<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO held (device, document, granted, until, purged) VALUES (?1, ?2, ?3, NULL, 0)",
    )
    .bind(&device.0[..])
    .bind(id(&document))
    .bind(seq as i64)
    .execute(connection)
    .await?;
    Ok(())
}

async fn stands(
    connection: &mut SqliteConnection,
    device: DeviceId,
    documents: &[DocumentId],
    seq: u64,
) -> Kept<()> {
    sqlx::query(
        "UPDATE held SET granted = ?3 WHERE device = ?1 AND granted = ?4 AND until IS NULL
         AND document IN (SELECT unhex(value) FROM json_each(?2))",
    )
    .bind(&device.0[..])
    .bind(ids(documents))
    .bind(seq as i64)
    .bind(HeldRow::ANEW as i64)
    .execute(connection)
    .await?;
    Ok(())
}

async fn revoked(
    connection: &mut SqliteConnection,
    device: DeviceId,
    document: DocumentId,
    until: u64,
) -> Kept<()> {
    sqlx::query("UPDATE held SET until = ?3 WHERE device = ?1 AND document = ?2 AND until IS NULL")
        .bind(&device.0[..])
        .bind(id(&document))
        .bind(until as i64)
        .execute(connection)
        .await?;
    Ok(())
}

async fn anew(connection: &mut SqliteConnection, device: DeviceId) -> Kept<()> {
    sqlx::query("UPDATE held SET granted = ?2, purged = 0 WHERE device = ?1")
        .bind(&device.0[..])
        .bind(HeldRow::ANEW as i64)
        .execute(connection)
        .await?;
    Ok(())
}

async fn copied(connection: &mut SqliteConnection, from: DeviceId, to: DeviceId) -> Kept<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO held (device, document, granted, until, purged)
         SELECT ?2, document, ?3, until, 0 FROM held WHERE device = ?1",
    )
    .bind(&from.0[..])
    .bind(&to.0[..])
    .bind(HeldRow::ANEW as i64)
    .execute(connection)
    .await?;
    Ok(())
}

async fn purged(connection: &mut SqliteConnection, device: DeviceId, document: DocumentId) -> Kept<()> {
    sqlx::query("UPDATE held SET purged = 1 WHERE device = ?1 AND document = ?2 AND until IS NOT NULL")
        .bind(&device.0[..])
        .bind(id(&document))
        .execute(connection)
        .await?;
    Ok(())
}

async fn quarantine(connection: &mut SqliteConnection, row: &QuarantineRow) -> Kept<()> {
    sqlx::query(
        "INSERT INTO quarantine (district, device, worker, document, hash, code, message, bytes, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (document, hash) DO NOTHING",
    )
    .bind(&row.district)
    .bind(&row.device.0[..])
    .bind(row.worker.0)
    .bind(id(&row.document))
    .bind(&row.hash.0[..])
    .bind(&row.code)
    .bind(&row.message)
    .bind(&row.bytes)
    .bind(row.at)
    .execute(connection)
    .await?;
    Ok(())
}

async fn command(connection: &mut SqliteConnection, row: &CommandRow) -> Kept<()> {
    sqlx::query(
        "INSERT INTO commands (id, worker, document, name, said, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(&row.id[..])
    .bind(row.worker.0)
    .bind(id(&row.document))
    .bind(&row.name)
    .bind(row.said.as_ref().map(|said| &said[..]))
    .bind(serde_json::to_string(&row.answer)?)
    .execute(connection)
    .await?;
    Ok(())
}

async fn announced(connection: &mut SqliteConnection, document: DocumentId, row: &AnnouncedRow) -> Kept<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO announced (document, device, hash, worker, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(id(&document))
    .bind(&row.device.0[..])
    .bind(&row.hash.0[..])
    .bind(row.worker.0)
    .bind(row.at)
    .execute(connection)
    .await?;
    Ok(())
}

async fn answered(
    connection: &mut SqliteConnection,
    device: DeviceId,
    document: DocumentId,
    hash: Hash,
) -> Kept<()> {
    sqlx::query("DELETE FROM announced WHERE document = ?1 AND device = ?2 AND hash = ?3")
        .bind(id(&document))
        .bind(&device.0[..])
        .bind(&hash.0[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn lapsed(connection: &mut SqliteConnection, device: DeviceId, document: DocumentId) -> Kept<()> {
    sqlx::query("DELETE FROM announced WHERE document = ?1 AND device = ?2")
        .bind(id(&document))
        .bind(&device.0[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn checkout(connection: &mut SqliteConnection, document: DocumentId, row: &CheckoutRow) -> Kept<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO checkouts (document, id, device, worker, session, until, ended)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(id(&document))
    .bind(&row.id[..])
    .bind(&row.device.0[..])
    .bind(row.worker.0)
    .bind(row.session as i64)
    .bind(row.until)
    .bind(row.ended)
    .execute(connection)
    .await?;
    Ok(())
}

async fn setting(connection: &mut SqliteConnection, key: &str, value: &str) -> Kept<()> {
    sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)")
        .bind(key)
        .bind(value)
        .execute(connection)
        .await?;
    Ok(())
}
