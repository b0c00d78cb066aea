//! Accounts of the desk: passwords, lockout, and who is signed in with which browser.
//!
//! A wrong login, a wrong password and a locked account are answered alike and take as long. Never logs a login.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64URL_NOPAD;
use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::clock::{Source, random};
use crate::limits;
use crate::store::accounts::{AccountRow, SignInRow};
use crate::store::{Kept, Person, Store, StoreError};

/// Begins the cookie of a sign-in, so that it is not taken for a bearer token.
const MARK: &str = "s.";
/// Letters and digits that are not mistaken for one another.
const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz-";
/// Hashes are made one after the other: each takes a core and 19 MiB.
static TURN: Semaphore = Semaphore::const_new(1);

/// Why a password or a login was not taken. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not 1 to 64 letters, digits and `._@-`.
    #[error("a login has 1 to 64 letters, digits and the characters . _ @ -")]
    Login,
    /// The login is another person's.
    #[error("this login is another person's")]
    Taken,
    /// Fewer characters than [`limits::MIN_PASSWORD_CHARS`], or more than [`limits::MAX_PASSWORD_CHARS`].
    #[error("a password has 10 to 128 characters")]
    Length,
    /// It is the login, or one character over and over.
    #[error("this password is guessed at once")]
    Guessable,
    /// It is the one that is replaced.
    #[error("this is the password that you have")]
    Same,
}

/// Why something about an account was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// What was given does not do.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Wrong login, wrong password, or locked: they look alike.
    #[error("login and password do not belong together, or the account is locked for a while")]
    Wrong,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// What the browser keeps.
    pub cookie: String,
    /// Who it is.
    pub worker: WorkerId,
}

/// Whose sign-in a cookie is.
#[derive(Clone, Debug)]
pub struct Found {
    /// The person.
    pub worker: WorkerId,
    /// They still have the password that they were given, and must choose one first.
    pub password_due: bool,
}

/// Gives a person an account, or a new password for the one they have, and returns that password. They choose their
/// own at the next sign-in; whoever was signed in as them is signed out.
pub async fn give<S: Store>(
    store: &S,
    person: &Person,
    login: &str,
    (now, source): (Millis, &dyn Source),
) -> Result<String, AccountError> {
    let login = canonical(login)?;
    let password: String =
        random::<16>(source).iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let hash = hashed(password.clone(), random::<16>(source)).await?;
    let row = AccountRow { login, worker: person.worker, hash, chosen: None, failed: 0, locked: None };
    if !store.put_account(row).await? {
        return Err(Unfit::Taken.into());
    }
    end_others(store, person.worker, None, now).await?;
    Ok(password)
}

/// Signs somebody in.
pub async fn sign_in<S: Store>(
    store: &S,
    (login, password, browser): (&str, String, &str),
    (now, source): (Millis, &dyn Source),
) -> Result<SignIn, AccountError> {
    let login = canonical(login).map_err(|_| AccountError::Wrong);
    // One at a time from here on, so that guesses sent at once are counted one by one.
    let _turn = TURN.acquire().await.map_err(|error| StoreError::Failed(error.to_string()))?;
    let account = match &login {
        Ok(login) => store.account(login).await?,
        Err(_) => None,
    };
    let open = account.filter(|account| account.locked.is_none_or(|until| until <= now));
    let hash = open.as_ref().map_or_else(nobodys, |account| account.hash.clone());
    let right = verified(password, hash).await?;
    let Some(account) = open else { return Err(AccountError::Wrong) };
    if !right {
        let failed = account.failed.saturating_add(1);
        let locked = (failed >= limits::WRONG_PASSWORDS).then_some(now + limits::LOCKED_MS);
        store.put_account(AccountRow { failed, locked, ..account }).await?;
        return Err(AccountError::Wrong);
    }
    let worker = account.worker;
    if account.failed > 0 {
        store.put_account(AccountRow { failed: 0, locked: None, ..account }).await?;
    }
    let secret = BASE64URL_NOPAD.encode(&random::<32>(source));
    let cookie = format!("{MARK}{secret}");
    let browser = browser.chars().filter(|c| !c.is_control()).take(limits::BROWSER_CHARS).collect();
    let row = SignInRow { id: id_of(&cookie), worker, began: now, seen: now, ended: None, browser };
    store.put_sign_in(row).await?;
    Ok(SignIn { cookie, worker })
}

