//! The WebSocket adapter: `GET /sync/v1`. Drives one [`Session`](doorstep_protocol::machines::Session)
//! machine over one socket; every rule is the machine's or the pipeline's.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorstep_protocol::limits::SESSION_OVER;
use doorstep_protocol::machines::session::{In, Out, Session as Machine};
use doorstep_protocol::wire::{self, ActOutcome, Down, Up};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use zstd::bulk::Compressor;

use crate::enrol::{EnrolError, device_of_token};
use crate::http::error::Problem;
use crate::limits;
use crate::metrics::METRICS;
use crate::pipeline::{Centre, Leaving, Session};
use crate::store::{DeviceRow, Person, Store, StoreError};

/// Bytes of a frame that are read at all, so that a frame over the limit is answered and not cut.
const READ_BYTES: usize = 16 * 1024 * 1024;

/// What the adapter needs.
pub struct Sync<S> {
    centre: Arc<Centre<S>>,
    turns: Turns,
    /// True once the server stops.
    stopping: watch::Receiver<bool>,
}

/// Turns of all sessions together, so that memory does not grow with how many devices return at once. Never closed.
#[derive(Clone)]
struct Turns {
    /// What works on a document has it and its own state in memory.
    pushes: Arc<Semaphore>,
    /// What puts a page together has the rows of all that it may tell in memory.
    pages: Arc<Semaphore>,
}

impl<S> Clone for Sync<S> {
    fn clone(&self) -> Self {
        let (centre, turns) = (Arc::clone(&self.centre), self.turns.clone());
        Sync { centre, turns, stopping: self.stopping.clone() }
    }
}

/// The route of the feed.
pub fn router<S: Store>(centre: Arc<Centre<S>>, stopping: watch::Receiver<bool>) -> Router {
    let [pushes, pages] = [limits::PUSHES, limits::PAGES].map(|turns| Arc::new(Semaphore::new(turns)));
    let turns = Turns { pushes, pages };
    Router::new().route("/sync/v1", get(upgrade::<S>)).with_state(Sync { centre, turns, stopping })
}

async fn upgrade<S: Store>(
    State(sync): State<Sync<S>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Doorstep ")).unwrap_or_default();
    let (device, person) = match device_of_token(&sync.centre, token).await {
        Ok(found) => found,
        Err(error) => return refuse(&error),
    };
    let Ok(upgrade) = upgrade else {
        return Problem::bad_request("upgrade.missing", "This address takes WebSocket upgrades only.")
            .into_response();
    };
    let spoken = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if !spoken.is_some_and(|list| list.split(',').any(|one| one.trim() == limits::SUBPROTOCOL)) {
        let detail = format!("Ask for the subprotocol {} in Sec-WebSocket-Protocol.", limits::SUBPROTOCOL);
        return Problem::bad_request("upgrade.protocol", &detail).into_response();
    }
    upgrade
        .protocols([limits::SUBPROTOCOL])
        .max_message_size(READ_BYTES)
        .max_frame_size(READ_BYTES)
        .read_buffer_size(limits::SOCKET_BUFFER_BYTES)
        .write_buffer_size(limits::SOCKET_BUFFER_BYTES)
        .on_upgrade(move |socket| async move {
            METRICS.session_opened();
            let device_id = device.device;
            if let Err(error) = run(&sync, socket, device, person).await {
                tracing::debug!(device = %device_id, %error, "session ended");
            }
            METRICS.session_closed();
        })
}

fn refuse(error: &EnrolError) -> Response {
    let code = match error {
        EnrolError::Revoked => "device.revoked",
        EnrolError::Store(_) => return Problem::internal().into_response(),
        _ => "token.invalid",
    };
    let next = match error {
        EnrolError::Revoked => "Ask your office whether this device is still enrolled.",
        _ => {
            "Get a new nonce, sign it, and connect again. If the centre was restored from a backup, ask your office \
             for a code and enrol this same store again: nothing on it is lost."
        }
    };
    Problem::unauthorised(code, &error.to_string()).next(next).into_response()
}

/// One session from upgrade to close.
struct Connection<S> {
    centre: Arc<Centre<S>>,
    turns: Turns,
    socket: WebSocket,
    device: DeviceRow,
    person: Person,
    machine: Machine,
    session: Option<Session>,
    /// Each in a task of its own: it is worked on, and lets go of what it holds of the store, however slowly this peer reads.
    ingests: JoinSet<In>,
}

