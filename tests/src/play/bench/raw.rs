//! The ceiling that ingest is held against: the same bytes in one SQLite file on the same disk, and nothing else done.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite};

/// Rows of one raw commit, as in the server's group commit.
const GROUP: usize = 512;

/// Rows a second: one row a change, 512 a transaction in one statement, WAL with full synchronisation.
pub(super) fn rate(path: &Path, chunks: &[Vec<u8>]) -> Result<f64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let took = runtime.block_on(async {
        let mut connection = options.connect().await?;
        let table = "CREATE TABLE IF NOT EXISTS change (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";
        sqlx::query(table).execute(&mut connection).await?;
        let from = Instant::now();
        for group in chunks.chunks(GROUP) {
            let mut transaction = connection.begin().await?;
            let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO change (bytes) ");
            query.push_values(group, |mut row, chunk| {
                row.push_bind(chunk.as_slice());
            });
            query.build().execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        Ok::<_, sqlx::Error>(from.elapsed())
    });
    Ok(per_second(chunks.len(), took.map_err(|error| error.to_string())?))
}

fn per_second(count: usize, took: Duration) -> f64 {
    (count as f64 / took.as_secs_f64()).round()
}
