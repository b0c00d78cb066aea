//! Accounts and sign-ins in SQLite.

use doorstep_protocol::WorkerId;

use super::SqliteStore;
use super::columns::{Columns, each, one};
use crate::store::Kept;
use crate::store::accounts::{AccountRow, Accounts, SignInRow};

fn read_account(columns: &mut Columns<'_>) -> Kept<AccountRow> {
    Ok(AccountRow {
        login: columns.take()?,
        worker: columns.worker()?,
        hash: columns.take()?,
        chosen: columns.take()?,
        failed: columns.take()?,
        locked: columns.take()?,
    })
}

fn read_sign_in(columns: &mut Columns<'_>) -> Kept<SignInRow> {
    Ok(SignInRow {
        id: columns.bytes()?,
        worker: columns.worker()?,
        began: columns.take()?,
        seen: columns.take()?,
        ended: columns.take()?,
        browser: columns.take()?,
    })
}

impl Accounts for SqliteStore {
    async fn account(&self, login: &str) -> Kept<Option<AccountRow>> {
        let row =
            sqlx::query("SELECT login, worker, hash, chosen, failed, locked FROM accounts WHERE login = ?1")
                .bind(login)
                .fetch_optional(&self.readers)
                .await?;
        one(row.as_ref(), read_account)
    }

    async fn account_of(&self, worker: WorkerId) -> Kept<Option<AccountRow>> {
        let row =
            sqlx::query("SELECT login, worker, hash, chosen, failed, locked FROM accounts WHERE worker = ?1")
                .bind(worker.0)
                .fetch_optional(&self.readers)
                .await?;
        one(row.as_ref(), read_account)
    }

    async fn put_account(&self, row: AccountRow) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let others = sqlx::query("SELECT 1 FROM accounts WHERE login = ?1 AND worker <> ?2")
            .bind(&row.login)
            .bind(row.worker.0)
            .fetch_optional(&mut writing.connection)
            .await?;
        if others.is_some() {
            return Ok(false);
        }
        // Replaces the person's account under an earlier login, too: a person has one.
        sqlx::query(
            "INSERT OR REPLACE INTO accounts (login, worker, hash, chosen, failed, locked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(&row.login)
        .bind(row.worker.0)
        .bind(&row.hash)
        .bind(row.chosen)
        .bind(row.failed)
        .bind(row.locked)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(true)
    }

    async fn sign_in(&self, id: [u8; 32]) -> Kept<Option<SignInRow>> {
        let row = sqlx::query("SELECT id, worker, began, seen, ended, browser FROM sign_ins WHERE id = ?1")
            .bind(&id[..])
            .fetch_optional(&self.readers)
            .await?;
        one(row.as_ref(), read_sign_in)
    }

    async fn sign_ins(&self, worker: WorkerId) -> Kept<Vec<SignInRow>> {
        let rows = sqlx::query(
            "SELECT id, worker, began, seen, ended, browser FROM sign_ins
             WHERE worker = ?1 AND ended IS NULL ORDER BY began DESC, id DESC",
        )
        .bind(worker.0)
        .fetch_all(&self.readers)
        .await?;
        each(&rows, read_sign_in)
    }

    async fn put_sign_in(&self, row: SignInRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO sign_ins (id, worker, began, seen, ended, browser)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(&row.id[..])
        .bind(row.worker.0)
        .bind(row.began)
        .bind(row.seen)
        .bind(row.ended)
        .bind(&row.browser)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }
}
