//! The centre's side of one session.
//!
//! Order that matters: nothing is ingested before the hello is recorded; changes of one document
//! are ingested one push after the other; pages begin when all that the hello announced is answered,
//! so that a revocation finds a drained device; one page is in flight at a time.

mod ack;
mod io;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ack::Pushed;
pub use io::{In, Opened, Out, Page};

use crate::ids::{DocumentId, Hash};
use crate::limits;
use crate::wire::{Acked, Blob, Command, Down, LimitsOffer, Rejected, Sent, Up, Welcome};

/// Documents of one session that are ingested side by side.
const IN_FLIGHT: usize = 64;

#[derive(Debug, PartialEq, Eq)]
enum Pages {
    Idle,
    Loading,
    /// Sent, not yet confirmed; whether it was the last.
    InFlight,
    Recording,
}

/// The centre's side of one session.
#[derive(Debug)]
pub struct Session {
    greeted: bool,
    opened: Option<Opened>,
    live: bool,
    welcomed: bool,
    drained: bool,
    said_last: bool,
    feed_moved: bool,
    announced: BTreeSet<(DocumentId, Hash)>,
    commands_left: u32,
    /// Pushes heard so far.
    pushes: u32,
    waiting: BTreeMap<DocumentId, VecDeque<(u32, Vec<Blob>)>>,
    order: VecDeque<DocumentId>,
    busy: BTreeMap<DocumentId, Pushed>,
    covered: BTreeSet<DocumentId>,
    acts: VecDeque<Command>,
    acting: bool,
    returns: VecDeque<(DocumentId, Vec<Sent>, Vec<Blob>)>,
    regaining: bool,
    returned: bool,
    pages: Pages,
    over: bool,
    out: VecDeque<Out>,
}

impl Default for Session {
    fn default() -> Self {
        Session {
            greeted: false,
            opened: None,
            live: false,
            welcomed: false,
            drained: false,
            said_last: false,
            feed_moved: false,
            announced: BTreeSet::new(),
            commands_left: 0,
            pushes: 0,
            waiting: BTreeMap::new(),
            order: VecDeque::new(),
            busy: BTreeMap::new(),
            covered: BTreeSet::new(),
            acts: VecDeque::new(),
            acting: false,
            returns: VecDeque::new(),
            regaining: false,
            returned: false,
            pages: Pages::Idle,
            over: false,
            out: VecDeque::new(),
        }
    }
}

impl Session {
    /// The next thing to do, if any.
    pub fn poll(&mut self) -> Option<Out> {
        self.out.pop_front()
    }

    /// Whether more frames should be read now: bounds what one session holds in memory.
    pub fn wants_input(&self) -> bool {
        let pushes = || self.waiting.values().flatten();
        let bytes: usize = pushes().flat_map(|(_, changes)| changes).map(|change| change.len()).sum();
        if self.awaits_returns() {
            // The pushes before it are held back, so what is given back must get past them.
            return bytes < 2 * limits::PUSH_WINDOW_BYTES && self.returns.len() < IN_FLIGHT;
        }
        pushes().count() < IN_FLIGHT * 2 && bytes < limits::PUSH_WINDOW_BYTES && self.acts.len() < 256
    }

    /// Whether the device stays to be told of what comes: only then is [`In::FeedMoved`] of use.
    pub fn stays(&self) -> bool {
        self.live
    }

    /// Takes one input. After the end everything is ignored.
    pub fn handle(&mut self, input: In) {
        if self.over {
            return;
        }
        match input {
            In::Frame(frame) => self.frame(frame),
            In::Malformed(error) => {
                let message =
                    format!("{error}. Nothing of it was taken; what was acknowledged before is kept.");
                self.fault(error.code().into(), message);
            }
            In::Opened(opened) => self.opened = Some(opened),
            In::Refused { code, message } => self.fault(code, message),
            In::Ingested { document, acked, rejected, held } => {
                self.ingested(document, (acked, rejected, held));
            }
            In::Acted { id, outcome } => {
                self.acting = false;
                self.commands_left = self.commands_left.saturating_sub(1);
                self.out.push_back(Out::Send(Down::Acted { id, outcome }));
            }
            In::Page(page) => self.page(page),
            In::Regained => self.regaining = false,
            In::Recorded => self.pages = Pages::Idle,
            In::FeedMoved => self.feed_moved = true,
            In::Failed => self.fault(
                "store.failed".into(),
                "The centre could not store this. What was acknowledged is kept; send the rest again later."
                    .into(),
            ),
        }
        self.advance();
    }

    fn frame(&mut self, frame: Up) {
        match frame {
            Up::Hello(hello) if !self.greeted => {
                if hello.version != limits::WIRE_VERSION {
                    let message = format!(
                        "This centre speaks version {}, the device version {}. Nothing was lost; update the older one.",
                        limits::WIRE_VERSION,
                        hello.version
                    );
                    return self.fault("hello.version".into(), message);
                }
                self.greeted = true;
                self.live = hello.live;
                self.commands_left = hello.commands;
                for announced in &hello.unsent {
                    self.announced.extend(announced.hashes.iter().map(|hash| (announced.document, *hash)));
                }
                self.out.push_back(Out::Open(hello));
            }
            Up::Hello(_) => {
                self.fault("hello.twice".into(), "A session has one hello. Connect again.".into());
            }
            _ if !self.greeted => {
                self.fault("hello.missing".into(), "The first frame of a session is a hello.".into());
            }
            Up::Push { document, changes } => {
                self.waiting.entry(document).or_default().push_back((self.pushes, changes));
                self.order.push_back(document);
                self.pushes += 1;
            }
            Up::Return { document, changes, decisions } if self.awaits_returns() => {
                self.returns.push_back((document, changes, decisions));
            }
            Up::Returned if self.awaits_returns() => self.returned = true,
            Up::Return { .. } | Up::Returned => {
                self.fault("return.unasked".into(), "Nothing was asked to be given back.".into());
            }
            Up::Act(command) => self.acts.push_back(command),
            Up::Stored { cursor, purged } if self.pages == Pages::InFlight => {
                self.pages = Pages::Recording;
                self.out.push_back(Out::Stored { cursor, purged });
            }
            Up::Stored { .. } => {
                self.fault("stored.unasked".into(), "No page was waiting to be confirmed.".into());
            }
        }
    }

