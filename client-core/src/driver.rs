//! Sync over a real WebSocket: the machine decides, this file carries.
//!
//! Never stores anything itself and never skips a step: what the machine asks to be stored is stored
//! before the machine hears of it.

mod connection;
mod failure;
mod uploads;
mod watch;

use std::collections::BTreeSet;
use std::future::Pending;
use std::ops::AddAssign;
use std::time::Duration;

use doorstep_protocol::Hash;
use doorstep_protocol::limits;
use doorstep_protocol::machines::Device;
use doorstep_protocol::machines::device::{End, In, Out, Persist};
use doorstep_protocol::wire::{self, Down, Up};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

pub use failure::SyncFailure;
pub use watch::watch;

use crate::enrol::HttpFailure;
use crate::replica::{Replica, Waiting};
use crate::source::Source;
use crate::store::{Identity, Store};
use connection::{Connection, Received};
use uploads::Uploads;

/// Sessions in a row after a refusal had edits rebuilt.
const AGAIN: usize = 3;
/// A session that hears nothing for so long is given up.
const SILENCE: Duration = Duration::from_mins(1);
/// How often a live session looks for edits of other processes.
const POLL: Duration = Duration::from_millis(300);

/// What syncing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Changes that the centre acknowledged.
    pub sent: usize,
    /// Changes and decisions that came.
    pub received: usize,
    /// Edits and commands that were refused, and edits that no longer fitted after that.
    pub rejected: usize,
    /// Changes and commands that still wait.
    pub pending: usize,
    /// Of these, changes that the centre does not know enough to take: it is older than this device, or lacks
    /// what they build on. They are sent again.
    pub held: usize,
    /// Payload bytes of frames to the centre, without the upgrade.
    pub bytes_up: usize,
    /// Payload bytes of frames from the centre.
    pub bytes_down: usize,
    /// Answers that had to be waited for.
    pub round_trips: usize,
    /// Files that arrived whole at the centre.
    pub attachments_sent: usize,
    /// Files that still wait, or that the centre would not have.
    pub attachments: Waiting,
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.rejected += other.rejected;
        self.pending += other.pending;
        self.held += other.held;
        self.bytes_up += other.bytes_up;
        self.bytes_down += other.bytes_down;
        self.round_trips += other.round_trips;
        self.attachments_sent += other.attachments_sent;
        self.attachments += other.attachments;
    }
}

impl Report {
    fn count(&mut self, step: &Persist) {
        match step {
            Persist::Acked { changes, .. } => self.sent += changes.len(),
            Persist::Page { entries, .. } => {
                for entry in entries {
                    if let wire::Entry::Document { changes, decisions, briefs, .. } = entry {
                        let briefs = briefs.as_ref().map_or(0, Vec::len);
                        self.received += changes.len() + decisions.len() + briefs;
                    }
                }
            }
            Persist::Held { changes, .. } => self.held += changes.len(),
            Persist::Rejected { .. } | Persist::Acted { .. } | Persist::Welcome { .. } => {}
        }
    }
}

/// Why a session is closed from this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    /// Somebody asked for it.
    Stop,
    /// Something has to go into a new hello.
    Renew,
}

/// One sync: the text first, then the files, and again the text as soon as there is any.
pub async fn sync<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    url: &str,
) -> Result<Report, SyncFailure> {
    let identity = replica.identity().await?.ok_or(SyncFailure::NotEnrolled)?;
    let (mut report, mut uploads) = (Report::default(), Uploads::new(identity.clone(), url));
    loop {
        text(replica, (&identity, url), &mut report).await?;
        let told = replica.store().outbox().await?.into_iter().map(|entry| entry.hash).collect();
        if !files(replica, &mut uploads, &told, &mut report).await? {
            break;
        }
    }
    report.attachments = replica.files_waiting().await?;
    uploads.stopped().map_or(Ok(report), Err)
}

/// Sends files until none is left, or a session has something to say. True: it has.
async fn files<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    uploads: &mut Uploads,
    told: &BTreeSet<Hash>,
    report: &mut Report,
) -> Result<bool, SyncFailure> {
    let mut purged = false;
    while uploads.advance(replica).await? {
        if uploads.busy() {
            let answer = uploads.answer().await;
            purged |= uploads.settle(replica, answer, report).await?;
        }
        if replica.store().outbox().await?.iter().any(|entry| !told.contains(&entry.hash)) {
            return Ok(true);
        }
    }
    // The centre hears that a document has gone with its last file.
    Ok(purged)
}

/// The text: a session, and another where a refusal had edits rebuilt.
async fn text<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    (identity, url): (&Identity, &str),
    report: &mut Report,
) -> Result<(), SyncFailure> {
    for _ in 0..AGAIN {
        report.held = 0;
        let mut connection = Connection::open(identity, url).await?;
        let (end, _) = session(replica, &mut connection, report, None::<Live<'_, Pending<()>>>).await?;
        report.pending = replica.status().await?.pending;
        match end {
            End::Done | End::Again if report.pending == 0 => break,
            // Asking again at once would be answered alike.
            End::Done if report.held > 0 => break,
            End::Done | End::Again => {}
            End::Fault { code, .. } if code == limits::REOFFER_AGAIN || code == limits::SESSION_OVER => {}
            End::Cut => return Err(SyncFailure::Cut),
            End::Fault { code, message } => return Err(SyncFailure::Fault { code, message }),
        }
    }
    Ok(())
}

/// What a session has that stays until it is stopped.
struct Live<'a, F> {
    stop: F,
    uploads: &'a mut Uploads,
}

