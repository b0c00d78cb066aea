//! Which versions a store keeps and from when each is in force.
//!
//! Owns the form in which this is stored: one index, and the text of each version by its digest. Never loads a pack.

use std::collections::BTreeMap;

use doorstep_policy::{Pack, PackFiles};
use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use super::Installed;
use crate::store::{Aside, Kept, Store, StoreError};

pub(super) const INDEX: &str = "policy/index";

/// All versions and activations, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Versions, each once.
    pub versions: Vec<Entry>,
    /// Which version is in force from when; of two at one time, the later entry.
    pub activations: Vec<Activation>,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `name@version`.
    pub id: String,
    /// The district whose cases it decides.
    pub district: String,
    /// Of the rules, units and calendars: what decisions depend on.
    pub digest: String,
    /// When it was let in.
    pub added: Millis,
}

/// A version in force from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// `name@version`.
    pub id: String,
    /// The district.
    pub district: String,
    /// From when.
    pub at: Millis,
    /// When it was asked for.
    pub asked: Millis,
}

impl Index {
    /// What the store has.
    pub async fn read<S: Store>(store: &S) -> Kept<Self> {
        Ok(match store.setting(INDEX).await? {
            Some(text) => serde_json::from_str(&text)?,
            None => Index::default(),
        })
    }

    /// Adds a version. One that is there with the same rules changes nothing; with other rules it is refused.
    pub(super) fn add(&mut self, pack: &Pack, files: &PackFiles, now: Millis) -> Result<(), String> {
        let digest = files.rules_digest();
        if let Some(known) = self.versions.iter().find(|entry| entry.id == pack.id()) {
            return if known.digest == digest { Ok(()) } else { Err(known.id.clone()) };
        }
        let (id, district) = (pack.id().to_owned(), pack.district().to_owned());
        self.versions.push(Entry { id, district, digest, added: now });
        Ok(())
    }

    /// A version that is in force at that time anyway is not put there again: a form may have been sent twice.
    pub(super) fn activate(&mut self, installed: &Installed, now: Millis) {
        let Installed { id, district, at } = installed.clone();
        let before = self.activations.iter().filter(|a| a.district == district && a.at <= at);
        if before.max_by_key(|a| a.at).is_some_and(|last| last.id == id) {
            return;
        }
        self.activations.push(Activation { id, district, at, asked: now });
    }

    /// A version that is still to come does not come. Whether there was one.
    pub(super) fn withdraw(&mut self, id: &str, now: Millis) -> bool {
        let before = self.activations.len();
        self.activations.retain(|a| a.id != id || a.at <= now);
        self.activations.len() < before
    }

    /// Stores the index, and with it the text of a version that is new.
    pub(super) async fn write<S: Store>(&self, store: &S, new: Option<(&Pack, &PackFiles)>) -> Kept<()> {
        let mut asides = Vec::new();
        if let Some((_, files)) = new {
            let value = serde_json::to_string(&files.0)?;
            asides.push(Aside::Setting { key: key(&files.rules_digest()), value });
        }
        asides.push(Aside::Setting { key: INDEX.into(), value: serde_json::to_string(self)? });
        store.write(asides).await
    }
}

/// The text of a version.
pub(super) async fn files<S: Store>(store: &S, digest: &str) -> Kept<PackFiles> {
    let text = store.setting(&key(digest)).await?;
    let text = text.ok_or_else(|| StoreError::Corrupt(format!("the text of policy {digest} is gone")))?;
    Ok(PackFiles(serde_json::from_str::<BTreeMap<String, String>>(&text)?))
}

fn key(digest: &str) -> String {
    format!("policy/files/{digest}")
}
