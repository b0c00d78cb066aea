//! Files over HTTP: resumable uploads (tus 1.0) and downloads, one request at a time.
//!
//! Blocking, so it runs beside the runtime; never stores anything and never decides what goes.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use doorstep_protocol::{DocumentId, Hash};
use ureq::http::{Request, Response};
use ureq::{Agent, Body, SendBody};

use crate::auth::authorization;
use crate::enrol::{HttpFailure, Problem, nonce_blocking};
use crate::store::Identity;
use crate::trust;

/// A part of a file over the slowest line that is still a line.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A token is good for two minutes; a fresh one is signed well before.
const TOKEN_LIFE: Duration = Duration::from_secs(80);

/// Carries files between one device and its centre.
pub(crate) struct Courier {
    agent: Agent,
    identity: Identity,
    url: String,
    token: Option<(String, Instant)>,
}

impl Courier {
    pub(crate) fn new(identity: Identity, url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Courier { agent: trust::agent(&url, TIMEOUT), identity, url, token: None }
    }

    /// Begins an upload or finds it begun. Returns the bytes that the centre has.
    pub(crate) fn begin(&mut self, document: DocumentId, hash: Hash, size: u64) -> Result<u64, HttpFailure> {
        let encoded = |text: String| BASE64.encode(text.as_bytes());
        let (of, is) = (encoded(document.to_string()), encoded(hash.to_string()));
        let request = self
            .request("POST", "/uploads/v1")?
            .header("Upload-Length", size)
            .header("Upload-Metadata", format!("document {of},sha256 {is}"));
        self.stands(request, Vec::new())
    }

    /// Appends a part at `offset`. Returns the bytes that the centre has.
    pub(crate) fn append(
        &mut self,
        (document, hash): (DocumentId, Hash),
        offset: u64,
        part: Vec<u8>,
    ) -> Result<u64, HttpFailure> {
        let request = self
            .request("PATCH", &format!("/uploads/v1/{document}/{hash}"))?
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", offset);
        self.stands(request, part)
    }

    /// All bytes of a file, or its thumbnail; at most `most`.
    pub(crate) fn fetch(
        &mut self,
        (document, hash): (DocumentId, Hash),
        what: &str,
        most: u64,
    ) -> Result<Vec<u8>, HttpFailure> {
        let request = self.request("GET", &format!("/files/v1/{document}/{hash}{what}"))?;
        let mut response = self.send(request, Vec::new())?;
        let read = response.body_mut().with_config().limit(most + 1).read_to_vec();
        read.map_err(|error| self.unreachable(&error))
    }

    fn stands(&self, request: ureq::http::request::Builder, body: Vec<u8>) -> Result<u64, HttpFailure> {
        let response = self.send(request, body)?;
        let offset =
            response.headers().get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
        offset.ok_or_else(|| HttpFailure::Shape(self.url.clone()))
    }

    fn request(&mut self, method: &str, path: &str) -> Result<ureq::http::request::Builder, HttpFailure> {
        if self.token.as_ref().is_none_or(|(_, made)| made.elapsed() > TOKEN_LIFE) {
            let nonce = nonce_blocking(&self.url)?;
            self.token = Some((authorization(&self.identity, &nonce), Instant::now()));
        }
        let (token, _) = self.token.as_ref().expect("set above");
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        Ok(request.header("Authorization", token.as_str()).header("Tus-Resumable", "1.0.0"))
    }

    fn send(
        &self,
        request: ureq::http::request::Builder,
        body: Vec<u8>,
    ) -> Result<Response<Body>, HttpFailure> {
        let bodiless = request.method_ref().is_some_and(|method| method == "GET");
        let shape = |_| HttpFailure::Shape(self.url.clone());
        let sent = if bodiless {
            self.agent.run(request.body(SendBody::none()).map_err(shape)?)
        } else {
            self.agent
                .run(request.body(SendBody::from_owned_reader(std::io::Cursor::new(body))).map_err(shape)?)
        };
        let mut response = sent.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        if status >= 400 {
            let said = response.body_mut().read_to_vec().unwrap_or_default();
            return Err(HttpFailure::Refused(Box::new(Problem::read(status, &said))));
        }
        Ok(response)
    }

    fn unreachable(&self, error: &ureq::Error) -> HttpFailure {
        HttpFailure::Unreachable { url: self.url.clone(), why: error.to_string() }
    }
}

/// Whether the centre will never take this file as it is. Only its own word is: whatever else answers on the way, such as a
/// proxy, has no problem of the centre's to show, and is tried again.
pub(crate) fn is_final(failure: &HttpFailure) -> Option<&Problem> {
    match failure {
        HttpFailure::Refused(problem) if matches!(problem.status, 404 | 413 | 415 | 422) => {
            Some(&**problem).filter(|problem| !problem.code.starts_with("http."))
        }
        _ => None,
    }
}
