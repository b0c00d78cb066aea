//! A file that a case names, and whether it is here.

use doorstep_protocol::{DocumentId, Hash};
use serde::Serialize;
use serde_json::Value as Json;

use crate::http::openapi::{hash, nullable, number, object, one_of, text, time};
use crate::pipeline::{FileState, FileView};

/// A file of a case.
#[derive(Serialize)]
pub(in crate::http::api) struct File {
    hash: Hash,
    size: u64,
    #[serde(rename = "type")]
    media: &'static str,
    name: String,
    purpose: String,
    made: String,
    state: FileState,
    /// Where it can be read, once it has arrived.
    href: Option<String>,
    thumbnail: Option<String>,
}

impl File {
    pub(in crate::http::api) fn of(document: DocumentId, FileView { named, state }: FileView) -> Self {
        let href = (state == FileState::Arrived).then(|| format!("/files/v1/{document}/{}", named.hash));
        File {
            thumbnail: href
                .as_ref()
                .filter(|_| named.media.is_shown())
                .map(|href| format!("{href}/thumbnail")),
            href,
            hash: named.hash,
            size: named.size,
            media: named.media.name(),
            name: named.name,
            purpose: named.purpose,
            made: named.made,
            state,
        }
    }

    pub(in crate::http::api) fn schema() -> Json {
        object(&[
            ("hash", hash()),
            ("size", number()),
            ("type", text()),
            ("name", text()),
            ("purpose", text()),
            ("made", time()),
            ("state", one_of(&["arrived", "awaited"])),
            ("href", nullable(&text())),
            ("thumbnail", nullable(&text())),
        ])
    }
}
