//! The bytes of files: whole ones by district, document and hash, and those that are still arriving.
//!
//! Whole files go through `object_store`, here over a folder: written aside, synced, renamed. A file belongs to one
//! document, so that two cases never share bytes: knowing a hash gives nothing, and forgetting is deleting.
//!
//! Never knows who may do what, and never believes a name: paths are made of ids and hashes only.

mod arriving;
mod thumbnail;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use doorstep_protocol::{DocumentId, Hash};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{Error as ObjectError, GetOptions, ObjectStore, ObjectStoreExt};
use tokio::sync::Semaphore;

use crate::limits;
pub use arriving::{Arriving, Name};
pub use thumbnail::thumbnail;

/// Why bytes could not be kept or read. Nothing half-written is ever found under a file's name.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk.
    #[error("files cannot be read or written: {0}")]
    Disk(#[from] std::io::Error),
    /// The object store.
    #[error("files cannot be read or written: {0}")]
    Store(#[from] ObjectError),
}

/// Where one file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The district of the document.
    pub district: String,
    /// The document.
    pub document: DocumentId,
    /// SHA-256 of the bytes.
    pub hash: Hash,
}

impl Place {
    fn key(&self) -> Key {
        Key::from_iter([self.district.clone(), self.document.to_string(), self.hash.to_string()])
    }

    fn thumbnail_key(&self) -> Key {
        let name = format!("{}.thumbnail", self.hash);
        Key::from_iter([self.district.clone(), self.document.to_string(), name])
    }
}

/// All files of a centre.
#[derive(Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    arriving: PathBuf,
    /// Uploads to which somebody is writing now.
    busy: Arc<Mutex<BTreeSet<Name>>>,
    /// Bounds the memory of files that are checked.
    pub(crate) finishing: Semaphore,
    /// Bounds the memory of pictures that are decoded: one at a time.
    pub(crate) decoding: Semaphore,
}

/// The folder of whole files within a data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("blobs")
}

impl Blobs {
    /// Opens the folders of a data folder, making them where they are missing.
    pub fn open(data: &Path) -> Result<Self, BlobError> {
        let (whole, arriving) = (folder(data), data.join("uploads"));
        std::fs::create_dir_all(&whole)?;
        std::fs::create_dir_all(&arriving)?;
        let store = LocalFileSystem::new_with_prefix(whole)?.with_fsync(true);
        Ok(Blobs {
            store: Arc::new(store),
            arriving,
            busy: Arc::default(),
            finishing: Semaphore::new(limits::FILES_FINISHED_AT_ONCE),
            decoding: Semaphore::new(1),
        })
    }

    /// Keeps a whole file. Durable when it returns.
    pub async fn put(&self, place: &Place, bytes: Bytes) -> Result<(), BlobError> {
        self.store.put(&place.key(), bytes.into()).await?;
        Ok(())
    }

    /// Bytes of a whole file, all or some; `None` if it is not here.
    pub async fn stream(
        &self,
        place: &Place,
        range: Option<Range<u64>>,
    ) -> Result<Option<BoxStream<'static, std::io::Result<Bytes>>>, BlobError> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        match self.store.get_opts(&place.key(), options).await {
            Ok(found) => Ok(Some(found.into_stream().map_err(std::io::Error::other).boxed())),
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All bytes of a whole file; `None` if it is not here.
    pub async fn read(&self, place: &Place) -> Result<Option<Bytes>, BlobError> {
        self.get(&place.key()).await
    }

    /// The thumbnail of a file; empty where none can be made; `None` where nobody has tried.
    pub async fn read_thumbnail(&self, place: &Place) -> Result<Option<Bytes>, BlobError> {
        self.get(&place.thumbnail_key()).await
    }

    /// Keeps a thumbnail; an empty one says that none can be made.
    pub async fn put_thumbnail(&self, place: &Place, bytes: Bytes) -> Result<(), BlobError> {
        self.store.put(&place.thumbnail_key(), bytes.into()).await?;
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>, BlobError> {
        match self.store.get(key).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(ObjectError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Destroys all files of a document, whole ones, thumbnails and those under way. Returns how many there were.
    pub async fn forget(&self, district: &str, document: DocumentId) -> Result<usize, BlobError> {
        let prefix = Key::from_iter([district.to_owned(), document.to_string()]);
        let found: Vec<Key> =
            self.store.list(Some(&prefix)).map_ok(|meta| meta.location).try_collect().await?;
        for key in &found {
            self.store.delete(key).await?;
        }
        Ok(found.len() + self.drop_arriving(|name| name.document == document).await?)
    }
}
