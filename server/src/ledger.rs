//! The erasure ledger: a file of one line an erasure, beside the database and beside every backup, so that what was erased
//! is erased again after a restore. Holds ids, hashes, times and numbers of requests; nothing that was said.
//!
//! Written before the database is, and synced: an erasure that was interrupted is carried out when the server next starts.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::store::erasures::ErasureRow;
use crate::store::{Aside, Kept, Store};

/// Backups that were made of a store: a list of paths.
const BACKUPS: &str = "backup/made";
/// Backups that are remembered; older ones are somebody else's to know.
const MOST_BACKUPS: usize = 512;

/// Why the ledger cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, std::io::Error),
    /// A line does not read.
    #[error("{0}, line {1}, does not read")]
    Line(PathBuf, usize),
}

/// A ledger file.
#[derive(Clone, Debug)]
pub struct Ledger(PathBuf);

impl Ledger {
    /// The ledger of a data folder.
    pub fn of(data: &Path) -> Self {
        Ledger(data.join("erasures.jsonl"))
    }

    /// The ledger beside a backup.
    pub fn beside(backup: &Path) -> Self {
        let mut name = backup.as_os_str().to_owned();
        name.push(".erasures.jsonl");
        Ledger(name.into())
    }

    /// A ledger somewhere else.
    pub fn at(path: &Path) -> Self {
        Ledger(path.to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn disk(&self) -> impl Fn(std::io::Error) -> LedgerError + '_ {
        |error| LedgerError::Disk(self.0.clone(), error)
    }

    /// All erasures; none where there is no file. A last line without an end was never finished, and counts as none.
    pub fn read(&self) -> Result<Vec<ErasureRow>, LedgerError> {
        let mut text = String::new();
        match File::open(&self.0).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.disk()(error)),
        }
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let line = |(n, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|_| LedgerError::Line(self.0.clone(), n + 1))
        };
        whole.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(line).collect()
    }

    /// Adds erasures that are not in it. Returns when they are on the disk.
    pub fn add(&self, rows: &[ErasureRow]) -> Result<(), LedgerError> {
        let known = self.read()?;
        let new: Vec<&ErasureRow> =
            rows.iter().filter(|row| known.iter().all(|known| known.document != row.document)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut file =
            OpenOptions::new().create(true).append(true).read(true).open(&self.0).map_err(self.disk())?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(self.disk())?;
        // What an interrupted writer left behind the last whole line is not there.
        let whole = text.rfind('\n').map_or(0, |end| end as u64 + 1);
        file.set_len(whole).map_err(self.disk())?;
        let mut lines = String::new();
        for row in new {
            lines.push_str(&serde_json::to_string(row).expect("ids and numbers always serialise"));
            lines.push('\n');
        }
        file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).map_err(self.disk())?;
        let folder =
            self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(self.disk())
    }
}

/// A backup from before an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file. It holds what was erased until somebody deletes it.
    pub file: PathBuf,
    /// Whether the ledger beside it has the erasure now: a restore of it erases again.
    pub noted: bool,
}

async fn backups<S: Store>(store: &S) -> Kept<Vec<PathBuf>> {
    let text = store.setting(BACKUPS).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Remembers where a backup was written, so that later erasures are noted beside it.
pub async fn remember_backup<S: Store>(store: &S, file: &Path) -> Kept<()> {
    let mut made = backups(store).await?;
    made.retain(|known| known != file);
    made.push(file.to_owned());
    let older = made.len().saturating_sub(MOST_BACKUPS);
    let value = serde_json::to_string(&made[older..])?;
    store.write(vec![Aside::Setting { key: BACKUPS.into(), value }]).await
}

/// Notes an erasure beside every backup that is still where it was written.
pub async fn tell_backups<S: Store>(store: &S, row: &ErasureRow) -> Kept<Vec<Backup>> {
    let made = backups(store).await?.into_iter().filter(|file| file.exists());
    let told = made.map(|file| {
        let noted = Ledger::beside(&file).add(std::slice::from_ref(row));
        if let Err(error) = &noted {
            tracing::error!(file = %file.display(), %error, "an erasure could not be noted beside a backup");
        }
        Backup { noted: noted.is_ok(), file }
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests {
    use doorstep_protocol::documents::Kind;
    use doorstep_protocol::{DocumentId, Hash, WorkerId};

    use super::{ErasureRow, Ledger};

    fn row(n: u8) -> ErasureRow {
        ErasureRow {
            document: DocumentId::v7(1, [n; 10]),
            district: "511902".into(),
            kind: Kind::Case,
            successor: DocumentId::v7(2, [n; 10]),
            at: 5,
            by: WorkerId(1),
            reason: "2026-17".into(),
            changes: vec![Hash([n; 32])],
        }
    }

    #[test]
    fn a_line_that_was_never_finished_counts_as_none_and_one_that_rots_is_named() {
        let folder = std::env::temp_dir().join(format!("doorstep-ledger-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let ledger = Ledger::of(&folder);
        assert_eq!(ledger.read().expect("no file"), []);
        ledger.add(&[row(1)]).expect("written");
        let whole = std::fs::read_to_string(ledger.path()).expect("reads");
        std::fs::write(ledger.path(), format!("{whole}{{\"document\":\"01")).expect("torn");
        assert_eq!(ledger.read().expect("reads"), [row(1)]);
        ledger.add(&[row(1), row(2)]).expect("written");
        assert_eq!(ledger.read().expect("reads"), [row(1), row(2)], "each once, the torn line gone");
        let text = std::fs::read_to_string(ledger.path()).expect("reads").replace("511902", "\u{0}");
        std::fs::write(ledger.path(), text.replace("{\"document", "{rot")).expect("rotten");
        assert!(ledger.read().expect_err("rot is not silence").to_string().contains("line 1"));
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
