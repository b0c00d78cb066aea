//! Which backups were made of a store and what became of each, and the wish for another.
//!
//! Owns the record. The copying is done by whoever has the data folder: `doorstep backup`, or the running server for
//! somebody at the desk. What is kept here is numbers and the place; a backup itself is never opened for this page.

use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::pipeline::{Centre, DeskError};
use crate::store::{Aside, Kept, Person, Store};

const TAKEN: &str = "backup/taken";
const ASKED: &str = "backup/asked";

/// Why there is no backup although one was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The server ended before it was done.
    Interrupted,
    /// So many lie there already; somebody moves them away first.
    Full,
    /// The copy could not be written or read.
    Disk,
}

impl Why {
    /// As it ends the names of strings.
    pub fn name(self) -> &'static str {
        match self {
            Why::Interrupted => "interrupted",
            Why::Full => "full",
            Why::Disk => "disk",
        }
    }
}

/// A backup that was made, or that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// When it began: what was accepted before is in it.
    pub at: Millis,
    /// Who asked at the desk; nobody for `doorstep backup`.
    pub by: Option<WorkerId>,
    /// The file. Empty where there is none.
    pub file: String,
    /// Bytes of the database.
    pub bytes: u64,
    /// Attachments that went with it.
    pub files: u64,
    /// Attachments that had arrived and were not there.
    pub missing: u64,
    /// The invariants hold in the copy.
    pub verified: bool,
    /// How long it took.
    pub took_ms: i64,
    /// Why there is none.
    pub failed: Option<Why>,
}

impl Taken {
    /// One that came to nothing.
    pub fn failed(asked: &Asked, why: Why) -> Self {
        Taken {
            at: asked.begun.unwrap_or(asked.at),
            by: Some(asked.by),
            file: String::new(),
            bytes: 0,
            files: 0,
            missing: 0,
            verified: false,
            took_ms: 0,
            failed: Some(why),
        }
    }

    /// It can be relied on: whole, checked, and every attachment with it.
    pub fn is_good(&self) -> bool {
        self.failed.is_none() && self.verified && self.missing == 0
    }
}

/// Somebody's wish for a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When.
    pub at: Millis,
    /// Who.
    pub by: WorkerId,
    /// Since when it is being made.
    pub begun: Option<Millis>,
}

/// What was made, the newest first.
pub async fn taken<S: Store>(store: &S) -> Kept<Vec<Taken>> {
    let text = store.setting(TAKEN).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// What is wished for or being made.
pub async fn asked<S: Store>(store: &S) -> Kept<Option<Asked>> {
    let text = store.setting(ASKED).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// The wish as a setting; none takes it away.
pub fn wish(asked: Option<&Asked>) -> Aside {
    let value = asked.and_then(|asked| serde_json::to_string(asked).ok()).unwrap_or_default();
    Aside::Setting { key: ASKED.into(), value }
}

/// Writes down what became of a backup. One that somebody wished for is not wished for any more.
pub async fn record<S: Store>(store: &S, row: Taken) -> Kept<()> {
    let mut all = taken(store).await?;
    let fulfilled = row.by.is_some();
    all.insert(0, row);
    all.truncate(limits::BACKUPS_TOLD);
    let mut writes = vec![Aside::Setting { key: TAKEN.into(), value: serde_json::to_string(&all)? }];
    writes.extend(fulfilled.then(|| wish(None)));
    store.write(writes).await
}

impl<S: Store> Centre<S> {
    /// Somebody wishes for a backup. The server makes it beside the requests.
    pub async fn ask_backup(&self, me: &Person) -> Result<(), DeskError> {
        if !authorize(me, Wish::Administer, None) {
            return Err(DeskError::NotFound);
        }
        if asked(&**self.store()).await?.is_some() {
            let message = "a backup is being made already".to_owned();
            return Err(DeskError::Refused { code: "backup.asked".into(), message });
        }
        let wished = Asked { at: self.now(), by: me.worker, begun: None };
        self.store().write(vec![wish(Some(&wished))]).await?;
        self.note(me, ("backup.ask", None, "", "")).await?;
        Ok(())
    }
}
