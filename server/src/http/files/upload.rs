//! tus 1.0.0: creation, offset, append, termination. <https://tus.io/protocols/resumable-upload>
//!
//! An upload's address is its document and hash, so that a device that lost the answer to its creation creates it
//! again and goes on where it was. There is no checksum for each part: the whole has one.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use doorstep_protocol::{DocumentId, Hash};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::device;
use crate::blobs::Arriving;
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::limits;
use crate::pipeline::{FileError, Upload};
use crate::store::Store;

const VERSION: &str = "1.0.0";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const MEDIA: &str = "application/offset+octet-stream";

/// `OPTIONS`: what this server can do.
pub(super) async fn capabilities() -> Response {
    let most = limits::MAX_IMAGE_BYTES.max(limits::MAX_VOICE_BYTES).max(limits::MAX_PAPER_BYTES);
    let mut response = tus(StatusCode::NO_CONTENT);
    let set = response.headers_mut();
    set.insert("tus-version", HeaderValue::from_static(VERSION));
    set.insert("tus-extension", HeaderValue::from_static("creation,termination"));
    set.insert("tus-max-size", HeaderValue::from(most));
    response
}

/// `POST`: creates an upload, or finds the one that was created.
pub(super) async fn begins<S: Store>(
    State(app): State<App<S>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (document, hash) = named(&headers)?;
    let (upload, arriving) = claim(&app, &headers, (document, hash)).await?;
    let length = number(&headers, &LENGTH)?;
    if length != upload.named.size {
        return Err(FileError::Length(upload.named.size).into());
    }
    app.centre.begin_upload(&upload, &arriving).await?;
    let mut response = stands_at(StatusCode::CREATED, &upload);
    let location = HeaderValue::try_from(format!("/uploads/v1/{document}/{hash}")).expect("ids are visible");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// `HEAD`: how far an upload is.
pub(super) async fn stands<S: Store>(
    State(app): State<App<S>>,
    Path(at): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (upload, arriving) = claim(&app, &headers, ids(&at)?).await?;
    let begun =
        upload.offset == upload.named.size || arriving.offset().await.map_err(FileError::from)?.is_some();
    if !begun {
        return Err(Problem::not_found());
    }
    Ok(stands_at(StatusCode::OK, &upload))
}

/// `PATCH`: appends. What came before a line was cut is kept.
pub(super) async fn goes_on<S: Store>(
    State(app): State<App<S>>,
    Path(at): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let ids = ids(&at)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|value| value != MEDIA) {
        return Err(Problem::new(Kind::Media, "upload.media", format!("The body is to be {MEDIA}.")));
    }
    let from = number(&headers, &OFFSET)?;
    let (mut upload, mut arriving) = claim(&app, &headers, ids).await?;
    if arriving.offset().await.map_err(FileError::from)?.is_none() && upload.offset < upload.named.size {
        return Err(Problem::not_found());
    }
    if from != upload.offset {
        return Err(FileError::Offset(upload.offset).into());
    }
    let ended = append(&mut upload, &mut arriving, body).await;
    arriving.sync().await.map_err(FileError::from)?;
    ended?;
    if from < upload.named.size && upload.offset == upload.named.size {
        app.centre.finish(&upload, &mut arriving).await?;
        let (centre, place, media) = (app.centre.clone(), upload.place().clone(), upload.named.media);
        // The device does not wait for a picture that only the desk looks at.
        tokio::spawn(async move {
            if let Err(error) = centre.thumbnail(&place, media).await {
                tracing::warn!(%error, "a thumbnail could not be kept");
            }
        });
    }
    Ok(stands_at(StatusCode::NO_CONTENT, &upload))
}

/// `DELETE`: drops what has come of an upload. A file that has arrived stays.
pub(super) async fn ends<S: Store>(
    State(app): State<App<S>>,
    Path(at): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (upload, mut arriving) = claim(&app, &headers, ids(&at)?).await?;
    if upload.offset == upload.named.size {
        return Err(Problem::conflict("upload.whole", "The file has arrived; it stays with its case."));
    }
    arriving.remove().await.map_err(FileError::from)?;
    Ok(tus(StatusCode::NO_CONTENT))
}

