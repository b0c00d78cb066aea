//! Files of documents: who may send and see them, and what makes one whole.
//!
//! A file may come once a document that is accepted names it, from whoever may write that document or once held
//! it; it counts once its bytes have the hash and are of the kind that was named. It is seen by whoever sees the
//! document.

use bytes::Bytes;
use doorstep_protocol::documents::{Attachment, Media};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Centre;
use crate::authorize::{Wish, authorize};
use crate::blobs::{Arriving, BlobError, Blobs, Name, Place, thumbnail};
use crate::limits;
use crate::store::arrivals::ArrivalRow;
use crate::store::{DeviceRow, Kept, Person, Store, StoreError};

/// Why a file was not taken or given.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The document or the file is absent, not named, or not for them: all alike.
    #[error("there is no such file, or it is not yours")]
    NotFound,
    /// A restored centre does not know yet everything that it knew.
    #[error("this server was restored and is taking back what devices hold")]
    Recovering,
    /// Named, but not here yet.
    #[error("the file has not arrived yet")]
    Awaited,
    /// Another length than the document says.
    #[error("the document says that this file has {0} bytes")]
    Length(u64),
    /// Another request is writing to the same upload.
    #[error("another request is sending this file at this moment")]
    Busy,
    /// The upload stands elsewhere.
    #[error("{0} bytes are here")]
    Offset(u64),
    /// Too many uploads begun.
    #[error("this device has begun {} uploads; one must end first", limits::UPLOADS_BEGUN)]
    Begun,
    /// Too much for a day.
    #[error("this device has sent as much as it may in a day")]
    Quota,
    /// The bytes are not those that were named.
    #[error("the bytes that came do not have the hash that the document names; they were dropped")]
    Hash,
    /// The bytes are something else than was named.
    #[error("the file is named as {named}, and its bytes are {}; it was dropped", .is.map_or("of no kind that is kept", Media::name))]
    Type {
        /// What the document says.
        named: Media,
        /// What they are.
        is: Option<Media>,
    },
    /// This centre keeps no files.
    #[error("this server keeps no files")]
    None,
    /// The files' folder failed.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that a document names, and whether it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// What the document says.
    pub named: Attachment,
    /// Whether it is here.
    pub state: FileState,
}

/// Whether a named file is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Whole and verified.
    Arrived,
    /// Still on a device.
    Awaited,
}

/// An upload that may go on.
#[derive(Debug)]
pub struct Upload {
    /// What the document says.
    pub named: Attachment,
    /// Bytes that are here; all of them if it has arrived.
    pub offset: u64,
    place: Place,
    device: DeviceId,
}

/// The named files, each with its state.
pub(super) fn views(named: Vec<Attachment>, arrived: &[ArrivalRow]) -> Vec<FileView> {
    let here = |hash: Hash| arrived.iter().any(|row| row.hash == hash);
    let state = |hash| if here(hash) { FileState::Arrived } else { FileState::Awaited };
    named.into_iter().map(|named| FileView { state: state(named.hash), named }).collect()
}

impl<S: Store> Centre<S> {
    /// With a place for files.
    #[must_use]
    pub fn with_blobs(mut self, blobs: Blobs) -> Self {
        self.blobs = Some(blobs);
        self
    }

    /// The files' bytes.
    pub fn blobs(&self) -> Result<&Blobs, FileError> {
        self.blobs.as_ref().ok_or(FileError::None)
    }

    /// Where an upload of this device stands, if it may send the file: named by an accepted change of a document
    /// that it may write or once held. An upload that was whole when the server stopped is made whole now.
    pub async fn upload(
        &self,
        (device, person): (&DeviceRow, &Person),
        (document, hash): (DocumentId, Hash),
    ) -> Result<(Upload, Arriving), FileError> {
        let (district, named) = self.may_send((device, person), (document, hash)).await?;
        let name = Name { device: device.device, document, hash };
        let arriving = self.blobs()?.claim(name).ok_or(FileError::Busy)?;
        let place = Place { district, document, hash };
        let mut upload = Upload { named, offset: 0, place, device: device.device };
        let mut arriving = arriving;
        if self.store.arrivals(document).await?.iter().any(|row| row.hash == hash) {
            upload.offset = upload.named.size;
            return Ok((upload, arriving));
        }
        upload.offset = arriving.offset().await?.unwrap_or_default();
        if upload.offset >= upload.named.size {
            self.finish(&upload, &mut arriving).await?;
            upload.offset = upload.named.size;
        }
        Ok((upload, arriving))
    }

    /// Begins an upload, or finds one that was begun. Bounded by day and by number.
    pub async fn begin_upload(&self, upload: &Upload, arriving: &Arriving) -> Result<(), FileError> {
        if upload.offset == upload.named.size || arriving.offset().await?.is_some() {
            return Ok(());
        }
        let (count, bytes) = self.blobs()?.begun(upload.device).await?;
        if count >= limits::UPLOADS_BEGUN {
            return Err(FileError::Begun);
        }
        let day = self.now() - limits::DAY_MS;
        let sent = self.store.arrived_bytes(upload.device, day).await?;
        if sent + bytes + upload.named.size > limits::UPLOAD_BYTES_PER_DAY {
            return Err(FileError::Quota);
        }
        Ok(arriving.begin().await?)
    }

