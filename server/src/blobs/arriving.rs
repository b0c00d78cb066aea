//! Uploads under way: a file each, named by device, document and hash, appended to and nothing else.
//!
//! Its length is the offset at which the device goes on. One writer at a time; what is not gone on with lapses.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::{BlobError, Blobs};

/// Which upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Who sends it.
    pub device: DeviceId,
    /// For which document.
    pub document: DocumentId,
    /// What it is to be.
    pub hash: Hash,
}

impl Name {
    fn file(self) -> String {
        format!("{}_{}_{}", self.device, self.document, self.hash)
    }

    fn read(file: &str) -> Option<Self> {
        let mut parts = file.split('_');
        let mut next = || parts.next();
        Some(Name {
            device: next()?.parse().ok()?,
            document: next()?.parse().ok()?,
            hash: next()?.parse().ok()?,
        })
    }
}

/// The one writer of an upload. Others are turned away until it is dropped.
#[derive(Debug)]
pub struct Arriving {
    name: Name,
    path: PathBuf,
    busy: Arc<Mutex<BTreeSet<Name>>>,
    file: Option<File>,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl Arriving {
    /// Bytes that are here; `None` before it was begun.
    pub async fn offset(&self) -> Result<Option<u64>, BlobError> {
        match tokio::fs::metadata(&self.path).await {
            Ok(meta) => Ok(Some(meta.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins it with nothing in it. What is there already stays.
    pub async fn begin(&self) -> Result<(), BlobError> {
        File::options().create(true).append(true).open(&self.path).await?;
        Ok(())
    }

    /// Appends.
    pub async fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::options().append(true).open(&self.path).await?),
        };
        Ok(file.write_all(bytes).await?)
    }

    /// What was appended is on the disk when this returns.
    pub async fn sync(&mut self) -> Result<(), BlobError> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
            file.sync_data().await?;
        }
        Ok(())
    }

    /// All that is here.
    pub async fn read(&self) -> Result<Vec<u8>, BlobError> {
        Ok(tokio::fs::read(&self.path).await?)
    }

    /// Drops it.
    pub async fn remove(&mut self) -> Result<(), BlobError> {
        self.file = None;
        match tokio::fs::remove_file(&self.path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Blobs {
    /// Becomes the one writer of an upload; `None` if somebody is.
    pub fn claim(&self, name: Name) -> Option<Arriving> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.arriving.join(name.file());
        busy.insert(name).then(|| Arriving { name, path, busy: Arc::clone(&self.busy), file: None })
    }

    /// Uploads under way, with their bytes and when each was last written to.
    async fn under_way(&self) -> Result<Vec<(Name, u64, SystemTime)>, BlobError> {
        let mut entries = tokio::fs::read_dir(&self.arriving).await?;
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let Some(name) = entry.file_name().to_str().and_then(Name::read) else { continue };
            // One that ended meanwhile is not under way.
            let Ok(meta) = entry.metadata().await else { continue };
            found.push((name, meta.len(), meta.modified()?));
        }
        Ok(found)
    }

    /// How many uploads a device has under way, and their bytes.
    pub async fn begun(&self, device: DeviceId) -> Result<(usize, u64), BlobError> {
        let found = self.under_way().await?;
        let of = found.iter().filter(|(name, ..)| name.device == device);
        Ok(of.fold((0, 0), |(count, bytes), (_, size, _)| (count + 1, bytes + size)))
    }

    /// Drops uploads that nobody has gone on with since `before`. Returns how many.
    pub async fn expire(&self, before: Millis) -> Result<usize, BlobError> {
        let mut dropped = 0;
        for (name, _, written) in self.under_way().await? {
            let at = written.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
            if i64::try_from(at).unwrap_or(i64::MAX) < before {
                dropped += self.drop_arriving(|other| *other == name).await?;
            }
        }
        Ok(dropped)
    }

    /// Drops uploads under way; one that is being written to goes all the same, and ends in an error.
    pub(super) async fn drop_arriving(&self, which: impl Fn(&Name) -> bool) -> Result<usize, BlobError> {
        let mut dropped = 0;
        for (name, ..) in self.under_way().await? {
            if which(&name) && tokio::fs::remove_file(self.arriving.join(name.file())).await.is_ok() {
                dropped += 1;
            }
        }
        Ok(dropped)
    }
}
