//! Accounts and sign-ins in memory.

use std::collections::BTreeMap;

use doorstep_protocol::WorkerId;

use super::MemoryStore;
use crate::store::Kept;
use crate::store::accounts::{AccountRow, Accounts, SignInRow};

/// Accounts by login, sign-ins by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    accounts: BTreeMap<String, AccountRow>,
    sign_ins: BTreeMap<[u8; 32], SignInRow>,
}

impl Accounts for MemoryStore {
    async fn account(&self, login: &str) -> Kept<Option<AccountRow>> {
        Ok(self.lock().desk.accounts.get(login).cloned())
    }

    async fn account_of(&self, worker: WorkerId) -> Kept<Option<AccountRow>> {
        Ok(self.lock().desk.accounts.values().find(|row| row.worker == worker).cloned())
    }

    async fn put_account(&self, row: AccountRow) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        if state.desk.accounts.get(&row.login).is_some_and(|known| known.worker != row.worker) {
            return Ok(false);
        }
        state.desk.accounts.retain(|_, known| known.worker != row.worker);
        state.desk.accounts.insert(row.login.clone(), row);
        Ok(true)
    }

    async fn sign_in(&self, id: [u8; 32]) -> Kept<Option<SignInRow>> {
        Ok(self.lock().desk.sign_ins.get(&id).cloned())
    }

    async fn sign_ins(&self, worker: WorkerId) -> Kept<Vec<SignInRow>> {
        let state = self.lock();
        let open = state.desk.sign_ins.values().filter(|row| row.worker == worker && row.ended.is_none());
        let mut rows: Vec<SignInRow> = open.cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.began, row.id)));
        Ok(rows)
    }

    async fn put_sign_in(&self, row: SignInRow) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        state.desk.sign_ins.insert(row.id, row);
        Ok(())
    }
}
