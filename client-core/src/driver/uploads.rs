//! Files after the text: one request under way, of one part, and none while an edit waits.
//!
//! The session drives this beside its socket; without a session it is driven alone. It decides nothing about a
//! session and never holds one up: an edit waits for a part's place on the line at the most.

use std::collections::BTreeSet;
use std::time::Duration;

use doorstep_protocol::{DocumentId, Hash, limits};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Report, SyncFailure};
use crate::courier::{Courier, is_final};
use crate::enrol::HttpFailure;
use crate::replica::Replica;
use crate::source::Source;
use crate::store::{BlobRow, Identity, Store};

/// How long a live session waits after a failure before it tries files again.
const PAUSE: Duration = Duration::from_secs(5);

/// What one request came back with.
type Done = (Courier, Result<u64, HttpFailure>);

/// A file on its way.
struct Going {
    row: BlobRow,
    /// Bytes that the centre has; `None` until it was asked.
    offset: Option<u64>,
}

/// Files on their way to the centre.
pub(super) struct Uploads {
    courier: Option<Courier>,
    going: Option<Going>,
    request: Option<JoinHandle<Done>>,
    /// Files that began again once: bytes that came wrong twice are refused.
    again: BTreeSet<(DocumentId, Hash)>,
    /// The last file that could not go now; the next one is looked for behind it.
    passed: Option<BlobRow>,
    /// The line to the centre's HTTP side failed, or it takes no more today; since then.
    stopped: Option<(SyncFailure, Instant)>,
    /// The store's sequence at which there was nothing to send.
    idle: Option<u64>,
}

impl Uploads {
    pub(super) fn new(identity: Identity, url: &str) -> Self {
        Uploads {
            courier: Some(Courier::new(identity, url)),
            going: None,
            request: None,
            again: BTreeSet::new(),
            passed: None,
            stopped: None,
            idle: None,
        }
    }

    /// Whether a request is under way: [`Uploads::answer`] will be ready.
    pub(super) fn busy(&self) -> bool {
        self.request.is_some()
    }

    /// Why no more files go in this run.
    pub(super) fn stopped(self) -> Option<SyncFailure> {
        self.stopped.map(|(failure, _)| failure)
    }

    /// Sends the next request, if a file is to go and no text is. False: there is nothing to send now.
    pub(super) async fn advance<S: Store, R: Source>(
        &mut self,
        replica: &Replica<S, R>,
    ) -> Result<bool, SyncFailure> {
        if self.request.is_some() {
            return Ok(true);
        }
        if let Some((_, since)) = &self.stopped {
            if since.elapsed() < PAUSE {
                return Ok(false);
            }
            (self.stopped, self.passed, self.idle) = (None, None, None);
        }
        let sequence = replica.store().sequence().await?;
        if self.idle == Some(sequence) {
            return Ok(false);
        }
        if self.going.is_none() {
            let next = replica.next_file(self.passed.as_ref()).await?;
            self.going = next.map(|row| Going { row, offset: None });
        }
        let Some(Going { row, offset }) = &self.going else {
            (self.idle, self.passed) = (Some(sequence), None);
            return Ok(false);
        };
        let (document, hash, size) = (row.document, row.hash, row.size);
        let part = match *offset {
            None => None,
            Some(offset) => {
                let within = limits::BLOB_PART_BYTES as u64;
                let part = replica.store().blob_part(document, hash, offset / within).await?;
                // Gone with its document.
                let Some(mut part) = part else {
                    self.going = None;
                    return Ok(true);
                };
                part.drain(..(offset % within) as usize);
                Some((offset, part))
            }
        };
        let mut courier = self.courier.take().expect("it is back when no request is under way");
        self.request = Some(tokio::task::spawn_blocking(move || {
            let answer = match part {
                None => courier.begin(document, hash, size),
                Some((offset, part)) => courier.append((document, hash), offset, part),
            };
            (courier, answer)
        }));
        Ok(true)
    }

    /// The answer to the request under way. May be cancelled.
    pub(super) async fn answer(&mut self) -> Result<u64, HttpFailure> {
        let request = self.request.as_mut().expect("asked for only while busy");
        let (courier, answer) = request.await.expect("a request does not panic and is not aborted");
        (self.courier, self.request) = (Some(courier), None);
        answer
    }

    /// Takes an answer. True: a document that was revoked has gone with its last file.
    pub(super) async fn settle<S: Store, R: Source>(
        &mut self,
        replica: &mut Replica<S, R>,
        answer: Result<u64, HttpFailure>,
        report: &mut Report,
    ) -> Result<bool, SyncFailure> {
        let Some(Going { row, offset }) = self.going.take() else { return Ok(false) };
        match answer {
            Ok(here) if here >= row.size => {
                report.attachments_sent += usize::from(offset.is_some());
                return Ok(replica.settle_file(&row, None).await?);
            }
            Ok(here) => self.going = Some(Going { row, offset: Some(here) }),
            Err(failure) => match is_final(&failure) {
                Some(problem) if problem.code == "file.awaited" => self.passed = Some(row),
                Some(problem)
                    if problem.code == "file.hash" && self.again.insert((row.document, row.hash)) =>
                {
                    self.going = Some(Going { row, offset: None });
                }
                // An upload that the centre has dropped begins again.
                Some(problem)
                    if problem.status == 404
                        && offset.is_some()
                        && self.again.insert((row.document, row.hash)) =>
                {
                    self.going = Some(Going { row, offset: None });
                }
                Some(problem) => {
                    tracing::warn!(document = %row.document, hash = %row.hash, code = problem.code, "a file was refused");
                    return Ok(replica.settle_file(&row, Some(problem.code.clone())).await?);
                }
                None if is_conflict(&failure) && self.again.insert((row.document, row.hash)) => {
                    self.going = Some(Going { row, offset: None });
                }
                None => self.stopped = Some((failure.into(), Instant::now())),
            },
        }
        Ok(false)
    }
}

/// The centre has another length than was thought, or another request is at it: it is asked again.
fn is_conflict(failure: &HttpFailure) -> bool {
    matches!(failure, HttpFailure::Refused(problem) if problem.status == 409)
}