    /// All bytes are here: verifies them, puts the file away and notes that it has arrived. Bytes that are not
    /// what was named are dropped.
    pub async fn finish(&self, upload: &Upload, arriving: &mut Arriving) -> Result<(), FileError> {
        let blobs = self.blobs()?;
        let _one_of_few = blobs.finishing.acquire().await.expect("never closed");
        let bytes = Bytes::from(arriving.read().await?);
        let whole = bytes.clone();
        let looked =
            tokio::task::spawn_blocking(move || (Hash(Sha256::digest(&whole).into()), Media::sniff(&whole)));
        let (hash, is) = looked.await.map_err(|error| BlobError::Disk(std::io::Error::other(error)))?;
        let Upload { named, place, device, .. } = upload;
        if hash != place.hash || bytes.len() as u64 != named.size {
            arriving.remove().await?;
            return Err(FileError::Hash);
        }
        if is != Some(named.media) {
            arriving.remove().await?;
            return Err(FileError::Type { named: named.media, is });
        }
        blobs.put(place, bytes).await?;
        let (document, at) = (place.document, self.now());
        let row = ArrivalRow { document, hash, size: named.size, media: named.media, device: *device, at };
        self.store.arrive(row).await?;
        arriving.remove().await?;
        tracing::info!(%document, %hash, size = named.size, "a file has arrived");
        Ok(())
    }

    async fn may_send(
        &self,
        (device, person): (&DeviceRow, &Person),
        (document, hash): (DocumentId, Hash),
    ) -> Result<(String, Attachment), FileError> {
        // Of whichever copy of its store: each holds under a prefix of its own.
        let mut holds = false;
        for copy in device.copies() {
            let held = self.store.held(copy, vec![document]).await?.remove(&document);
            holds |= held.is_some_and(|held| !held.purged);
        }
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(self.unknown()) };
        let pack = &self.pack_of(&case)?;
        // The right to write outlives the right to read: what was attached before a revocation still arrives.
        let may = authorize(person, Wish::Write, Some((&case.row, pack))) || (person.role.writes() && holds);
        let district = case.row.district.clone();
        let named = Attachment::all(&case.fields()).into_iter().find(|named| named.hash == hash);
        self.put_back(case);
        let found = named.filter(|_| may).map(|named| (district, named));
        found.ok_or_else(|| self.unknown())
    }

    /// Absent or forbidden; a centre that is recovering may hear of it yet.
    fn unknown(&self) -> FileError {
        if self.recovering() { FileError::Recovering } else { FileError::NotFound }
    }

    /// A file that a person may see, as it is kept.
    pub async fn file(
        &self,
        person: &Person,
        (document, hash): (DocumentId, Hash),
    ) -> Result<(Place, Attachment), FileError> {
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(FileError::NotFound) };
        let pack = &self.pack_of(&case)?;
        let may = authorize(person, Wish::Read, Some((&case.row, pack)));
        let district = case.row.district.clone();
        let named = Attachment::all(&case.fields()).into_iter().find(|named| named.hash == hash);
        self.put_back(case);
        let named = named.filter(|_| may).ok_or(FileError::NotFound)?;
        if self.store.arrivals(document).await?.iter().all(|row| row.hash != hash) {
            return Err(FileError::Awaited);
        }
        Ok((Place { district, document, hash }, named))
    }

    /// The thumbnail of a file, made if nobody has made it; `None` where none can be.
    pub async fn thumbnail(&self, place: &Place, media: Media) -> Result<Option<Bytes>, FileError> {
        let blobs = self.blobs()?;
        if let Some(made) = blobs.read_thumbnail(place).await? {
            return Ok((!made.is_empty()).then_some(made));
        }
        let _the_only_one = blobs.decoding.acquire().await.expect("never closed");
        let Some(whole) = blobs.read(place).await? else { return Ok(None) };
        let made = tokio::task::spawn_blocking(move || thumbnail(&whole, media)).await.ok().flatten();
        let made = Bytes::from(made.unwrap_or_default());
        blobs.put_thumbnail(place, made.clone()).await?;
        Ok((!made.is_empty()).then_some(made))
    }

    /// Destroys the files of a document, for its erasure: what was noted of them, their bytes, their thumbnails,
    /// uploads under way. Returns how many files of the folder went.
    pub async fn forget_files(&self, district: &str, document: DocumentId) -> Result<usize, FileError> {
        self.store.forget_arrivals(document, None).await?;
        Ok(self.blobs()?.forget(district, document).await?)
    }

    /// Drops uploads that nobody goes on with.
    pub async fn expire_uploads(&self) -> Result<usize, FileError> {
        let before: Millis = self.now() - limits::UPLOAD_LAPSE_MS;
        Ok(self.blobs()?.expire(before).await?)
    }

    /// The files that a document names, each with its state.
    pub(super) async fn files_of(&self, document: DocumentId, named: Vec<Attachment>) -> Kept<Vec<FileView>> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        Ok(views(named, &self.store.arrivals(document).await?))
    }
}

impl Upload {
    /// Where the file will be.
    pub fn place(&self) -> &Place {
        &self.place
    }
}