    fn ingested(
        &mut self,
        document: DocumentId,
        (acked, rejected, held): (Vec<Acked>, Vec<Rejected>, Vec<Rejected>),
    ) {
        let pushed = self.busy.remove(&document);
        let others = rejected.iter().chain(&held).map(|r| r.hash);
        for hash in acked.iter().map(|a| a.hash).chain(others) {
            self.announced.remove(&(document, hash));
        }
        if let Some(ack) = pushed.and_then(|pushed| pushed.ack(&acked)) {
            self.out.push_back(Out::Send(ack));
        }
        if !held.is_empty() {
            self.out.push_back(Out::Send(Down::Held { document, changes: held }));
        }
        if !rejected.is_empty() {
            self.covered.insert(document);
            self.out.push_back(Out::Send(Down::Reject { document, changes: rejected }));
        }
    }

    /// All that can go on, does.
    fn advance(&mut self) {
        if self.over || self.opened.is_none() {
            return;
        }
        if !self.welcomed && self.awaits_returns() {
            self.welcome(false);
        }
        if !self.regaining
            && let Some((document, changes, decisions)) = self.returns.pop_front()
        {
            self.regaining = true;
            self.out.push_back(Out::Return { document, changes, decisions });
        }
        if self.awaits_returns() || self.regaining || !self.returns.is_empty() {
            // What is pushed may build on what is still to come back.
            return;
        }
        self.ingest();
        if self.busy.is_empty()
            && self.waiting.is_empty()
            && !self.acting
            && let Some(command) = self.acts.pop_front()
        {
            self.acting = true;
            self.out.push_back(Out::Act(command));
        }
        let drained = self.announced.is_empty() && self.busy.is_empty() && self.waiting.is_empty();
        let answered = drained && self.commands_left == 0 && !self.acting;
        if drained && !self.drained {
            self.drained = true;
            self.out.push_back(Out::Drained);
        }
        if !self.welcomed && !answered {
            self.welcome(false);
        }
        let wanted = !self.said_last || (self.live && self.feed_moved);
        if answered && wanted && self.pages == Pages::Idle {
            self.feed_moved = false;
            self.pages = Pages::Loading;
            self.out.push_back(Out::LoadPage);
        }
    }

    /// The device was asked to give back, and has not said that it has.
    fn awaits_returns(&self) -> bool {
        !self.returned && self.opened.as_ref().is_some_and(|opened| opened.reoffer.is_some())
    }

    fn ingest(&mut self) {
        let mut later = VecDeque::new();
        while let Some(document) = self.order.pop_front() {
            if self.busy.len() >= IN_FLIGHT || self.busy.contains_key(&document) {
                later.push_back(document);
                continue;
            }
            let Some(queue) = self.waiting.get_mut(&document) else { continue };
            let Some((number, changes)) = queue.pop_front() else { continue };
            if queue.is_empty() {
                self.waiting.remove(&document);
            }
            self.busy.insert(document, Pushed::of(number, &changes));
            let covered = self.covered.contains(&document);
            self.out.push_back(Out::Ingest { document, changes, covered });
        }
        self.order = later;
    }

    fn page(&mut self, page: Option<Page>) {
        self.pages = Pages::Idle;
        match page {
            None if !self.welcomed => {
                self.said_last = true;
                self.welcome(true);
            }
            None if self.said_last => {}
            None => {
                self.said_last = true;
                self.pages = Pages::InFlight;
                self.out.push_back(Out::Send(Down::Page {
                    cursor: Blob::from(Vec::new()),
                    entries: Vec::new(),
                    names: Vec::new(),
                    last: true,
                }));
            }
            Some(Page { cursor, entries, names, more }) => {
                if !self.welcomed {
                    self.welcome(false);
                }
                self.said_last = !more;
                self.pages = Pages::InFlight;
                self.out.push_back(Out::Send(Down::Page { cursor, entries, names, last: !more }));
            }
        }
    }

    fn welcome(&mut self, last: bool) {
        let opened = self.opened.as_ref().expect("advance runs after Opened");
        self.welcomed = true;
        self.out.push_back(Out::Send(Down::Welcome(Welcome {
            epoch: opened.epoch,
            scope: opened.scope,
            now: opened.now,
            limits: LimitsOffer {
                frame: limits::MAX_FRAME_BYTES as u32,
                change: limits::MAX_CHANGE_BYTES as u32,
                push: limits::MAX_PUSH_CHANGES as u32,
            },
            prefix: opened.prefix,
            last,
            reoffer: opened.reoffer,
        })));
    }

    fn fault(&mut self, code: String, message: String) {
        self.over = true;
        self.out.push_back(Out::Send(Down::Fault { code, message }));
        self.out.push_back(Out::Close);
    }
}
