//! What a document says about a file that belongs to it: one item of its `attachments` list.
//!
//! The file itself travels after the text and beside it, and is found by its SHA-256. An item that does not
//! read is not an attachment: it stays in the list as the text that it is, and nothing can be sent for it.

use serde_json::{Map, Value as Json, json};

use super::media::Media;
use crate::ids::Hash;
use crate::limits;

/// The field that holds them, in every kind of document.
pub const FIELD: &str = "attachments";

/// One attached file, as its document names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256 of the file.
    pub hash: Hash,
    /// Bytes.
    pub size: u64,
    /// What it is, by its bytes.
    pub media: Media,
    /// The file's name, for people.
    pub name: String,
    /// What it is for, a code: `photo`, `signature`, `voice`, `before`, `after`.
    pub purpose: String,
    /// When it was attached, RFC 3339, by the device's corrected clock.
    pub made: String,
}

/// The file's name as one line that is safe to show and to give to a browser.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| {
        !c.is_control() && !"\"<>:|?*\u{202a}\u{202b}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}".contains(c)
    };
    last.chars().filter(|c| safe(*c)).take(limits::MAX_FILE_NAME_CHARS).collect()
}

/// Whether a purpose is a code.
pub fn is_purpose(text: &str) -> bool {
    let code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
    (1..=32).contains(&text.len()) && text.bytes().all(code)
}

impl Attachment {
    /// The item, as it is appended.
    pub fn item(&self) -> String {
        json!({
            "hash": self.hash, "size": self.size, "type": self.media.name(),
            "name": self.name, "purpose": self.purpose, "made": self.made,
        })
        .to_string()
    }

    /// Reads an item as a view shows it. `None`: it names no file that could be kept.
    pub fn read(item: &Json) -> Option<Self> {
        let text = |name: &str| item[name].as_str();
        let media = Media::named(text("type")?)?;
        let size = item["size"].as_u64().filter(|size| (1..=media.most()).contains(size))?;
        let purpose = text("purpose").filter(|purpose| is_purpose(purpose)).unwrap_or("other").to_owned();
        let made = text("made")?;
        made.parse::<jiff::Timestamp>().ok()?;
        let (name, made) = (plain_name(text("name").unwrap_or_default()), made.to_owned());
        Some(Attachment { hash: text("hash")?.parse().ok()?, size, media, name, purpose, made })
    }

    /// The attachments among a document's fields, each file once, in the order of the list.
    pub fn all(fields: &Map<String, Json>) -> Vec<Self> {
        let items = fields.get(FIELD).and_then(Json::as_array).into_iter().flatten();
        let mut found: Vec<Self> = Vec::new();
        for attachment in items.filter_map(Attachment::read) {
            if found.len() < limits::MAX_ATTACHMENTS
                && found.iter().all(|other| other.hash != attachment.hash)
            {
                found.push(attachment);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pond() -> Attachment {
        Attachment {
            hash: Hash([7; 32]),
            size: 3_000_000,
            media: Media::Jpeg,
            name: "塘.jpg".into(),
            purpose: "before".into(),
            made: "2026-11-21T10:00:00Z".into(),
        }
    }

    #[test]
    fn an_item_reads_as_it_was_written() {
        let item: Json = serde_json::from_str(&pond().item()).expect("JSON");
        assert_eq!(Attachment::read(&item), Some(pond()));
    }

    #[test]
    fn what_could_not_be_kept_is_no_attachment() {
        let item: Json = serde_json::from_str(&pond().item()).expect("JSON");
        for (member, value) in [
            ("hash", json!("abc")),
            ("hash", json!("../../../etc/passwd")),
            ("size", json!(0)),
            ("size", json!(limits::MAX_IMAGE_BYTES + 1)),
            ("size", json!(-5)),
            ("type", json!("text/html")),
            ("made", json!("yesterday")),
        ] {
            let mut bad = item.clone();
            bad[member] = value;
            assert_eq!(Attachment::read(&bad), None, "{bad}");
        }
        assert_eq!(Attachment::read(&json!("plain text")), None);
    }

    #[test]
    fn names_are_one_plain_line_and_a_file_counts_once() {
        assert_eq!(plain_name("D:\\fotos\\a\"b\r\n.jpg"), "ab.jpg");
        assert_eq!(plain_name("../../x/\u{202e}gpj.exe"), "gpj.exe");
        let item: Json = serde_json::from_str(&pond().item()).expect("JSON");
        let fields = Map::from_iter([(FIELD.to_owned(), json!([item, "note", item]))]);
        assert_eq!(Attachment::all(&fields), [pond()]);
    }
}
