//! Files on the command line: attached, listed, written out.
//!
//! Reads and writes the files that people name; what becomes of the bytes is the client core's.

use std::io::Write;
use std::path::Path;

use doorstep_client::fetch::{self, Wanted};
use doorstep_protocol::limits::{MAX_IMAGE_BYTES, MAX_PAPER_BYTES, MAX_VOICE_BYTES};
use doorstep_protocol::{DocumentId, Hash};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Done;
use crate::render;
use crate::run::{Device, done};
use crate::strings::Strings;

/// The most that any kind of file may have.
const MOST: u64 = {
    let voice_or_image = if MAX_IMAGE_BYTES > MAX_VOICE_BYTES { MAX_IMAGE_BYTES } else { MAX_VOICE_BYTES };
    if voice_or_image > MAX_PAPER_BYTES { voice_or_image } else { MAX_PAPER_BYTES }
};

/// Attaches a file to a document.
pub(crate) async fn attach(
    device: &mut Device,
    id: DocumentId,
    (file, purpose): (&Path, &str),
    strings: &Strings,
) -> Result<Done, Failure> {
    let bytes = read(file).map_err(|error| Failure::file(file, &error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (made, attachment) = device.attach(id, (&name, bytes), purpose).await?;
    let text = strings.with("attached", &[("name", attachment.name.clone()), ("id", id.to_string())]);
    let json = json!({
        "id": made.document, "hashes": made.hashes, "heads": made.heads,
        "attachment": {"hash": attachment.hash, "size": attachment.size, "type": attachment.media.name(),
                       "name": attachment.name, "purpose": attachment.purpose, "made": attachment.made},
    });
    Ok(done(json, text))
}

/// All of a file, or one byte more than any may have.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The files of a document.
pub(crate) async fn list(device: &mut Device, id: DocumentId, strings: &Strings) -> Result<Done, Failure> {
    let items = device.attached(id).await?;
    let text = render::files(strings, &items);
    Ok(done(json!({"items": items}), text))
}

/// Writes a file of a document out. A file that is there is never overwritten.
pub(crate) async fn fetch(
    device: &mut Device,
    url: Option<&str>,
    ((id, hash), wanted): ((DocumentId, Hash), Wanted),
    (to, strings): (&Path, &Strings),
) -> Result<Done, Failure> {
    let unusable = |error: std::io::Error| Failure::file(to, &error);
    if to.exists() {
        return Err(unusable(std::io::ErrorKind::AlreadyExists.into()));
    }
    let bytes = fetch::fetch(device, url, (id, hash), wanted).await?;
    let mut file = std::fs::File::create_new(to).map_err(unusable)?;
    file.write_all(&bytes).map_err(unusable)?;
    let name = to.display().to_string();
    let text = strings.with("fetched", &[("name", name.clone())]);
    Ok(done(json!({"file": name, "bytes": bytes.len()}), text))
}