/// Runs one session to its end; live until its `stop` is ready, with files going beside it.
async fn session<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    connection: &mut Connection,
    report: &mut Report,
    mut live: Option<Live<'_, impl Future<Output = ()> + Unpin>>,
) -> Result<(End, Option<Closing>), SyncFailure> {
    let start = replica.start_session(live.is_some()).await?;
    let mut device = Device::open(start);
    let (mut closing, mut awaits, mut renew) = (None, false, false);
    let mut tick = interval(POLL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut sequence = 0;
    let end = loop {
        if let Some(end) = steps(replica, connection, (&mut device, &mut awaits), report).await? {
            break end;
        }
        if let Some(live) = live.as_mut().filter(|_| device.pending() == 0) {
            live.uploads.advance(replica).await?;
        }
        let input = tokio::select! {
            received = timeout_at(heard + SILENCE, connection.receive()) => match received {
                Ok(Received::Frame(bytes)) => {
                    heard = Instant::now();
                    report.bytes_down += bytes.len();
                    report.round_trips += usize::from(std::mem::take(&mut awaits));
                    let mut frames: Vec<Down> = wire::unpack(&bytes).map_err(SyncFailure::Frame)?;
                    if frames.iter().any(|frame| matches!(frame, Down::Welcome(welcome) if welcome.last)) {
                        replica.caught_up().await?;
                    }
                    let Some(last) = frames.pop() else { continue };
                    frames.into_iter().for_each(|frame| device.handle(In::Frame(frame)));
                    In::Frame(last)
                }
                Ok(Received::Alive) => { heard = Instant::now(); continue }
                Ok(Received::Closed) | Err(_) => In::Closed,
            },
            event = event(&mut live) => match event {
                Event::Stop => { closing = Some(Closing::Stop); In::Closed }
                Event::Uploaded(answer) => {
                    let uploads = &mut live.as_mut().expect("it has just told").uploads;
                    renew |= uploads.settle(replica, answer, report).await?;
                    continue;
                }
            },
            _ = tick.tick(), if live.is_some() => {
                connection.keep_alive();
                let now = replica.store().sequence().await?;
                if std::mem::replace(&mut sequence, now) == now {
                    continue;
                }
                match replica.local().await? {
                    Some(local) => local,
                    None if device.pending() == 0 && (renew || replica.wants_new_session().await?) => {
                        closing = Some(Closing::Renew);
                        In::Closed
                    }
                    None => continue,
                }
            }
        };
        device.handle(input);
    };
    let drained = closing.is_some() && device.pending() == 0;
    let end = if drained { End::Done } else { end };
    connection.close().await;
    replica.end_session(&end).await?;
    Ok((end, closing))
}

/// Does what the machine wants until it wants nothing; the end, if it is over.
async fn steps<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    connection: &mut Connection,
    (device, awaits): (&mut Device, &mut bool),
    report: &mut Report,
) -> Result<Option<End>, SyncFailure> {
    let mut said = Vec::new();
    while let Some(out) = device.poll() {
        if !matches!(out, Out::Send(_)) {
            *awaits |= say(connection, std::mem::take(&mut said), report);
        }
        match out {
            Out::Send(frame) => said.push(frame),
            Out::Persist(step) => {
                let purged = if matches!(step, Persist::Rejected { .. } | Persist::Acted { .. }) {
                    let shown = replica.store().rejected().await?.len();
                    let purged = replica.persist(&step).await?;
                    report.rejected += replica.store().rejected().await?.len().saturating_sub(shown);
                    purged
                } else {
                    replica.persist(&step).await?
                };
                report.count(&step);
                device.handle(In::Persisted { purged });
            }
            Out::Offer { since } => {
                for document in replica.held_documents().await? {
                    let (changes, decisions) = replica.returns(document, since).await?;
                    device.handle(In::Return { document, changes, decisions });
                }
                device.handle(In::Returned);
            }
            Out::Finished(end) => return Ok(Some(end)),
        }
    }
    *awaits |= say(connection, said, report);
    Ok(None)
}

/// Sends what was said in one go. Returns whether there was anything.
fn say(connection: &mut Connection, frames: Vec<Up>, report: &mut Report) -> bool {
    for message in pack(&frames) {
        report.bytes_up += message.len();
        connection.send(message);
    }
    !frames.is_empty()
}

/// Messages of frames, compressed where that is smaller.
pub fn pack(frames: &[Up]) -> Vec<Vec<u8>> {
    wire::pack(frames, |bytes| compress_to_vec(bytes, CompressionLevel::Fastest))
}

/// What a live session hears beside its socket.
enum Event {
    Stop,
    Uploaded(Result<u64, HttpFailure>),
}

/// Asked to stop, or an answer about a file; never for a session that ends by itself.
async fn event(live: &mut Option<Live<'_, impl Future<Output = ()> + Unpin>>) -> Event {
    match live {
        None => std::future::pending().await,
        Some(Live { stop, uploads }) => tokio::select! {
            () = stop => Event::Stop,
            answer = uploads.answer(), if uploads.busy() => Event::Uploaded(answer),
        },
    }
}

/// The address to use: an override, or the one of enrolment.
pub fn address(identity: &Identity, url: Option<&str>) -> String {
    url.unwrap_or(&identity.url).to_owned()
}
