//! The packs of a centre: every version that was ever let in, and which is in force when.
//!
//! Owns installing, activating and reading them back. A version's text is kept for good, so that a decision can be
//! replayed by the rules that made it; activating an earlier version again is a rollback. Never moves a standing
//! decision: that is a migration, and somebody asks for it.

mod book;
mod index;

pub use book::{Packs, Version};
pub use index::{Activation, Entry, Index};

use doorstep_policy::{Pack, PackFiles, Problem};
use doorstep_protocol::ids::Millis;

use crate::store::{Kept, Store, StoreError};

/// Why a pack was not let in. What is in force stays in force.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The pack has problems; each says where and what to do.
    #[error("the pack has {} problems", .0.len())]
    Bad(Vec<Problem>),
    /// This version is known with other rules: decisions that name it would no longer replay.
    #[error("{0} was let in before with other rules")]
    Taken(String),
    /// Nobody has let in this version.
    #[error("there is no version {0}")]
    Unknown(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A version that was let in, and from when it decides new cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// `name@version`.
    pub id: String,
    /// The district whose cases it decides.
    pub district: String,
    /// From when new cases are decided by it.
    pub at: Millis,
}

/// The text of a version that was let in.
pub async fn text<S: Store>(store: &S, id: &str) -> Kept<Option<PackFiles>> {
    let index = Index::read(store).await?;
    match index.versions.iter().find(|entry| entry.id == id) {
        Some(entry) => index::files(store, &entry.digest).await.map(Some),
        None => Ok(None),
    }
}

/// Checks a pack, keeps it, and puts it in force at a time: not before its own `effective_from`, and not before now.
pub async fn install<S: Store>(
    store: &S,
    files: &PackFiles,
    at: Option<Millis>,
    now: Millis,
) -> Result<Installed, PolicyError> {
    let problems = doorstep_policy::check(files);
    if !problems.is_empty() {
        return Err(PolicyError::Bad(problems));
    }
    let pack = Pack::load(files).map_err(PolicyError::Bad)?;
    let mut index = Index::read(store).await?;
    index.add(&pack, files, now).map_err(PolicyError::Taken)?;
    let at = at.unwrap_or(now).max(pack.effective_from().as_millisecond());
    let installed = Installed { id: pack.id().to_owned(), district: pack.district().to_owned(), at };
    index.activate(&installed, now);
    index.write(store, Some((&pack, files))).await?;
    Ok(installed)
}

/// Puts a version that is known in force from a time on: a rollback where it is an earlier one.
pub async fn activate<S: Store>(
    store: &S,
    id: &str,
    at: Option<Millis>,
    now: Millis,
) -> Result<Installed, PolicyError> {
    let mut index = Index::read(store).await?;
    let entry = index.versions.iter().find(|entry| entry.id == id);
    let district =
        entry.map(|entry| entry.district.clone()).ok_or_else(|| PolicyError::Unknown(id.to_owned()))?;
    let installed = Installed { id: id.to_owned(), district, at: at.unwrap_or(now) };
    index.activate(&installed, now);
    index.write(store, None).await?;
    Ok(installed)
}

/// Takes a version that is still to come off the schedule: what is in force then stays so. It stays known. False: it is not
/// to come.
pub async fn withdraw<S: Store>(store: &S, id: &str, now: Millis) -> Result<bool, PolicyError> {
    let mut index = Index::read(store).await?;
    let withdrawn = index.withdraw(id, now);
    if withdrawn {
        index.write(store, None).await?;
    }
    Ok(withdrawn)
}

/// What a server starts with: packs that are new to the store are let in as they load, from their `effective_from`;
/// a version that the store knows with other rules stays as the store knows it. Returns the ids of those.
pub async fn begin<S: Store>(
    store: &S,
    given: &[PackFiles],
    now: Millis,
) -> Result<Vec<String>, PolicyError> {
    let mut kept = Vec::new();
    for files in given {
        let pack = Pack::load(files).map_err(PolicyError::Bad)?;
        let mut index = Index::read(store).await?;
        let known = index.versions.iter().any(|entry| entry.id == pack.id());
        if let Err(id) = index.add(&pack, files, now) {
            kept.push(id);
            continue;
        }
        if !known {
            let effective = pack.effective_from().as_millisecond();
            let first = !index.activations.iter().any(|a| a.district == pack.district());
            let at = if first { effective } else { effective.max(now) };
            let (id, district) = (pack.id().to_owned(), pack.district().to_owned());
            index.activate(&Installed { id, district, at }, now);
            index.write(store, Some((&pack, files))).await?;
        }
    }
    Ok(kept)
}

/// The packs as the store knows them; `None` where nobody has let one in yet.
pub async fn load<S: Store>(store: &S) -> Kept<Option<Packs>> {
    let index = Index::read(store).await?;
    let mut versions = Vec::new();
    for entry in &index.versions {
        let files = index::files(store, &entry.digest).await?;
        let pack = Pack::load(&files).map_err(|problems| {
            let first = problems.first().map_or("", |problem| problem.message.as_str());
            StoreError::Corrupt(format!("policy {}: this build does not read it: {first}", entry.id))
        })?;
        versions.push(pack);
    }
    Ok((!versions.is_empty()).then(|| Packs::scheduled(versions, &index.activations)))
}

/// The text of the index: it differs exactly when there is something new to load.
pub async fn mark<S: Store>(store: &S) -> Kept<Option<String>> {
    store.setting(index::INDEX).await
}

/// Reads a folder again: a version that the store does not know is installed; one that it knows changes nothing.
pub async fn renew<S: Store>(
    store: &S,
    files: &PackFiles,
    now: Millis,
) -> Result<Option<Installed>, PolicyError> {
    if let Ok(pack) = Pack::load(files) {
        let mut index = Index::read(store).await?;
        let known = index.versions.iter().any(|entry| entry.id == pack.id());
        index.add(&pack, files, now).map_err(PolicyError::Taken)?;
        if known {
            return Ok(None);
        }
    }
    install(store, files, None, now).await.map(Some)
}
