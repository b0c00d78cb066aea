//! What a file is, by its bytes. Names and claims are never believed.
//!
//! Knows the few kinds that are evidence: pictures, voices, papers. Everything else is refused, video too.

use std::fmt;

use crate::limits;

/// A kind of file that can be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Media {
    Jpeg,
    Png,
    Webp,
    Heic,
    M4a,
    Ogg,
    Amr,
    Wav,
    Pdf,
}

/// Brands of an ISO base media file that hold a picture (HEIF) or sound.
const HEIC: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"];
const SOUND: [&[u8]; 7] = [b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"3gp4"];

impl Media {
    /// Every kind.
    pub const ALL: [Media; 9] = [
        Media::Jpeg,
        Media::Png,
        Media::Webp,
        Media::Heic,
        Media::M4a,
        Media::Ogg,
        Media::Amr,
        Media::Wav,
        Media::Pdf,
    ];

    /// The media type.
    pub const fn name(self) -> &'static str {
        match self {
            Media::Jpeg => "image/jpeg",
            Media::Png => "image/png",
            Media::Webp => "image/webp",
            Media::Heic => "image/heic",
            Media::M4a => "audio/mp4",
            Media::Ogg => "audio/ogg",
            Media::Amr => "audio/amr",
            Media::Wav => "audio/wav",
            Media::Pdf => "application/pdf",
        }
    }

    /// The kind of this media type.
    pub fn named(name: &str) -> Option<Media> {
        Media::ALL.into_iter().find(|media| media.name() == name)
    }

    /// The usual ending of a file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Media::Jpeg => "jpg",
            Media::Png => "png",
            Media::Webp => "webp",
            Media::Heic => "heic",
            Media::M4a => "m4a",
            Media::Ogg => "ogg",
            Media::Amr => "amr",
            Media::Wav => "wav",
            Media::Pdf => "pdf",
        }
    }

    /// The most bytes that one may have.
    pub const fn most(self) -> u64 {
        match self {
            Media::Jpeg | Media::Png | Media::Webp | Media::Heic => limits::MAX_IMAGE_BYTES,
            Media::M4a | Media::Ogg | Media::Amr | Media::Wav => limits::MAX_VOICE_BYTES,
            Media::Pdf => limits::MAX_PAPER_BYTES,
        }
    }

    /// Whether a thumbnail can be made of it.
    pub const fn is_shown(self) -> bool {
        matches!(self, Media::Jpeg | Media::Png | Media::Webp)
    }

    /// What these bytes are; `None`: nothing that can be attached. All of the file is to be given: a film
    /// begins like a voice.
    pub fn sniff(bytes: &[u8]) -> Option<Media> {
        let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
        let starts = |what: &[u8]| bytes.starts_with(what);
        if starts(b"\xff\xd8\xff") {
            return Some(Media::Jpeg);
        }
        if starts(b"\x89PNG\r\n\x1a\n") {
            return Some(Media::Png);
        }
        if starts(b"RIFF") {
            let webp = at(8, b"WEBP").then_some(Media::Webp);
            return webp.or_else(|| at(8, b"WAVE").then_some(Media::Wav));
        }
        if starts(b"#!AMR\n") || starts(b"#!AMR-WB\n") {
            return Some(Media::Amr);
        }
        if starts(b"%PDF-") {
            return Some(Media::Pdf);
        }
        if starts(b"OggS") {
            // The first page holds the first header of the codec; Theora's would be a film.
            let page = &bytes[..bytes.len().min(256)];
            let voice = [&b"OpusHead"[..], b"\x01vorbis", b"Speex   ", b"\x7fFLAC"];
            return voice.iter().any(|codec| holds(page, codec)).then_some(Media::Ogg);
        }
        if at(4, b"ftyp") {
            let brand = bytes.get(8..12)?;
            if HEIC.contains(&brand) {
                return Some(Media::Heic);
            }
            // A handler box names what a track is, four bytes after its version and flags.
            let film = bytes.windows(16).any(|w| w.starts_with(b"hdlr") && &w[12..] == b"vide");
            return (SOUND.contains(&brand) && !film).then_some(Media::M4a);
        }
        None
    }
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_their_bytes_say() {
        let known: [(&[u8], Media); 9] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Media::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Media::Png),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Media::Webp),
            (b"RIFF\x10\0\0\0WAVEfmt ", Media::Wav),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Media::Heic),
            (b"\0\0\0\x18ftypM4A \0\0\0\0....hdlr\0\0\0\0\0\0\0\0soun", Media::M4a),
            (b"OggS\0\x02..............OpusHead", Media::Ogg),
            (b"#!AMR\n\x3c", Media::Amr),
            (b"%PDF-1.7\n", Media::Pdf),
        ];
        for (bytes, media) in known {
            assert_eq!(Media::sniff(bytes), Some(media));
            assert_eq!(Media::named(media.name()), Some(media));
        }
    }

    #[test]
    fn films_pages_and_programs_are_refused() {
        let unknown: [&[u8]; 8] = [
            b"",
            b"\xff\xd8",
            b"<!DOCTYPE html><script>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a",
            b"\x7fELF\x02",
            b"\0\0\0\x18ftypisom\0\0\0\0....hdlr\0\0\0\0\0\0\0\0vide",
            b"OggS\0\x02..............\x80theora",
        ];
        for bytes in unknown {
            assert_eq!(Media::sniff(bytes), None, "{bytes:?}");
        }
    }
}
