//! Changes a second from a WebSocket to durable acks, beside the raw group-commit rate of SQLite for the same
//! bytes on the same disk.

use std::path::Path;
use std::time::{Duration, Instant};

use doorstep_protocol::documents::Edit;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite};

use super::reconnect::author;
use super::{Made, Row};
use crate::play::process::{Binaries, Device, Scratch, Serve, Server};

const CASES: usize = 400;
/// Changes of each case, genesis included.
const CHANGES: usize = 10;
/// Rows of one raw commit, as in the server's group commit.
const GROUP: usize = 512;

pub(super) fn rows() -> Result<Vec<Row>, String> {
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-ingest")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1H".into()), ..Serve::default() };
    let server = Server::start(&binaries, &serve)?;
    let mut author = author(&server, Device::at(&binaries, scratch.path("author.sqlite")))?;
    let mut cases: Vec<Made> = Vec::with_capacity(CASES);
    for _ in 0..CASES {
        let mut case = author.make("511902105238")?;
        for n in 2..CHANGES {
            let item = format!("第 {n} 次查看：水位又降了，果园还没有水");
            author.edit(&mut case, &[Edit::Append { field: "log".into(), item }])?;
        }
        cases.push(case);
    }
    let chunks: Vec<Vec<u8>> = cases.iter().flat_map(|case| case.changes.clone()).collect();
    let from = Instant::now();
    let sent = author.send(&mut cases)?;
    let ingested = rate(sent, from.elapsed());
    let raw = raw(&scratch.path("raw.sqlite"), &chunks)?;
    Ok(vec![Row::new("ingest over one WebSocket, acknowledged", (ingested, "changes/s"), raw)])
}

fn rate(count: usize, took: Duration) -> f64 {
    (count as f64 / took.as_secs_f64()).round()
}

/// The same bytes, 512 rows a commit, WAL with full synchronisation, nothing else done.
fn raw(path: &Path, chunks: &[Vec<u8>]) -> Result<f64, String> {
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
        sqlx::query("CREATE TABLE change (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
            .execute(&mut connection)
            .await?;
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
    Ok(rate(chunks.len(), took.map_err(|error| error.to_string())?))
}
