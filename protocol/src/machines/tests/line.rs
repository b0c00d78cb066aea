//! One line between a device and a session: frames as bytes, completions in any order, cuts.

use std::collections::VecDeque;

use super::centre::Centre;
use super::invariants::Invariants;
use super::store::{Store, document};
use crate::machines::device::{End, In, Out, Persist};
use crate::machines::{Device, Session, session};
use crate::wire::{Down, Up, decode, encode};

/// Something that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The oldest frame of the device arrives.
    Up,
    /// The oldest frame of the centre arrives.
    Down,
    /// This request of the session is done, durably.
    Task(usize),
    /// The oldest step of the device's store is durable.
    Persist,
}

/// Both machines, what is durable on either side, and all that is under way.
pub(super) struct Line {
    pub(super) centre: Centre,
    pub(super) store: Store,
    pub(super) device: Device,
    pub(super) session: Session,
    pub(super) up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    pub(super) tasks: Vec<session::Out>,
    persists: VecDeque<Persist>,
    closed: bool,
    invariants: Invariants,
    /// Frames in the order in which they were sent in this session.
    pub(super) said: Vec<Up>,
    pub(super) heard: Vec<Down>,
    pub(super) ended: Option<End>,
}

impl Line {
    /// Both sides before the first session. Fill `store` and `centre`, then [`Line::open`].
    pub(super) fn new() -> Self {
        Line {
            centre: Centre::new(),
            store: Store::default(),
            device: Device::open(Store::default().start(false)),
            session: Session::default(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            tasks: Vec::new(),
            persists: VecDeque::new(),
            closed: false,
            invariants: Invariants::default(),
            said: Vec::new(),
            heard: Vec::new(),
            ended: None,
        }
    }

    /// A new connection. What was under way on the last one is gone.
    pub(super) fn open(&mut self, live: bool) {
        self.device = Device::open(self.store.start(live));
        self.session = Session::default();
        self.up.clear();
        self.down.clear();
        self.tasks.clear();
        self.persists.clear();
        self.closed = false;
        self.invariants = Invariants::default();
        self.said.clear();
        self.heard.clear();
        self.ended = None;
        self.settle();
    }

    /// Opens, and does all in the order in which it was asked for.
    pub(super) fn sync(&mut self) -> End {
        self.open(false);
        self.run();
        self.ended.clone().expect("a session that is not live ends")
    }

    /// Collects what both machines want.
    pub(super) fn settle(&mut self) {
        while let Some(out) = self.device.poll() {
            match out {
                Out::Send(frame) => {
                    self.invariants.said(&frame, &self.store);
                    self.up.push_back(encode(&frame));
                    self.said.push(frame);
                }
                Out::Persist(step) => self.persists.push_back(step),
                // The toy centre never asks for anything back: the stories of that have a real one.
                Out::Offer { .. } => unreachable!("nothing was asked to be given back"),
                Out::Finished(end) => self.ended = Some(end),
            }
        }
        while let Some(out) = self.session.poll() {
            match out {
                session::Out::Send(frame) => {
                    self.invariants.heard(&frame, &self.centre);
                    self.down.push_back(encode(&frame));
                    self.heard.push(frame);
                }
                session::Out::Close => self.closed = true,
                task => {
                    self.invariants.asked(&task, &self.tasks);
                    self.tasks.push(task);
                }
            }
        }
        if self.closed && self.down.is_empty() && self.ended.is_none() {
            self.tell(In::Closed);
        }
    }

    pub(super) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        if !self.up.is_empty() && !self.closed && self.session.wants_input() {
            moves.push(Move::Up);
        }
        if !self.down.is_empty() {
            moves.push(Move::Down);
        }
        moves.extend((0..self.tasks.len()).map(Move::Task));
        if !self.persists.is_empty() {
            moves.push(Move::Persist);
        }
        moves
    }

    pub(super) fn make(&mut self, next: Move) {
        match next {
            Move::Up => {
                let bytes = self.up.pop_front().expect("offered");
                match decode::<Up>(&bytes) {
                    Ok(frame) => self.session.handle(session::In::Frame(frame)),
                    Err(error) => self.session.handle(session::In::Malformed(error)),
                }
            }
            Move::Down => {
                let bytes = self.down.pop_front().expect("offered");
                self.device.handle(In::Frame(decode(&bytes).expect("the centre speaks well")));
            }
            Move::Task(n) => {
                if let Some(told) = self.centre.complete(self.tasks.remove(n)) {
                    self.session.handle(told);
                }
            }
            Move::Persist => {
                let step = self.persists.pop_front().expect("offered");
                let (purged, rebuilt) = self.store.apply(step);
                self.device.handle(In::Persisted { purged });
                if !rebuilt.is_empty() {
                    self.device.handle(In::Local { outbox: rebuilt, commands: vec![] });
                }
            }
        }
        self.settle();
    }

    /// Until nothing can happen.
    pub(super) fn run(&mut self) {
        self.run_by(|_| 0);
    }

    /// The same, taking the move of this number among those possible.
    pub(super) fn run_by(&mut self, mut choose: impl FnMut(usize) -> usize) {
        for _ in 0..10_000 {
            let moves = self.moves();
            let Some(next) = moves.get(choose(moves.len().max(1))) else { return };
            self.make(*next);
        }
        panic!("the two sides go on for ever");
    }

    /// Only moves of these kinds, until there are none.
    pub(super) fn run_only(&mut self, wanted: impl Fn(Move) -> bool) {
        while let Some(next) = self.moves().into_iter().find(|next| wanted(*next)) {
            self.make(next);
        }
    }

    /// The connection goes. Of what was under way, some becomes durable without anybody being told.
    pub(super) fn cut(&mut self, mut becomes_durable: impl FnMut() -> bool) {
        for task in std::mem::take(&mut self.tasks) {
            if becomes_durable() {
                self.centre.complete(task);
            }
        }
        while becomes_durable()
            && let Some(step) = self.persists.pop_front()
        {
            self.store.apply(step);
        }
        self.tell(In::Closed);
        self.settle();
    }

    fn tell(&mut self, input: In) {
        self.device.handle(input);
        while let Some(out) = self.device.poll() {
            if let Out::Finished(end) = out {
                self.ended = Some(end);
            }
        }
    }

    /// A person edits while the session is open.
    pub(super) fn edit(&mut self, n: u8, name: &str) {
        let unsent = self.store.edit(document(n), name);
        self.device.handle(In::Local { outbox: vec![unsent], commands: vec![] });
        self.settle();
    }

    /// A person gives a command while the session is open.
    pub(super) fn command(&mut self, n: u8) {
        let command = self.store.command(n);
        self.device.handle(In::Local { outbox: vec![], commands: vec![command] });
        self.settle();
    }

    /// Another device's change is committed.
    pub(super) fn foreign(&mut self, n: u8, name: &str) {
        self.centre.commit_foreign(document(n), name);
        self.session.handle(session::In::FeedMoved);
        self.settle();
    }

    /// Names of accepted changes, sorted.
    pub(super) fn accepted(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.centre.accepted.values().map(|(_, bytes)| super::store::name_of(bytes)).collect();
        names.sort();
        names
    }
}
