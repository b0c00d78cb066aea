//! One connection: both real machines, frames as bytes, every delivery a step that somebody chooses.
//!
//! Drives the session machine as the WebSocket adapter does and the device machine as the driver does;
//! owns no rule of either. What is seen on the way is noted for oracles.

mod traffic;

use std::collections::VecDeque;

use doorstep_client::replica::SessionFailure;
use doorstep_client::store::{StoreError, immediate};
use doorstep_protocol::machines::device::{End, In, Out, Persist};
use doorstep_protocol::machines::session::{In as AtCentre, Out as Wanted};
use doorstep_protocol::machines::{Device, Session};
use doorstep_protocol::wire::{self, Acked, Down, Entry, Up};
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::Centre;
use doorstep_server::pipeline;
use doorstep_server::store::memory::MemoryStore;
use doorstep_server::store::{DeviceRow, Person, Store, StoreError as CentreError};
use doorstep_server::ws::{pack, superseded};
use tokio::sync::watch;

use super::handset::Handset;
pub use traffic::Traffic;

/// Something that can happen next on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The oldest frame of the device arrives.
    Up,
    /// The oldest frame of the centre arrives.
    Down,
    /// One of the ingests under way runs to its end.
    Ingest(usize),
    /// The session hears that something was committed.
    Moved,
}

/// Why a device stopped in the middle of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its store failed: the process is gone.
    Crashed,
    /// It could not do what it has to be able to do.
    Broken(String),
}

/// What oracles want to know.
#[derive(Clone, Debug)]
pub enum Note {
    /// The centre says that these are durable.
    AckSent(DocumentId, Vec<Hash>),
    /// The device heard it.
    AckHeard(DocumentId, Vec<Acked>),
    /// The centre refused these.
    Refused(DocumentId, Vec<Hash>),
    /// The centre put these on a page.
    Told(Vec<Entry>),
    /// The device has stored a page of these.
    Stored(Vec<Entry>),
}

/// One connection between a device and a centre.
#[derive(Debug)]
pub struct Line {
    device: Option<Device>,
    session: Session,
    row: DeviceRow,
    person: Person,
    open: Option<pipeline::Session>,
    ingests: Vec<(DocumentId, Vec<Vec<u8>>, bool)>,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    moved: watch::Receiver<u64>,
    live: bool,
    closed: bool,
    /// How the device's side ended.
    pub end: Option<End>,
    /// What was carried.
    pub traffic: Traffic,
    /// What happened since somebody last took it.
    pub notes: Vec<Note>,
}

impl Line {
    /// Connects. `None`: the centre does not let the device in.
    pub fn open(
        centre: &Centre<MemoryStore>,
        handset: &mut Handset,
        live: bool,
    ) -> Result<Option<Self>, Stop> {
        immediate(Line::connect(centre, handset, live))
    }

    /// Connects to a centre over any store.
    pub async fn connect<S: Store>(
        centre: &Centre<S>,
        handset: &mut Handset,
        live: bool,
    ) -> Result<Option<Self>, Stop> {
        let row = centre.store().device(handset.id).await.expect("the centre's store reads");
        let Some(row) = row else { return Ok(None) };
        let person = centre.person(row.worker).await.expect("the centre's store reads");
        let Some(person) = person.filter(|_| row.revoked.is_none()) else { return Ok(None) };
        let start = immediate(handset.replica.start_session(live)).map_err(stopped)?;
        let mut line = Line {
            device: Some(Device::open(start)),
            session: Session::default(),
            row,
            person,
            open: None,
            ingests: Vec::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            moved: centre.moved(),
            live,
            closed: false,
            end: None,
            traffic: Traffic::default(),
            notes: Vec::new(),
        };
        line.drive(handset)?;
        Ok(Some(line))
    }

