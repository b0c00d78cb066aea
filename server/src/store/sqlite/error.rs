//! What SQLite's errors mean to a caller: try again, or somebody must look.

use crate::store::StoreError;

/// Primary result codes that say that the file itself is damaged (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
const DAMAGED: [i32; 2] = [11, 26];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                StoreError::Corrupt(text)
            }
            sqlx::Error::Database(error) => {
                // An extended code carries its primary code in the lowest byte.
                let code = error.code().and_then(|code| code.parse::<i32>().ok());
                if code.is_some_and(|code| DAMAGED.contains(&(code & 0xff))) {
                    StoreError::Corrupt(text)
                } else {
                    StoreError::Failed(text)
                }
            }
            _ => StoreError::Failed(text),
        }
    }
}