/// Appends a body until it ends, is cut, is silent for too long, or would be longer than the file.
async fn append(upload: &mut Upload, arriving: &mut Arriving, body: Body) -> Result<(), Problem> {
    let mut stream = body.into_data_stream();
    let idle = Duration::from_millis(limits::UPLOAD_IDLE_MS);
    loop {
        let cut = || Problem::bad_request("upload.cut", "The body was cut; what came of it is kept.");
        let bytes = match timeout(idle, stream.next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(bytes))) => bytes,
            Ok(Some(Err(_))) | Err(_) => return Err(cut()),
        };
        if upload.offset + bytes.len() as u64 > upload.named.size {
            let most = format!("The document says that this file has {} bytes.", upload.named.size);
            return Err(Problem::new(Kind::TooLarge, "upload.large", most));
        }
        arriving.append(&bytes).await.map_err(FileError::from)?;
        upload.offset += bytes.len() as u64;
    }
}

async fn claim<S: Store>(
    app: &App<S>,
    headers: &HeaderMap,
    ids: (DocumentId, Hash),
) -> Result<(Upload, Arriving), Problem> {
    if headers.get(&RESUMABLE).is_none_or(|value| value != VERSION) {
        return Err(Problem::new(Kind::Precondition, "upload.version", "Tus-Resumable is to be 1.0.0."));
    }
    let signed = device(app, headers).await.unwrap_or(Err(crate::enrol::EnrolError::Token));
    let (device, person) = signed?;
    Ok(app.centre.upload((&device, &person), ids).await?)
}

/// Document and hash of `Upload-Metadata: document <base64>,sha256 <base64>`.
fn named(headers: &HeaderMap) -> Result<(DocumentId, Hash), Problem> {
    let missing = || {
        Problem::bad_request(
            "upload.metadata",
            "Upload-Metadata is to name document and sha256, each in Base64.",
        )
    };
    let text = headers.get(&METADATA).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let value = |wanted: &str| {
        let mut pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
        String::from_utf8(BASE64.decode(value.trim().as_bytes()).ok()?).ok()
    };
    let document = value("document").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let hash = value("sha256").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    Ok((document, hash))
}

fn ids((document, hash): &(String, String)) -> Result<(DocumentId, Hash), Problem> {
    super::read::ids(document, hash)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let number =
        text.filter(|text| text.bytes().all(|b| b.is_ascii_digit())).and_then(|text| text.parse().ok());
    number
        .ok_or_else(|| Problem::bad_request("upload.header", &format!("{name} is to be a number of bytes.")))
}

fn tus(status: StatusCode) -> Response {
    (status, [(RESUMABLE, VERSION)]).into_response()
}

fn stands_at(status: StatusCode, upload: &Upload) -> Response {
    let mut response = tus(status);
    let set = response.headers_mut();
    set.insert(OFFSET, HeaderValue::from(upload.offset));
    set.insert(LENGTH, HeaderValue::from(upload.named.size));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(name: &HeaderName, value: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
        headers
    }

    fn metadata(document: &str, hash: &str) -> String {
        let (document, hash) = (BASE64.encode(document.as_bytes()), BASE64.encode(hash.as_bytes()));
        format!("filename eA==,document {document}, sha256 {hash}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// `PROPTEST_CASES` makes a long run. Any header is read as what it says, or refused.
        #[test]
        fn hostile_headers_are_refused(junk: Vec<u8>, at: prop::sample::Index, byte: u8, n: u64) {
            let (document, hash) = (DocumentId::v7(5, [3; 10]), Hash([9; 32]));
            let good = metadata(&document.to_string(), &hash.to_string());
            prop_assert_eq!(named(&headers(&METADATA, good.as_bytes())).ok(), Some((document, hash)));
            let mut altered = good.into_bytes();
            let at = at.index(altered.len());
            altered[at] = byte;
            for value in [&altered, &junk] {
                let _ = named(&headers(&METADATA, value));
            }
            let text = String::from_utf8_lossy(&junk);
            let _ = named(&headers(&METADATA, metadata(&text, &text).as_bytes()));
            prop_assert_eq!(number(&headers(&OFFSET, n.to_string().as_bytes()), &OFFSET).ok(), Some(n));
            let digits = junk.iter().all(u8::is_ascii_digit);
            prop_assert!(digits || number(&headers(&OFFSET, &junk), &OFFSET).is_err());
            for wrong in ["", "-1", "+1", " 1", "1e3", "18446744073709551616", "0x10"] {
                prop_assert!(number(&headers(&OFFSET, wrong.as_bytes()), &OFFSET).is_err(), "{}", wrong);
            }
        }
    }
}
