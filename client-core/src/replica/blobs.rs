//! Files: attached as an ordinary edit that names them, kept with their bytes, sent after the text.
//!
//! Never opens a file or a socket: bytes come and go as arguments.

use doorstep_protocol::documents::attachment::{FIELD, is_purpose, plain_name};
use doorstep_protocol::documents::{Attachment, Edit, Media};
use doorstep_protocol::{DocumentId, Hash, limits};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::hydrate::Document;
use super::working::Working;
use super::{ATTEMPTS, Author, EditFailure, Made, ReadFailure, Replica, SessionFailure, lost_race};
use crate::source::Source;
use crate::store::{BlobRow, Op, RejectedItem, Store, StoreError};

/// Files that are still to go to the centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// How many.
    pub pending: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the centre would not have. They stay on the device.
    pub refused: usize,
}

impl std::ops::AddAssign for Waiting {
    fn add_assign(&mut self, other: Self) {
        self.pending += other.pending;
        self.bytes += other.bytes;
        self.refused += other.refused;
    }
}

/// A file that a document names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the contract")]
pub struct Attached {
    pub hash: Hash,
    pub size: u64,
    #[serde(rename = "type")]
    pub media: &'static str,
    pub name: String,
    pub purpose: String,
    pub made: String,
    /// `device`: only here; `centre`: the centre has it; `refused`: it would not have it; `unknown`: not here.
    pub state: &'static str,
    /// Whether its bytes are on this device.
    pub here: bool,
}

impl<S: Store, R: Source> Replica<S, R> {
    /// Attaches a file: keeps its bytes, and appends the item that names it, in one transaction.
    pub async fn attach(
        &mut self,
        document: DocumentId,
        (name, bytes): (&str, Vec<u8>),
        purpose: &str,
    ) -> Result<(Made, Attachment), EditFailure> {
        let media = Media::sniff(&bytes).ok_or(EditFailure::Media)?;
        let size = bytes.len() as u64;
        if size > media.most() {
            return Err(EditFailure::FileTooLarge { media, size });
        }
        if !is_purpose(purpose) {
            return Err(EditFailure::Purpose);
        }
        let author = self.author().await?;
        let stored = self.editable(document).await?;
        let there = Attachment::all(&fields(&Document::shown(&stored, &author)?)).len();
        if there >= limits::MAX_ATTACHMENTS {
            return Err(EditFailure::TooManyFiles);
        }
        let made = super::read::rfc3339(self.source.now().saturating_add(author.offset));
        let hash = Hash(Sha256::digest(&bytes).into());
        let (name, purpose) = (plain_name(name), purpose.to_owned());
        let attachment = Attachment { hash, size, media, name, purpose, made };
        let row = BlobRow { document, hash, size, media, settled: None, refused: None };
        let edit = Edit::Append { field: FIELD.into(), item: attachment.item() };
        let made = self.edit_with(document, None, (vec![edit], vec![Op::Blob(row, bytes)])).await?;
        Ok((made, attachment))
    }

    /// The files that a document names, each once.
    pub async fn attached(&self, document: DocumentId) -> Result<Vec<Attached>, ReadFailure> {
        let fields = self.show(document).await?.fields;
        let kept = self.store.blobs().await?;
        let shown = Attachment::all(&fields).into_iter().map(|named| {
            let row = kept.iter().find(|row| (row.document, row.hash) == (document, named.hash));
            let state = match row {
                None => "unknown",
                Some(row) if row.refused.is_some() => "refused",
                Some(row) if row.settled.is_some() => "centre",
                Some(_) => "device",
            };
            Attached {
                hash: named.hash,
                size: named.size,
                media: named.media.name(),
                name: named.name,
                purpose: named.purpose,
                made: named.made,
                state,
                here: row.is_some(),
            }
        });
        Ok(shown.collect())
    }

    /// How much is still to go.
    pub async fn files_waiting(&self) -> Result<Waiting, StoreError> {
        let epoch = self.store.meta().await?.epoch;
        let mut waiting = Waiting::default();
        for row in self.store.blobs().await? {
            if row.settled != Some(epoch) {
                waiting.pending += 1;
                waiting.bytes += row.size;
            } else if row.refused.is_some() {
                waiting.refused += 1;
            }
        }
        Ok(waiting)
    }

