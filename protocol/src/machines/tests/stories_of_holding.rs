//! What the centre can neither take nor refuse stays in the outbox, and the session ends all the same.

use crate::ids::{DocumentId, Hash};
use crate::machines::device::{Device, End, In, Out, Persist, Start, Unsent};
use crate::machines::session::{In as AtCentre, Opened, Out as Wanted, Session};
use crate::wire::{Blob, Down, LimitsOffer, Rejected, Up, Welcome};

fn document() -> DocumentId {
    DocumentId::v7(1, [1; 10])
}

fn held() -> Rejected {
    Rejected { hash: Hash([1; 32]), code: "held.newer".into(), message: "the centre is older".into() }
}

fn start() -> Start {
    let unsent = Unsent { document: document(), hash: Hash([1; 32]), bytes: vec![1; 100] };
    Start { counter: 1, outbox: vec![unsent], ..Start::default() }
}

fn outs(device: &mut Device) -> Vec<Out> {
    std::iter::from_fn(|| device.poll()).collect()
}

#[test]
fn a_held_change_is_answered_and_not_forgotten() {
    let mut device = Device::open(start());
    outs(&mut device);
    let limits = LimitsOffer { frame: 1, change: 1, push: 1 };
    let welcome = Welcome { epoch: 1, scope: 1, now: 0, limits, prefix: None, last: false, reoffer: None };
    device.handle(In::Frame(Down::Welcome(welcome)));
    assert_eq!(device.pending(), 1);
    device.handle(In::Frame(Down::Held { document: document(), changes: vec![held()] }));
    let page = Down::Page { cursor: Blob::from(vec![]), entries: vec![], names: vec![], last: true };
    device.handle(In::Frame(page));
    let mut end = None;
    for _ in 0..3 {
        for out in outs(&mut device) {
            match out {
                // Nothing says that the entry may go.
                Out::Persist(step) => {
                    assert!(!matches!(step, Persist::Acked { .. } | Persist::Rejected { .. }), "{step:?}");
                    device.handle(In::Persisted { purged: vec![] });
                }
                Out::Finished(how) => end = Some(how),
                _ => {}
            }
        }
    }
    assert_eq!(end, Some(End::Done), "a held change does not stall the session");
}

#[test]
fn the_centre_goes_on_with_pages_and_with_later_changes_after_it_held_one() {
    let mut session = Session::default();
    let Some(Out::Send(Up::Hello(hello))) = Device::open(start()).poll() else { panic!("a hello first") };
    session.handle(AtCentre::Frame(Up::Hello(hello)));
    let opened = Opened { epoch: 1, scope: 1, now: 0, prefix: None, reoffer: None };
    session.handle(AtCentre::Opened(opened));
    let push = || Up::Push { document: document(), changes: vec![Blob::from(vec![1; 100])] };
    session.handle(AtCentre::Frame(push()));
    let held = vec![held()];
    session.handle(AtCentre::Ingested { document: document(), acked: vec![], rejected: vec![], held });
    session.handle(AtCentre::Frame(push()));
    let outs: Vec<Wanted> = std::iter::from_fn(|| session.poll()).collect();
    let said = |wanted: fn(&Wanted) -> bool| outs.iter().filter(|out| wanted(out)).count();
    assert_eq!(said(|out| matches!(out, Wanted::Send(Down::Held { .. }))), 1);
    assert_eq!(said(|out| matches!(out, Wanted::Drained)), 1, "it is answered");
    assert_eq!(said(|out| matches!(out, Wanted::Ingest { covered: false, .. })), 2, "and covers nothing");
}
