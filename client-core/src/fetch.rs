//! A file of a document that is held: from this device, or from the centre, verified and kept.

use doorstep_protocol::documents::Media;
use doorstep_protocol::{DocumentId, Hash};
use sha2::{Digest, Sha256};

use crate::courier::Courier;
use crate::enrol::HttpFailure;
use crate::explain::{AS_IT_WAS, Explain};
use crate::replica::{EditFailure, ReadFailure, Replica};
use crate::source::Source;
use crate::store::{Store, StoreError};

/// The most bytes of a thumbnail.
const THUMBNAIL_BYTES: u64 = 1024 * 1024;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of the file. It is kept on the device.
    Whole,
    /// A small picture of it, from the centre. It is not kept.
    Thumbnail,
}

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchFailure {
    /// The store has no device.
    #[error("this store is not enrolled with a centre")]
    NotEnrolled,
    /// The document names no such file.
    #[error("document {0} names no file {1}")]
    Absent(DocumentId, Hash),
    /// What the centre sent has another hash.
    #[error("what the centre sent is not file {0}")]
    Damaged(Hash),
    /// The document cannot be shown.
    #[error(transparent)]
    Read(#[from] ReadFailure),
    /// The centre did not give it.
    #[error(transparent)]
    Http(#[from] HttpFailure),
    /// It could not be kept.
    #[error(transparent)]
    Keep(#[from] EditFailure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for FetchFailure {
    fn code(&self) -> &str {
        match self {
            FetchFailure::NotEnrolled => "device.not_enrolled",
            FetchFailure::Absent(..) => "attach.absent",
            FetchFailure::Damaged(_) => "attach.damaged",
            FetchFailure::Read(error) => error.code(),
            FetchFailure::Http(error) => error.code(),
            FetchFailure::Keep(error) => error.code(),
            FetchFailure::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        match self {
            FetchFailure::Read(error) => error.kept(),
            FetchFailure::Http(error) => error.kept(),
            _ => AS_IT_WAS,
        }
    }

    fn next(&self) -> &str {
        match self {
            FetchFailure::NotEnrolled => "Ask the office for a code and run: doorstep-device enrol URL CODE",
            FetchFailure::Absent(..) => "See files ID for the hashes.",
            FetchFailure::Damaged(_) => "Try again; if it stays so, report it.",
            FetchFailure::Read(error) => error.next(),
            FetchFailure::Http(error) => error.next(),
            FetchFailure::Keep(error) => error.next(),
            FetchFailure::Store(error) => error.next(),
        }
    }
}

/// The bytes of a file that a held document names.
pub async fn fetch<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    url: Option<&str>,
    (document, hash): (DocumentId, Hash),
    wanted: Wanted,
) -> Result<Vec<u8>, FetchFailure> {
    let identity = replica.identity().await?.ok_or(FetchFailure::NotEnrolled)?;
    let all = replica.attached(document).await?;
    let named =
        all.into_iter().find(|named| named.hash == hash).ok_or(FetchFailure::Absent(document, hash))?;
    if let Some(bytes) = replica.file(document, hash).await?.filter(|_| wanted == Wanted::Whole) {
        return Ok(bytes);
    }
    let (what, most) = match wanted {
        Wanted::Whole => ("", Media::named(named.media).map_or(named.size, Media::most)),
        Wanted::Thumbnail => ("/thumbnail", THUMBNAIL_BYTES),
    };
    let url = crate::driver::address(&identity, url);
    let request =
        tokio::task::spawn_blocking(move || Courier::new(identity, &url).fetch((document, hash), what, most));
    let bytes = request.await.expect("a request does not panic and is not aborted")?;
    if wanted == Wanted::Whole {
        if Hash(Sha256::digest(&bytes).into()) != hash {
            return Err(FetchFailure::Damaged(hash));
        }
        replica.keep_file(document, &named, bytes.clone()).await?;
    }
    Ok(bytes)
}