    /// The next file to offer to the centre: one that it has not settled in this epoch (a restored centre may
    /// have lost what it once had), of a document whose text has arrived.
    pub(crate) async fn next_file(&self, after: Option<&BlobRow>) -> Result<Option<BlobRow>, StoreError> {
        let epoch = self.store.meta().await?.epoch;
        let outbox = self.store.outbox().await?;
        let mut rows = self.store.blobs().await?;
        let skip = after.and_then(|last| {
            rows.iter().position(|row| (row.document, row.hash) == (last.document, last.hash))
        });
        rows.drain(..skip.map_or(0, |at| at + 1));
        let told = |row: &BlobRow| outbox.iter().all(|entry| entry.document != row.document);
        Ok(rows.into_iter().find(|row| row.settled != Some(epoch) && told(row)))
    }

    /// Notes what the centre said about a file. A revoked document that waited for it goes: true.
    pub(crate) async fn settle_file(
        &mut self,
        row: &BlobRow,
        refused: Option<String>,
    ) -> Result<bool, SessionFailure> {
        for _ in 1..ATTEMPTS {
            let done = self.settle_file_once(row, refused.clone()).await;
            if !lost_race(&done, super::session::store_error) {
                return done;
            }
        }
        self.settle_file_once(row, refused).await
    }

    async fn settle_file_once(
        &mut self,
        row: &BlobRow,
        refused: Option<String>,
    ) -> Result<bool, SessionFailure> {
        let (document, hash) = (row.document, row.hash);
        let meta = self.store.meta().await?;
        let author = Author::of(&meta).ok_or(SessionFailure::NotEnrolled)?;
        let commanded = self.commanded().await?;
        let mut working = Working::load(&self.store, document).await?;
        if let Some(code) = &refused {
            // Its bytes go with the document, and nobody is to find that out by chance.
            let message = "the centre would not have this file".to_owned();
            let (id, made) = (hash.to_string(), self.source.now());
            let (intent, bytes) = (Vec::new(), Vec::new());
            working.push(Op::Reject(RejectedItem {
                document,
                id,
                code: code.clone(),
                message,
                intent,
                bytes,
                made,
            }));
        }
        working.push(Op::SettleBlob { document, hash, epoch: meta.epoch, refused });
        let revoked = working.stored.as_ref().is_some_and(|stored| stored.row.revoked);
        if !revoked {
            // The document itself is as it was: nothing to write about it.
            let settle = working.into_ops();
            self.store.apply(settle).await?;
            return Ok(false);
        }
        if let Some(stored) = working.stored.as_mut().filter(|_| row.settled.is_none()) {
            stored.unsent_blobs = stored.unsent_blobs.saturating_sub(1);
        }
        let purged = self.close(working, &author, (meta.counter, &commanded)).await?;
        Ok(!purged.is_empty())
    }

    /// All bytes of a file that is kept here.
    pub async fn file(&self, document: DocumentId, hash: Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = Vec::new();
        let mut n = 0;
        while let Some(part) = self.store.blob_part(document, hash, n).await? {
            bytes.extend(part);
            n += 1;
        }
        Ok((n > 0).then_some(bytes))
    }

    /// Keeps a file that the centre gave: it can be looked at offline, and goes with its document.
    pub async fn keep_file(
        &mut self,
        document: DocumentId,
        named: &Attached,
        bytes: Vec<u8>,
    ) -> Result<(), EditFailure> {
        // Written only if the document has not gone meanwhile.
        let stored = self.editable(document).await?;
        let media = Media::named(named.media).ok_or(EditFailure::Media)?;
        let epoch = self.store.meta().await?.epoch;
        let row = BlobRow {
            document,
            hash: named.hash,
            size: named.size,
            media,
            settled: Some(epoch),
            refused: None,
        };
        Ok(self.store.apply(vec![Op::Blob(row, bytes), Op::Document(stored.row)]).await?)
    }
}

fn fields(document: &Document) -> serde_json::Map<String, serde_json::Value> {
    doorstep_protocol::documents::view::fields(document.kind, &document.doc, &document.table)
}
