//! Sync over a real WebSocket: the machine decides, this file carries.
//!
//! Never stores anything itself and never skips a step: what the machine asks to be stored is stored
//! before the machine hears of it.

mod connection;
mod failure;
mod watch;

use std::time::Duration;

use doorstep_protocol::machines::Device;
use doorstep_protocol::machines::device::{End, In, Out, Persist};
use doorstep_protocol::wire::{self, Down};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

pub use failure::SyncFailure;
pub use watch::watch;

use crate::replica::Replica;
use crate::source::Source;
use crate::store::{Identity, Store};
use connection::{Connection, Received};

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
    /// Payload bytes of frames to the centre, without the upgrade.
    pub bytes_up: usize,
    /// Payload bytes of frames from the centre.
    pub bytes_down: usize,
    /// Answers that had to be waited for.
    pub round_trips: usize,
}

impl Report {
    fn count(&mut self, step: &Persist) {
        match step {
            Persist::Acked { changes, .. } => self.sent += changes.len(),
            Persist::Page { entries, .. } => {
                for entry in entries {
                    if let wire::Entry::Document { changes, decisions, .. } = entry {
                        self.received += changes.len() + decisions.len();
                    }
                }
            }
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

/// One sync: a session, and another where a refusal had edits rebuilt.
pub async fn sync<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    url: &str,
) -> Result<Report, SyncFailure> {
    let identity = replica.identity().await?.ok_or(SyncFailure::NotEnrolled)?;
    let mut report = Report::default();
    for _ in 0..AGAIN {
        let mut connection = Connection::open(&identity, url).await?;
        let (end, _) =
            session(replica, &mut connection, &mut report, None::<std::future::Pending<()>>).await?;
        report.pending = replica.status().await?.pending;
        match end {
            End::Done | End::Again if report.pending == 0 => break,
            End::Done | End::Again => {}
            End::Cut => return Err(SyncFailure::Cut),
            End::Fault { code, message } => return Err(SyncFailure::Fault { code, message }),
        }
    }
    Ok(report)
}

/// Runs one session to its end; live with `stop`, until that is ready.
async fn session<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    connection: &mut Connection,
    report: &mut Report,
    stop: Option<impl Future<Output = ()> + Unpin>,
) -> Result<(End, Option<Closing>), SyncFailure> {
    let start = replica.start_session(stop.is_some()).await?;
    let mut device = Device::open(start);
    let (mut stop, mut closing, mut awaits) = (stop, None, false);
    let mut tick = interval(POLL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut sequence = 0;
    let end = loop {
        if let Some(end) = steps(replica, connection, (&mut device, &mut awaits), report).await? {
            break end;
        }
        let input = tokio::select! {
            received = timeout_at(heard + SILENCE, connection.receive()) => match received {
                Ok(Received::Frame(bytes)) => {
                    heard = Instant::now();
                    report.bytes_down += bytes.len();
                    report.round_trips += usize::from(std::mem::take(&mut awaits));
                    let frame: Down = wire::decode(&bytes).map_err(SyncFailure::Frame)?;
                    if matches!(&frame, Down::Welcome(welcome) if welcome.last) {
                        replica.caught_up().await?;
                    }
                    In::Frame(frame)
                }
                Ok(Received::Alive) => { heard = Instant::now(); continue }
                Ok(Received::Closed) | Err(_) => In::Closed,
            },
            () = stopped(&mut stop) => { closing = Some(Closing::Stop); In::Closed }
            _ = tick.tick(), if stop.is_some() => {
                connection.keep_alive();
                let now = replica.store().sequence().await?;
                if std::mem::replace(&mut sequence, now) == now {
                    continue;
                }
                match replica.local().await? {
                    Some(local) => local,
                    None if device.pending() == 0 && replica.wants_new_session().await? => {
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
    while let Some(out) = device.poll() {
        match out {
            Out::Send(frame) => {
                let bytes = wire::encode(&frame);
                report.bytes_up += bytes.len();
                *awaits = true;
                connection.send(bytes);
            }
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
                    let changes = replica.returns(document, since).await?;
                    device.handle(In::Return { document, changes });
                }
                device.handle(In::Returned);
            }
            Out::Finished(end) => return Ok(Some(end)),
        }
    }
    Ok(None)
}

/// Ready when asked to stop; never for a session that ends by itself.
async fn stopped(stop: &mut Option<impl Future<Output = ()> + Unpin>) {
    match stop {
        Some(stop) => stop.await,
        None => std::future::pending().await,
    }
}

/// The address to use: an override, or the one of enrolment.
pub fn address(identity: &Identity, url: Option<&str>) -> String {
    url.unwrap_or(&identity.url).to_owned()
}
