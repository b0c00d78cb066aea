//! Sending: the quiet rejoin, the pipelined outbox, the window, commands, live sessions.

use super::centre::hash_of;
use super::line::{Line, Move};
use super::store::document;
use crate::limits;
use crate::machines::device::{End, Unsent};
use crate::machines::session;
use crate::wire::{Blob, Down, Up};

fn pushes(line: &Line) -> Vec<usize> {
    let changes = |frame: &Up| if let Up::Push { changes, .. } = frame { Some(changes.len()) } else { None };
    line.said.iter().filter_map(changes).collect()
}

#[test]
fn rejoining_with_nothing_is_one_frame_each_way() {
    let mut line = Line::new();
    assert_eq!(line.sync(), End::Done);
    assert_eq!(line.sync(), End::Done);
    assert!(matches!(&line.said[..], [Up::Hello(hello)] if hello.counter == 2 && hello.unsent.is_empty()));
    assert!(matches!(&line.heard[..], [Down::Welcome(welcome)] if welcome.last && welcome.now == 5_000));
    assert_eq!(line.centre.drained, 2, "checkouts of earlier sessions end");
}

#[test]
fn the_outbox_follows_the_hello_without_waiting() {
    let mut line = Line::new();
    for (n, name) in [(1, "a"), (1, "b"), (2, "c"), (1, "d")] {
        line.store.edit(document(n), name);
    }
    line.store.command(1);
    line.open(false);
    assert_eq!(line.up.len(), 5, "before anything is answered");
    assert_eq!(pushes(&line), [2, 1, 1], "neighbours of one document go together");
    assert!(
        matches!(line.said.last(), Some(Up::Act(_))),
        "commands follow the changes that they may concern"
    );
    let Up::Hello(hello) = &line.said[0] else { panic!("the hello is first") };
    let announced: Vec<_> = hello.unsent.iter().map(|a| (a.document, a.hashes.len())).collect();
    assert_eq!((announced, hello.commands), (vec![(document(1), 3), (document(2), 1)], 1));
    line.run();
    assert_eq!((line.ended.clone(), line.accepted().len()), (Some(End::Done), 4));
}

#[test]
fn documents_are_ingested_side_by_side_and_one_document_in_order() {
    let mut line = Line::new();
    for (n, name) in [(1, "a"), (2, "b"), (1, "c")] {
        line.store.edit(document(n), name);
    }
    line.open(false);
    line.run_only(|next| next == Move::Up);
    assert!(matches!(line.tasks[..], [session::Out::Open(_)]), "nothing before the hello is recorded");
    line.make(Move::Task(0));
    let ingests = line.tasks.iter().filter(|task| matches!(task, session::Out::Ingest { .. })).count();
    assert_eq!(ingests, 2, "the second push of the first document waits");
    line.run();
    assert_eq!(line.accepted(), ["a", "b", "c"]);
}

#[test]
fn a_push_has_at_most_so_many_changes() {
    let mut line = Line::new();
    (0..=limits::MAX_PUSH_CHANGES).for_each(|n| drop(line.store.edit(document(1), &format!("{n}"))));
    assert_eq!(line.sync(), End::Done);
    assert_eq!(pushes(&line), [limits::MAX_PUSH_CHANGES, 1]);
}

fn large(line: &mut Line, n: usize) {
    let bytes = format!("{n}{}#{n}", "x".repeat(limits::MAX_CHANGE_BYTES - 100)).into_bytes();
    line.store.outbox.push(Unsent { document: document(n as u8 % 2), hash: hash_of(&bytes), bytes });
}

#[test]
fn the_window_bounds_what_is_under_way_and_acks_open_it() {
    let mut line = Line::new();
    (0..40).for_each(|n| large(&mut line, n));
    line.store.command(1);
    line.open(false);
    let under_way: usize = line.up.iter().map(Vec::len).sum();
    assert!(under_way < limits::PUSH_WINDOW_BYTES + 1024, "{under_way}");
    assert_eq!(line.device.pending(), 40);
    let acts = |line: &Line| line.said.iter().filter(|frame| matches!(frame, Up::Act(_))).count();
    assert_eq!(acts(&line), 0, "commands wait for the last push");
    line.run();
    assert_eq!((line.ended.clone(), line.accepted().len(), acts(&line)), (Some(End::Done), 40, 1));
}

