//! Accounts of the desk and who is signed in: what is kept of them, and the trait through which it is kept.
//!
//! Passwords are here as hashes only, and a sign-in by the hash of its cookie: whoever reads the database can be
//! nobody with what is in it.

use std::future::Future;

use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;

use super::group::GroupCommit;
use super::{Kept, Store};

/// A local account: one for each person who works at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// What the person types, in lower case.
    pub login: String,
    /// The person.
    pub worker: WorkerId,
    /// The password's argon2id hash in PHC form.
    pub hash: String,
    /// When the person chose the password; `None` while it is the one they were given.
    pub chosen: Option<Millis>,
    /// Wrong passwords since the last right one.
    pub failed: u32,
    /// Until when no password is looked at.
    pub locked: Option<Millis>,
}

/// A person signed in with a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRow {
    /// SHA-256 of the cookie.
    pub id: [u8; 32],
    /// The person.
    pub worker: WorkerId,
    /// When it began.
    pub began: Millis,
    /// When it was last used, to within some minutes.
    pub seen: Millis,
    /// When it was ended.
    pub ended: Option<Millis>,
    /// What the browser calls itself, cut short.
    pub browser: String,
}

/// Keeps accounts and sign-ins. Each call is one durable write or one read.
pub trait Accounts: Send + Sync + 'static {
    /// The account of a login.
    fn account(&self, login: &str) -> impl Future<Output = Kept<Option<AccountRow>>> + Send;

    /// The account of a person.
    fn account_of(&self, worker: WorkerId) -> impl Future<Output = Kept<Option<AccountRow>>> + Send;

    /// Adds or replaces a person's account. False if the login is another person's.
    fn put_account(&self, row: AccountRow) -> impl Future<Output = Kept<bool>> + Send;

    /// A sign-in.
    fn sign_in(&self, id: [u8; 32]) -> impl Future<Output = Kept<Option<SignInRow>>> + Send;

    /// The sign-ins of a person that have not been ended, latest first.
    fn sign_ins(&self, worker: WorkerId) -> impl Future<Output = Kept<Vec<SignInRow>>> + Send;

    /// Adds or replaces a sign-in.
    fn put_sign_in(&self, row: SignInRow) -> impl Future<Output = Kept<()>> + Send;
}

impl<S: Store> Accounts for GroupCommit<S> {
    async fn account(&self, login: &str) -> Kept<Option<AccountRow>> {
        self.inner().account(login).await
    }

    async fn account_of(&self, worker: WorkerId) -> Kept<Option<AccountRow>> {
        self.inner().account_of(worker).await
    }

    async fn put_account(&self, row: AccountRow) -> Kept<bool> {
        self.inner().put_account(row).await
    }

    async fn sign_in(&self, id: [u8; 32]) -> Kept<Option<SignInRow>> {
        self.inner().sign_in(id).await
    }

    async fn sign_ins(&self, worker: WorkerId) -> Kept<Vec<SignInRow>> {
        self.inner().sign_ins(worker).await
    }

    async fn put_sign_in(&self, row: SignInRow) -> Kept<()> {
        self.inner().put_sign_in(row).await
    }
}
