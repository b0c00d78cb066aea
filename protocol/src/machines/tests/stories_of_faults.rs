//! What ends a session before its time, and that nothing is lost by it.

use super::line::Line;
use super::store::document;
use crate::machines::device::{Device, End, In, Out, Start};
use crate::machines::{Session, session};
use crate::wire::{Blob, Down, FrameError, Hello, Up};

fn hello() -> Hello {
    match Device::open(Start::default()).poll() {
        Some(Out::Send(Up::Hello(hello))) => hello,
        other => panic!("the hello is first, not {other:?}"),
    }
}

/// What a session says to these inputs: a fault's code, and that it closes.
fn fault(inputs: Vec<session::In>) -> String {
    let mut session = Session::default();
    for input in inputs {
        session.handle(input);
    }
    let mut outs: Vec<_> = std::iter::from_fn(|| session.poll()).collect();
    assert_eq!(outs.pop(), Some(session::Out::Close));
    session.handle(session::In::Frame(Up::Hello(hello())));
    assert_eq!(session.poll(), None, "after the end everything is ignored");
    match outs.pop() {
        Some(session::Out::Send(Down::Fault { code, message })) if !message.is_empty() => code,
        other => panic!("no fault but {other:?}"),
    }
}

#[test]
fn what_a_device_may_not_do() {
    let say = |frame| session::In::Frame(frame);
    let push = || say(Up::Push { document: document(1), changes: vec![] });
    let stored = || say(Up::Stored { cursor: Blob::from(vec![]), purged: vec![] });
    let opened =
        || session::In::Opened(session::Opened { epoch: 1, scope: 1, now: 0, prefix: None, reoffer: None });
    let refused = session::In::Refused { code: "device.unknown".into(), message: "Enrol again.".into() };
    let other = Hello { version: 2, ..hello() };
    for (code, inputs) in [
        ("hello.missing", vec![push()]),
        ("hello.missing", vec![stored()]),
        ("hello.twice", vec![say(Up::Hello(hello())), say(Up::Hello(hello()))]),
        ("hello.version", vec![say(Up::Hello(other))]),
        ("stored.unasked", vec![say(Up::Hello(hello())), opened(), stored()]),
        (
            "frame.too_large",
            vec![session::In::Malformed(FrameError::TooLarge { bytes: 2_000_000, max: 1_048_576 })],
        ),
        (
            "frame.shape",
            vec![say(Up::Hello(hello())), session::In::Malformed(FrameError::Shape("odd".into()))],
        ),
        ("device.unknown", vec![say(Up::Hello(hello())), refused]),
        ("store.failed", vec![say(Up::Hello(hello())), opened(), session::In::Failed]),
    ] {
        assert_eq!(fault(inputs), code);
    }
}

#[test]
fn a_malformed_frame_ends_the_session_and_what_was_acknowledged_stays() {
    let mut line = Line::new();
    line.store.edit(document(1), "a");
    line.open(true);
    line.run();
    assert!(line.store.outbox.is_empty());
    line.up.push_back(vec![0xff; 3]);
    line.edit(1, "b");
    line.run();
    assert!(
        matches!(&line.ended, Some(End::Fault { code, .. }) if code == "frame.shape"),
        "{:?}",
        line.ended
    );
    assert_eq!((line.accepted(), line.store.outbox.len()), (vec!["a".into()], 1));
    assert_eq!(line.sync(), End::Done);
    assert_eq!(line.accepted(), ["a", "b"]);
}

#[test]
fn a_fault_ends_the_device_once_and_for_all() {
    let mut device = Device::open(Start::default());
    assert!(matches!(device.poll(), Some(Out::Send(Up::Hello(_)))));
    let (code, message) = ("store.failed".to_owned(), "later".to_owned());
    device.handle(In::Frame(Down::Fault { code: code.clone(), message: message.clone() }));
    assert_eq!(device.poll(), Some(Out::Finished(End::Fault { code, message })));
    device.handle(In::Closed);
    device.handle(In::Local { outbox: vec![], commands: vec![] });
    assert_eq!(device.poll(), None);
}

#[test]
fn a_connection_that_goes_before_the_welcome_is_a_cut() {
    let mut line = Line::new();
    line.store.edit(document(1), "a");
    line.open(false);
    line.cut(|| false);
    assert_eq!((line.ended.clone(), line.store.outbox.len()), (Some(End::Cut), 1));
    assert_eq!(line.sync(), End::Done);
}
