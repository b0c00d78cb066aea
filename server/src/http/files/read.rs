//! Reading files: all or a range of one, and its thumbnail. For whoever sees the document.
//!
//! A file is what somebody else sent: it is given as a download that runs nothing, never as a page of this site.

use std::ops::Range;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXUPPER;
use doorstep_protocol::documents::Attachment;
use doorstep_protocol::{DocumentId, Hash};

use super::device;
use crate::blobs::Place;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::pipeline::FileError;
use crate::store::{Person, Store};

/// Nothing of a file runs, loads or is framed, whatever a browser takes it for.
const CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
/// A file never changes; only the person who may see it keeps it.
const KEPT: &str = "private, max-age=86400, immutable";

/// Whoever reads: a device by its token, a person by bearer token or the desk's cookie.
pub(super) struct Reader(Person);

impl<S: Store> FromRequestParts<App<S>> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App<S>) -> Result<Self, Problem> {
        match device(app, &parts.headers).await {
            Some(signed) => Ok(Reader(signed?.1)),
            None => Ok(Reader(Signed::from_request_parts(parts, app).await?.person)),
        }
    }
}

/// Ids of a path. One that does not read is like one that does not exist.
pub(super) fn ids(document: &str, hash: &str) -> Result<(DocumentId, Hash), Problem> {
    let document = document.parse().map_err(|_| Problem::not_found())?;
    Ok((document, hash.parse().map_err(|_| Problem::not_found())?))
}

/// All of a file, or the range that was asked for.
pub(super) async fn whole<S: Store>(
    State(app): State<App<S>>,
    Reader(person): Reader,
    Path((document, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (place, named) = app.centre.file(&person, ids(&document, &hash)?).await?;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let range = asked.map(|text| range(text, named.size)).unwrap_or(Asked::All);
    let part = match range {
        Asked::All => None,
        Asked::Part(part) => Some(part),
        Asked::Nothing => {
            let none = Problem::new(Kind::Range, "range.none", "The file does not reach there.");
            let mut response = none.into_response();
            let size = HeaderValue::try_from(format!("bytes */{}", named.size)).expect("digits");
            response.headers_mut().insert(header::CONTENT_RANGE, size);
            return Ok(response);
        }
    };
    let stream = app.centre.blobs()?.stream(&place, part.clone()).await.map_err(FileError::from)?;
    let stream = stream.ok_or_else(|| lost(&place))?;
    let mut response = Body::from_stream(stream).into_response();
    described(response.headers_mut(), &place, &named);
    let length = part.as_ref().map_or(named.size, |part| part.end - part.start);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(part) = part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{}", part.start, part.end - 1, named.size);
        response.headers_mut().insert(header::CONTENT_RANGE, HeaderValue::try_from(text).expect("digits"));
    }
    Ok(response)
}

/// The thumbnail of a picture.
pub(super) async fn thumbnail<S: Store>(
    State(app): State<App<S>>,
    Reader(person): Reader,
    Path((document, hash)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (place, named) = app.centre.file(&person, ids(&document, &hash)?).await?;
    let none =
        || Problem::new(Kind::NotFound, "thumbnail.none", "No small picture can be made of this file.");
    let bytes = app.centre.thumbnail(&place, named.media).await?.ok_or_else(none)?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::CACHE_CONTROL, KEPT),
    ];
    Ok((headers, bytes).into_response())
}

/// It has arrived, and its bytes are gone: somebody must look.
fn lost(place: &Place) -> Problem {
    tracing::error!(document = %place.document, hash = %place.hash, "a file that has arrived is not in its folder");
    Problem::internal()
}

fn described(set: &mut HeaderMap, place: &Place, named: &Attachment) {
    let constant = HeaderValue::from_static;
    set.insert(header::CONTENT_TYPE, constant(named.media.name()));
    set.insert(header::CONTENT_SECURITY_POLICY, constant(CSP));
    set.insert(header::CACHE_CONTROL, constant(KEPT));
    set.insert(header::ACCEPT_RANGES, constant("bytes"));
    let tag = HeaderValue::try_from(format!("\"{}\"", place.hash)).expect("hex digits");
    set.insert(header::ETAG, tag);
    let name = disposition(named);
    set.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("escaped to ASCII"));
}

/// A download under its own name (RFC 6266), its ending that of what it is.
fn disposition(named: &Attachment) -> String {
    let stem = named.name.rsplit_once('.').map_or(named.name.as_str(), |(stem, _)| stem);
    let stem = if stem.is_empty() { "file" } else { stem };
    let name = format!("{stem}.{}", named.media.ending());
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let escaped: String = name
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => char::from(b).to_string(),
            b => format!("%{}", HEXUPPER.encode(&[b])),
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{escaped}")
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    Nothing,
}

/// One range of bytes (RFC 9110, 14.1.2). Several, or what does not read, is as if nothing was asked.
fn range(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return Asked::All;
    };
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if last >= first => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Asked::All,
    };
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_rfc() {
        for (text, wanted) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=5-", Asked::Part(5..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-300", Asked::Part(0..10)),
            ("bytes=2-400", Asked::Part(2..10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-2", Asked::All),
            ("bytes=0-1,4-5", Asked::All),
            ("lines=1-2", Asked::All),
            ("bytes=a-b", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=18446744073709551615-", Asked::Nothing),
            ("bytes=0-18446744073709551615", Asked::Part(0..10)),
        ] {
            assert_eq!(range(text, 10), wanted, "{text}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let named = |name: &str| {
            let (hash, made) = (Hash([1; 32]), "2026-11-21T10:00:00Z".to_owned());
            let media = doorstep_protocol::documents::Media::Jpeg;
            Attachment { hash, size: 1, media, name: name.into(), purpose: "photo".into(), made }
        };
        let said = disposition(&named("塘\"; x=\r\n.html"));
        assert!(said.is_ascii() && !said.contains(['\r', '\n']), "{said}");
        assert!(said.ends_with(".jpg"), "its ending is that of what it is: {said}");
        assert!(disposition(&named("")).contains("filename=\"file.jpg\""));
    }
}