    /// All that can happen next. Nothing: the line is over, or waits for news.
    pub fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        if !self.up.is_empty() && !self.closed && self.session.wants_input() {
            moves.push(Move::Up);
        }
        if self.device.is_some() && self.end.is_none() && (!self.down.is_empty() || self.closed) {
            moves.push(Move::Down);
        }
        moves.extend((0..self.ingests.len()).map(Move::Ingest));
        if self.live && !self.closed && self.open.is_some() && self.moved.has_changed().unwrap_or(false) {
            moves.push(Move::Moved);
        }
        moves
    }

    /// Whether nothing of this line can happen any more.
    pub fn is_over(&self) -> bool {
        let device_gone = self.device.is_none() || self.end.is_some();
        device_gone && self.ingests.is_empty() && (self.up.is_empty() || self.closed)
    }

    /// Whether the device still takes part.
    pub fn is_attached(&self) -> bool {
        self.device.is_some() && self.end.is_none()
    }

    /// Lets one thing happen. `handset` is the line's own.
    pub fn step(
        &mut self,
        next: Move,
        centre: &Centre<MemoryStore>,
        handset: &mut Handset,
    ) -> Result<(), Stop> {
        immediate(self.go(next, centre, handset))
    }

    /// Lets one thing happen at a centre over any store.
    pub async fn go<S: Store>(
        &mut self,
        next: Move,
        centre: &Centre<S>,
        handset: &mut Handset,
    ) -> Result<(), Stop> {
        match next {
            Move::Up => {
                let bytes = self.up.pop_front().expect("offered as a move");
                match wire::unpack::<Up>(&bytes) {
                    Ok(frames) => {
                        frames.into_iter().for_each(|frame| self.session.handle(AtCentre::Frame(frame)));
                    }
                    Err(error) => self.session.handle(AtCentre::Malformed(error)),
                }
                self.serve(centre).await;
            }
            Move::Ingest(at) => {
                let (document, chunks, covered) = self.ingests.remove(at);
                let session = self.open.as_ref().expect("nothing is ingested before the hello");
                let input = match centre.ingest(session, document, chunks, covered).await {
                    Ok(done) if done.shut_out => AtCentre::Refused {
                        code: "device.revoked".into(),
                        message: "this device was revoked".into(),
                    },
                    Ok(done) => {
                        if !done.acked.is_empty() {
                            let hashes = done.acked.iter().map(|acked| acked.hash).collect();
                            self.notes.push(Note::AckSent(document, hashes));
                        }
                        AtCentre::Ingested {
                            document,
                            acked: done.acked,
                            rejected: done.rejected,
                            held: done.held,
                        }
                    }
                    Err(error) => failed(&error),
                };
                self.session.handle(input);
                self.serve(centre).await;
            }
            Move::Moved => {
                self.moved.mark_unchanged();
                self.session.handle(AtCentre::FeedMoved);
                self.serve(centre).await;
            }
            Move::Down => self.hear(handset)?,
        }
        Ok(())
    }

    /// The device has new edits while it is connected.
    pub fn local(&mut self, handset: &mut Handset) -> Result<(), Stop> {
        let local = immediate(handset.replica.local()).map_err(stopped)?;
        if let (Some(device), Some(local)) = (&mut self.device, local) {
            device.handle(local);
        }
        self.drive(handset)
    }

    /// The connection is gone for both sides. What was on its way is lost.
    pub fn cut(&mut self, handset: &mut Handset) -> Result<(), Stop> {
        self.leave(handset)?;
        self.up.clear();
        self.ingests.clear();
        self.closed = true;
        Ok(())
    }

    /// The connection is gone for the device; what it sent may still arrive and be done.
    pub fn leave(&mut self, handset: &mut Handset) -> Result<(), Stop> {
        self.down.clear();
        if let Some(device) = &mut self.device {
            device.handle(In::Closed);
        }
        let driven = self.drive(handset);
        self.device = None;
        driven
    }

    /// The device's process is gone without a word.
    pub fn abandon(&mut self) {
        self.device = None;
        self.down.clear();
    }

    fn hear(&mut self, handset: &mut Handset) -> Result<(), Stop> {
        let device = self.device.as_mut().expect("offered as a move");
        let Some(bytes) = self.down.pop_front() else {
            device.handle(In::Closed);
            return self.drive(handset);
        };
        let frames: Vec<Down> =
            wire::unpack(&bytes).map_err(|error| Stop::Broken(format!("frame: {error}")))?;
        if frames.iter().any(|frame| matches!(frame, Down::Welcome(welcome) if welcome.last)) {
            immediate(handset.replica.caught_up()).map_err(stopped)?;
        }
        frames.into_iter().for_each(|frame| device.handle(In::Frame(frame)));
        self.drive(handset)
    }

    /// Does what the device's machine wants.
    fn drive(&mut self, handset: &mut Handset) -> Result<(), Stop> {
        let Some(device) = &mut self.device else { return Ok(()) };
        let mut said = Vec::new();
        while let Some(out) = device.poll() {
            if !matches!(out, Out::Send(_)) {
                self.traffic.up(&mut self.up, std::mem::take(&mut said));
            }
            match out {
                Out::Send(frame) => said.push(frame),
                Out::Persist(step) => {
                    if let Persist::Acked { document, changes } = &step {
                        self.notes.push(Note::AckHeard(*document, changes.clone()));
                    }
                    let purged = immediate(handset.replica.persist(&step)).map_err(stopped)?;
                    if let Persist::Page { entries, .. } = step {
                        self.notes.push(Note::Stored(entries));
                    }
                    device.handle(In::Persisted { purged });
                }
                Out::Offer { since } => {
                    for document in immediate(handset.replica.held_documents()).map_err(stopped)? {
                        let returned = handset.replica.returns(document, since);
                        let (changes, decisions) = immediate(returned).map_err(stopped)?;
                        device.handle(In::Return { document, changes, decisions });
                    }
                    device.handle(In::Returned);
                }
                Out::Finished(end) => {
                    immediate(handset.replica.end_session(&end)).map_err(stopped)?;
                    self.end = Some(end);
                }
            }
        }
        self.traffic.up(&mut self.up, said);
        Ok(())
    }

    /// Does what the session's machine wants, in its order; ingests wait to be chosen.
    async fn serve<S: Store>(&mut self, centre: &Centre<S>) {
        let mut said = Vec::new();
        while let Some(out) = self.session.poll() {
            match out {
                Wanted::Send(frame) => said.push(frame),
                Wanted::Close => self.closed = true,
                Wanted::Ingest { document, changes, covered } => {
                    let chunks = changes.into_iter().map(|chunk| chunk.to_vec()).collect();
                    self.ingests.push((document, chunks, covered));
                }
                other => {
                    self.say(std::mem::take(&mut said));
                    if let Some(input) = self.task(centre, other).await {
                        self.session.handle(input);
                    }
                }
            }
        }
        self.say(said);
    }

    fn say(&mut self, frames: Vec<Down>) {
        frames.iter().for_each(|frame| self.note(frame));
        for message in pack(&frames) {
            self.traffic.frames_down += 1;
            self.traffic.bytes_down += message.len();
            self.down.push_back(message);
        }
    }

    fn note(&mut self, frame: &Down) {
        match frame {
            Down::Reject { document, changes } => {
                self.notes
                    .push(Note::Refused(*document, changes.iter().map(|refused| refused.hash).collect()));
            }
            Down::Page { entries, .. } => self.notes.push(Note::Told(entries.clone())),
            _ => {}
        }
    }

    async fn task<S: Store>(&mut self, centre: &Centre<S>, out: Wanted) -> Option<AtCentre> {
        if let Wanted::Open(hello) = &out {
            // As the adapter does it: the device as it was when it connected.
            return Some(match centre.open(&self.row, self.person.clone(), hello).await {
                Ok((session, opened)) => {
                    self.open = Some(session);
                    AtCentre::Opened(opened)
                }
                Err(error) => failed(&error),
            });
        }
        let session = self.open.as_mut()?;
        let done = match out {
            Wanted::Act(command) => {
                let id = command.id;
                let acted = centre.act_on(session, command).await;
                acted.map(|outcome| Some(AtCentre::Acted { id, outcome }))
            }
            Wanted::Return { document, changes, decisions } => {
                centre.regain(session, document, (changes, decisions)).await.map(Some)
            }
            Wanted::LoadPage => centre.told(session).await.map(Some),
            Wanted::Stored { cursor, purged } => {
                centre.stored(session, &cursor, purged).await.map(|()| Some(AtCentre::Recorded))
            }
            Wanted::Drained => centre.drained(session).await.map(|()| None),
            Wanted::Open(_) | Wanted::Ingest { .. } | Wanted::Send(_) | Wanted::Close => Ok(None),
        };
        done.unwrap_or_else(|error| Some(failed(&error)))
    }
}

/// As the adapter says it.
fn failed(error: &CentreError) -> AtCentre {
    if matches!(error, CentreError::Superseded) { superseded() } else { AtCentre::Failed }
}

/// A failing store is a crash; anything else is a device that cannot go on.
pub fn stopped(failure: SessionFailure) -> Stop {
    match failure {
        SessionFailure::Store(StoreError::Failed(_)) => Stop::Crashed,
        other => Stop::Broken(other.to_string()),
    }
}