async fn run<S: Store>(
    sync: &Sync<S>,
    socket: WebSocket,
    device: DeviceRow,
    person: Person,
) -> Result<(), axum::Error> {
    let mut connection = Connection {
        centre: Arc::clone(&sync.centre),
        turns: sync.turns.clone(),
        socket,
        device,
        person,
        machine: Machine::default(),
        session: None,
        ingests: JoinSet::new(),
    };
    let (mut moved, mut stopping) = (sync.centre.moved(), sync.stopping.clone());
    loop {
        // Boxed, so that a session with nothing to do does not keep the room that reading a page takes.
        if Box::pin(connection.work()).await? {
            return close(connection.socket).await;
        }
        let idle = tokio::time::sleep(Duration::from_millis(limits::SESSION_IDLE_MS));
        let input = tokio::select! {
            biased;
            Some(done) = connection.ingests.join_next(), if !connection.ingests.is_empty() => vec![ended(done)],
            message = connection.socket.recv(), if connection.machine.wants_input() => match message {
                Some(Ok(message)) => read(message),
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
            // Whoever does not stay is told at the next session: a commit wakes no more than who waits for it.
            Ok(()) = moved.changed(), if connection.machine.stays() => {
                moved.mark_unchanged();
                vec![In::FeedMoved]
            }
            _ = stopping.wait_for(|stop| *stop), if connection.ingests.is_empty() => {
                vec![In::Refused { code: "server.stopping".into(), message: "The centre stops. What was acknowledged is kept; connect again in a moment.".into() }]
            }
            () = idle => vec![In::Refused { code: "session.idle".into(), message: "Nothing was said for a long time. Connect again when there is something.".into() }],
        };
        input.into_iter().for_each(|input| connection.machine.handle(input));
        // What one group commit made durable is answered together.
        while let Some(done) = connection.ingests.try_join_next() {
            connection.machine.handle(ended(done));
        }
    }
}

/// What became of a push.
fn ended(done: Result<In, JoinError>) -> In {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a push was cut short");
        In::Failed
    })
}

/// Lets the peer read what was said last before the connection goes.
async fn close(mut socket: WebSocket) -> Result<(), axum::Error> {
    let rest = async {
        let said = socket.send(Message::Close(None)).await;
        while let Some(Ok(_)) = socket.recv().await {}
        said
    };
    tokio::time::timeout(Duration::from_secs(2), rest).await.unwrap_or(Ok(()))
}

fn read(message: Message) -> Vec<In> {
    match message {
        Message::Binary(bytes) => match wire::unpack::<Up>(&bytes) {
            Ok(frames) => frames.into_iter().map(In::Frame).collect(),
            Err(error) => vec![In::Malformed(error)],
        },
        Message::Text(_) => vec![In::Malformed(wire::FrameError::Shape("a text message".into()))],
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Vec::new(),
    }
}