/// Whose cookie it is, if it is one and its sign-in has neither been ended nor run out.
pub async fn of_cookie<S: Store>(store: &S, cookie: &str, now: Millis) -> Kept<Option<Found>> {
    if !cookie.starts_with(MARK) {
        return Ok(None);
    }
    let Some(row) = store.sign_in(id_of(cookie)).await?.filter(|row| lives(row, now)) else {
        return Ok(None);
    };
    let Some(account) = store.account_of(row.worker).await? else { return Ok(None) };
    if now - row.seen > limits::SIGN_IN_SEEN_MS {
        store.put_sign_in(SignInRow { seen: now, ..row.clone() }).await?;
    }
    Ok(Some(Found { worker: row.worker, password_due: account.chosen.is_none() }))
}

/// Whether a sign-in is good: not ended, not too old, not left alone for too long.
pub fn lives(row: &SignInRow, now: Millis) -> bool {
    row.ended.is_none() && now - row.began < limits::TOKEN_LIFE_MS && now - row.seen < limits::SIGN_IN_IDLE_MS
}

/// Ends one sign-in of a person; by its cookie or by its id.
pub async fn end<S: Store>(store: &S, worker: WorkerId, id: [u8; 32], now: Millis) -> Kept<bool> {
    let row = store.sign_in(id).await?.filter(|row| row.worker == worker && row.ended.is_none());
    let Some(row) = row else { return Ok(false) };
    store.put_sign_in(SignInRow { ended: Some(now), ..row }).await?;
    Ok(true)
}

/// A person chooses a new password. Every other browser that was signed in as them is signed out.
pub async fn choose<S: Store>(
    store: &S,
    (worker, cookie): (WorkerId, &str),
    (old, new): (String, String),
    (now, source): (Millis, &dyn Source),
) -> Result<(), AccountError> {
    let _turn = TURN.acquire().await.map_err(|error| StoreError::Failed(error.to_string()))?;
    let account = store.account_of(worker).await?.ok_or(AccountError::Wrong)?;
    if !verified(old.clone(), account.hash.clone()).await? {
        return Err(AccountError::Wrong);
    }
    fits(&new, &account.login)?;
    if new == old {
        return Err(Unfit::Same.into());
    }
    let hash = hashed(new, random::<16>(source)).await?;
    store.put_account(AccountRow { hash, chosen: Some(now), failed: 0, locked: None, ..account }).await?;
    end_others(store, worker, Some(id_of(cookie)), now).await?;
    Ok(())
}

/// The id under which a cookie's sign-in is kept.
pub fn id_of(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

async fn end_others<S: Store>(store: &S, worker: WorkerId, but: Option<[u8; 32]>, now: Millis) -> Kept<()> {
    for row in store.sign_ins(worker).await? {
        if Some(row.id) != but {
            store.put_sign_in(SignInRow { ended: Some(now), ..row }).await?;
        }
    }
    Ok(())
}

fn canonical(login: &str) -> Result<String, Unfit> {
    let login = login.trim().to_lowercase();
    let fits = |c: char| c.is_alphanumeric() || "._@-".contains(c);
    let length = login.chars().count();
    if (1..=64).contains(&length) && login.chars().all(fits) { Ok(login) } else { Err(Unfit::Login) }
}

fn fits(password: &str, login: &str) -> Result<(), Unfit> {
    let length = password.chars().count();
    if !(limits::MIN_PASSWORD_CHARS..=limits::MAX_PASSWORD_CHARS).contains(&length) {
        return Err(Unfit::Length);
    }
    let first = password.chars().next();
    if password.to_lowercase().contains(login) || password.chars().all(|c| Some(c) == first) {
        return Err(Unfit::Guessable);
    }
    Ok(())
}

/// argon2id with 19 MiB, two passes, one lane: the least that OWASP's password storage sheet asks for.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("constants within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

async fn hashed(password: String, salt: [u8; 16]) -> Kept<String> {
    let hash =
        move || argon2().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string());
    let done = tokio::task::spawn_blocking(hash).await;
    let failed = |error: String| StoreError::Failed(format!("a password could not be hashed: {error}"));
    done.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
}

async fn verified(password: String, hash: String) -> Kept<bool> {
    if password.chars().count() > limits::MAX_PASSWORD_CHARS {
        return Ok(false);
    }
    let verify = move || {
        let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
        Ok(argon2().verify_password(password.as_bytes(), &hash).is_ok())
    };
    let done: Result<bool, String> = match tokio::task::spawn_blocking(verify).await {
        Ok(done) => done,
        Err(error) => Err(error.to_string()),
    };
    done.map_err(|error| StoreError::Corrupt(format!("a stored password hash does not read: {error}")))
}

/// The hash of no password, which takes as long to look at as anybody's.
fn nobodys() -> String {
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into()
}

#[cfg(test)]
mod tests;
