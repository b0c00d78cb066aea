//! Many rows in one INSERT. Its text has one of few lengths, so that the prepared statement is found again.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::store::Kept;

/// Rows per statement, most first. The widest table has 21 columns; SQLite allows 32,766 values.
const LENGTHS: [usize; 4] = [512, 64, 8, 1];

/// The values of one row, as they are bound.
pub(super) type Values<'query> = Separated<'query, Sqlite, &'static str>;

/// Inserts every row, in order: `head` VALUES (…), (…) `tail`. Gives the number of rows written.
pub(super) async fn insert<T>(
    connection: &mut SqliteConnection,
    [head, tail]: [&'static str; 2],
    rows: &[T],
    bind: impl Fn(Values<'_>, &T),
) -> Kept<u64> {
    let (mut rest, mut written) = (rows, 0);
    while let Some(length) = LENGTHS.into_iter().find(|length| *length <= rest.len()) {
        let (now, later) = rest.split_at(length);
        let mut statement = QueryBuilder::<Sqlite>::new(head);
        statement.push_values(now, &bind);
        statement.push(tail);
        written += statement.build().execute(&mut *connection).await?.rows_affected();
        rest = later;
    }
    Ok(written)
}
