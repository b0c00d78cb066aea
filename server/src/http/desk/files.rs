//! The files of a case as a person at the desk sees them: pictures small, with words for those who do not see them.

use doorstep_protocol::documents::Media;
use doorstep_protocol::{DocumentId, Hash};

use super::words::{When, Words};
use crate::pipeline::{FileState, FileView};

/// One file.
pub(super) struct File {
    pub(super) name: String,
    /// What it is and how large.
    pub(super) what: String,
    /// What a picture shows, as far as is known.
    pub(super) alt: String,
    pub(super) made: Option<When>,
    /// Where it can be read; `None` while it has not arrived.
    pub(super) href: Option<String>,
    pub(super) picture: Option<String>,
}

/// The files of a case, in the order in which they were attached.
pub(super) fn files(document: DocumentId, files: &[FileView], w: &Words<'_>) -> Vec<File> {
    files.iter().map(|file| File::of(document, file, w)).collect()
}

fn address(document: DocumentId, hash: Hash) -> String {
    format!("/files/v1/{document}/{hash}")
}

impl File {
    fn of(document: DocumentId, FileView { named, state }: &FileView, w: &Words<'_>) -> Self {
        let kind = match named.media {
            Media::Jpeg | Media::Png | Media::Webp | Media::Heic => "picture",
            Media::M4a | Media::Ogg | Media::Amr | Media::Wav => "voice",
            Media::Pdf => "paper",
        };
        let purpose = w.named("purpose", &named.purpose);
        let size = named.size.div_ceil(1024).to_string();
        let kind = w.named("file", kind);
        let href = (*state == FileState::Arrived).then(|| address(document, named.hash));
        let made = named.made.parse::<jiff::Timestamp>().ok();
        File {
            what: w.with("file-what", &[("kind", &kind), ("purpose", &purpose), ("size", &size)]),
            alt: w.with("file-alt", &[("purpose", &purpose), ("name", &named.name)]),
            name: if named.name.is_empty() { kind } else { named.name.clone() },
            made: made.map(|at| w.when(at.as_millisecond())),
            picture: href.as_ref().filter(|_| named.media.is_shown()).map(|href| format!("{href}/thumbnail")),
            href,
        }
    }
}