#[test]
fn the_session_reads_no_more_than_it_can_hold() {
    let mut session = session::Session::default();
    let push = || Up::Push {
        document: document(1),
        changes: vec![Blob::from(vec![0; limits::MAX_CHANGE_BYTES]); 2],
    };
    session.handle(session::In::Frame(Up::Hello(hello())));
    let taken = (0..100).take_while(|_| {
        session.handle(session::In::Frame(push()));
        session.wants_input()
    });
    assert_eq!(taken.count() + 1, limits::PUSH_WINDOW_BYTES / limits::MAX_CHANGE_BYTES / 2);
    let mut session = session::Session::default();
    session.handle(session::In::Frame(Up::Hello(hello())));
    (0..1_000).for_each(|n| {
        session.handle(session::In::Frame(Up::Push { document: document(n as u8), changes: vec![] }));
    });
    assert!(!session.wants_input());
}

fn hello() -> crate::wire::Hello {
    let mut device = crate::machines::Device::open(crate::machines::device::Start::default());
    match device.poll() {
        Some(crate::machines::device::Out::Send(Up::Hello(hello))) => hello,
        other => panic!("the hello is first, not {other:?}"),
    }
}

#[test]
fn more_than_a_hello_may_announce_is_sent_all_the_same() {
    let mut line = Line::new();
    let over = limits::MAX_ANNOUNCED + 300;
    (0..over).for_each(|n| drop(line.store.edit(document((n / 300) as u8), &format!("{n}"))));
    line.store.purged = vec![document(200); over];
    assert_eq!(line.sync(), End::Done);
    let Up::Hello(hello) = &line.said[0] else { panic!("the hello is first") };
    let announced: usize = hello.unsent.iter().map(|announced| announced.hashes.len()).sum();
    assert_eq!((announced, hello.purged.len()), (limits::MAX_ANNOUNCED, limits::MAX_ANNOUNCED));
    assert_eq!(line.centre.accepted.len(), over);
}

#[test]
fn a_command_given_twice_is_done_once() {
    let mut line = Line::new();
    line.store.command(7);
    line.store.command(7);
    assert_eq!(line.sync(), End::Done);
    assert_eq!(line.centre.acted, [[7; 16]]);
}

#[test]
fn a_live_session_sends_and_receives_as_things_happen() {
    let mut line = Line::new();
    line.open(true);
    line.run();
    assert!(line.ended.is_none());
    line.edit(1, "typed meanwhile");
    line.command(1);
    line.foreign(2, "from elsewhere");
    line.foreign(2, "and more");
    line.run();
    assert_eq!(line.accepted(), ["typed meanwhile"]);
    assert_eq!(line.store.received, ["from elsewhere", "and more"]);
    assert!(line.store.outbox.is_empty() && line.store.commands.is_empty() && line.ended.is_none());
    let heard = line.heard.len();
    line.session.handle(session::In::FeedMoved);
    line.settle();
    line.run();
    assert_eq!(line.heard.len(), heard, "no page for nothing");
    line.cut(|| false);
    assert_eq!(line.ended, Some(End::Cut));
}

#[test]
fn a_cloned_store_is_given_a_prefix() {
    use crate::machines::device::{Device, In, Out, Persist};
    let mut device = Device::open(crate::machines::device::Start { now: 700, ..Default::default() });
    assert!(matches!(device.poll(), Some(Out::Send(_))));
    let limits = crate::wire::LimitsOffer { frame: 1, change: 1, push: 1 };
    let prefix = Some(crate::DeviceId([9; 8]));
    let welcome =
        crate::wire::Welcome { epoch: 2, scope: 3, now: 1_000, limits, prefix, last: true, reoffer: None };
    device.handle(In::Frame(Down::Welcome(welcome)));
    let expected = Persist::Welcome { epoch: 2, scope: 3, offset: 300, prefix };
    assert_eq!(device.poll(), Some(Out::Persist(expected)));
    assert_eq!(device.poll(), None, "not done before it is stored");
    device.handle(In::Persisted { purged: vec![] });
    assert_eq!(device.poll(), Some(Out::Finished(End::Done)));
}