thread_local! {
    /// Compressors of this thread: making one costs more than compressing a short message.
    static COMPRESSORS: RefCell<[Option<Compressor<'static>>; 2]> = const { RefCell::new([None, None]) };
}

/// Messages of frames, compressed where that is smaller. Acks are for the most part receipts, which no compression
/// makes smaller: no trouble is taken over them.
pub fn pack(frames: &[Down]) -> Vec<Vec<u8>> {
    let acks = frames.iter().all(|frame| matches!(frame, Down::Ack { .. }));
    let (which, level) = if acks { (0, limits::ACK_LEVEL) } else { (1, limits::PACK_LEVEL) };
    COMPRESSORS.with_borrow_mut(|compressors| {
        let compressor = compressors[which]
            .get_or_insert_with(|| Compressor::new(level).expect("a compressor in memory does not fail"));
        wire::pack(frames, |bytes| compressor.compress(bytes).expect("compressing into memory does not fail"))
    })
}

impl<S: Store> Connection<S> {
    /// Does what the machine wants, in its order. True when the session is over.
    async fn work(&mut self) -> Result<bool, axum::Error> {
        let mut said = Vec::new();
        while let Some(out) = self.machine.poll() {
            match out {
                Out::Send(frame) => said.push(frame),
                Out::Close => return self.say(said).await.map(|()| true),
                Out::Ingest { document, changes, covered } => {
                    let Some(session) = self.session.as_mut().map(Session::pushing) else { continue };
                    let (centre, pushes) = (Arc::clone(&self.centre), Arc::clone(&self.turns.pushes));
                    self.ingests.spawn(async move {
                        // Whoever waits for a turn is its bytes and no more: the state of the work is
                        // made when it begins, or a district that returns at once would fill the memory with it.
                        let _turn = pushes.acquire().await;
                        let chunks = changes.into_iter().map(|chunk| chunk.to_vec()).collect();
                        match Box::pin(centre.ingest(&session, document, chunks, covered)).await {
                            Ok(done) if done.shut_out => revoked(),
                            Ok(done) => {
                                METRICS.ingested(done.acked.len(), done.rejected.len());
                                In::Ingested {
                                    document,
                                    acked: done.acked,
                                    rejected: done.rejected,
                                    held: done.held,
                                }
                            }
                            Err(error) => failed(&error),
                        }
                    });
                }
                other => {
                    // Whoever waits for these does not wait for a page as well.
                    self.say(std::mem::take(&mut said)).await?;
                    let input = self.step(other).await;
                    if let Some(input) = input {
                        self.machine.handle(input);
                    }
                }
            }
        }
        self.say(said).await.map(|()| false)
    }

    async fn say(&mut self, frames: Vec<Down>) -> Result<(), axum::Error> {
        let until = Duration::from_millis(limits::SESSION_IDLE_MS);
        for message in pack(&frames) {
            let sent = tokio::time::timeout(until, self.socket.send(Message::Binary(message.into()))).await;
            sent.map_err(axum::Error::new)??;
        }
        Ok(())
    }

    /// The steps that are taken one after the other. Each in a box of its own: who waits for a turn, or for a message, does
    /// not keep the room that the largest of them takes.
    async fn step(&mut self, out: Out) -> Option<In> {
        let centre = Arc::clone(&self.centre);
        if let Out::Open(hello) = &out {
            return Some(match Box::pin(centre.open(&self.device, self.person.clone(), hello)).await {
                Ok((session, opened)) => {
                    self.session = Some(session);
                    In::Opened(opened)
                }
                Err(error) => failed(&error),
            });
        }
        let session = self.session.as_mut()?;
        if matches!(out, Out::Act(_) | Out::LoadPage) {
            match centre.shut_out(session.device).await {
                Ok(false) => {}
                Ok(true) => return Some(revoked()),
                Err(error) => return Some(failed(&error)),
            }
        }
        if matches!(out, Out::LoadPage) {
            match centre.leaves(session.device).await {
                Ok(leaving) if leaving == session.leaving => {}
                Ok(_) => return Some(leaves()),
                Err(error) => return Some(failed(&error)),
            }
        }
        let result = match out {
            Out::Act(command) if session.leaving == Some(Leaving::HeldBack) => {
                Ok(Some(In::Acted { id: command.id, outcome: held_back() }))
            }
            Out::Act(command) => {
                let id = command.id;
                Box::pin(centre.act_on(session, command)).await.map(|outcome| Some(In::Acted { id, outcome }))
            }
            Out::Return { document, changes, decisions } => {
                Box::pin(centre.regain(session, document, (changes, decisions))).await.map(Some)
            }
            Out::LoadPage => {
                let _turn = self.turns.pages.acquire().await;
                Box::pin(centre.told(session)).await.map(Some)
            }
            Out::Stored { cursor, purged } => {
                Box::pin(centre.stored(session, &cursor, purged)).await.map(|()| Some(In::Recorded))
            }
            Out::Drained => Box::pin(centre.drained(session)).await.map(|()| None),
            Out::Open(_) | Out::Ingest { .. } | Out::Send(_) | Out::Close => Ok(None),
        };
        result.unwrap_or_else(|error| Some(failed(&error)))
    }
}

/// Shut out while connected: nothing more is taken or told.
fn revoked() -> In {
    In::Refused { code: "device.revoked".into(), message: EnrolError::Revoked.to_string() }
}

/// It leaves since this moment: its next session tells it so.
fn leaves() -> In {
    let message = "The office wants this device back as it was. Connect again; what is on it is sent first.";
    In::Refused { code: "device.leaving".into(), message: message.into() }
}

fn held_back() -> ActOutcome {
    let message =
        "this device was withdrawn: a person looks at what it sends, and nothing is decided on its word";
    ActOutcome::Refused { rule: "device.held_back".into(), message: message.into() }
}

/// Another session of the same store has begun, or another epoch of this one.
pub fn superseded() -> In {
    In::Refused {
        code: SESSION_OVER.into(),
        message: "Another session of this device has begun, or the centre was put back. Nothing was lost; connect again.".into(),
    }
}

fn failed(error: &StoreError) -> In {
    if matches!(error, StoreError::Superseded) {
        tracing::debug!(%error, "a session is over");
        return superseded();
    }
    tracing::error!(%error, "the store failed");
    In::Failed
}
