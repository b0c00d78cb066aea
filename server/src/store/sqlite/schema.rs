//! The schema and its migrations, embedded in the binary.
//!
//! Forward only. A file that a newer build has migrated is refused, untouched.

use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use super::standings;
use crate::store::{Kept, StoreError};

/// In order; the first is version 1. Never edit one that has shipped: add another.
const MIGRATIONS: [&str; 19] = [
    include_str!("../../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../../migrations/sqlite/0002_accounts.sql"),
    include_str!("../../../migrations/sqlite/0003_arrivals.sql"),
    include_str!("../../../migrations/sqlite/0004_first.sql"),
    include_str!("../../../migrations/sqlite/0005_rounds.sql"),
    include_str!("../../../migrations/sqlite/0006_office.sql"),
    include_str!("../../../migrations/sqlite/0007_finding.sql"),
    STANDINGS,
    include_str!("../../../migrations/sqlite/0009_absences.sql"),
    include_str!("../../../migrations/sqlite/0010_snapshots.sql"),
    include_str!("../../../migrations/sqlite/0011_erasures.sql"),
    include_str!("../../../migrations/sqlite/0012_oversight.sql"),
    include_str!("../../../migrations/sqlite/0013_copies.sql"),
    include_str!("../../../migrations/sqlite/0014_deliveries.sql"),
    include_str!("../../../migrations/sqlite/0015_reading.sql"),
    include_str!("../../../migrations/sqlite/0016_tallies.sql"),
    include_str!("../../../migrations/sqlite/0017_former_names.sql"),
    include_str!("../../../migrations/sqlite/0018_said.sql"),
    include_str!("../../../migrations/sqlite/0019_words.sql"),
];

/// The one that needs more than SQL: what was decided before is read once.
const STANDINGS: &str = include_str!("../../../migrations/sqlite/0008_standings.sql");

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER NOT NULL PRIMARY KEY,
    digest  BLOB    NOT NULL
) STRICT";

/// Applies what is missing, all in one transaction. Two processes that open at once take turns.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Kept<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    sqlx::query(VERSIONS).execute(&mut *connection).await?;
    let applied = applied(connection).await?;
    for (version, sql) in (1i64..).zip(MIGRATIONS).skip(applied) {
        sqlx::raw_sql(sql).execute(&mut *connection).await?;
        if sql == STANDINGS {
            standings::fill(connection).await?;
        }
        sqlx::query("INSERT INTO schema_version (version, digest) VALUES (?1, ?2)")
            .bind(version)
            .bind(digest(sql))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("COMMIT").execute(&mut *connection).await?;
    Ok(())
}

/// How many migrations the file has. They are this build's own, or the file is refused.
async fn applied(connection: &mut SqliteConnection) -> Kept<usize> {
    let rows = sqlx::query("SELECT version, digest FROM schema_version ORDER BY version")
        .fetch_all(&mut *connection)
        .await?;
    for (n, row) in rows.iter().enumerate() {
        let version: i64 = row.try_get(0)?;
        let known = MIGRATIONS.get(n).ok_or_else(|| {
            StoreError::Corrupt(format!("schema version {version} is newer than this build, which knows {n}"))
        })?;
        if version != n as i64 + 1 || row.try_get::<Vec<u8>, _>(1)? != digest(known) {
            return Err(StoreError::Corrupt(format!(
                "schema version {version} is not the one of this build"
            )));
        }
    }
    Ok(rows.len())
}

fn digest(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}
