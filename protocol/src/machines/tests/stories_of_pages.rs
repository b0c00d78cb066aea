//! Receiving: pages wait, come one at a time, and are confirmed when they are stored.

use super::centre::Item;
use super::line::{Line, Move};
use super::store::document;
use crate::machines::device::End;
use crate::machines::session;
use crate::wire::{Down, Up};

fn pages(line: &Line) -> Vec<(usize, bool)> {
    let page = |frame: &Down| {
        if let Down::Page { entries, last, .. } = frame { Some((entries.len(), *last)) } else { None }
    };
    line.heard.iter().filter_map(page).collect()
}

fn stored(line: &Line) -> usize {
    line.said.iter().filter(|frame| matches!(frame, Up::Stored { .. })).count()
}

#[test]
fn pages_come_one_at_a_time_and_each_is_confirmed() {
    let mut line = Line::new();
    (0..5).for_each(|n| line.centre.commit_foreign(document(n), &format!("f{n}")));
    assert_eq!(line.sync(), End::Done);
    assert_eq!((pages(&line), stored(&line)), (vec![(2, false), (2, false), (1, true)], 3));
    assert_eq!(line.store.received, ["f0", "f1", "f2", "f3", "f4"]);
    assert_eq!(line.sync(), End::Done);
    assert_eq!(pages(&line), [], "what is stored is not sent again");
}

#[test]
fn pages_wait_until_all_that_was_announced_is_answered() {
    let mut line = Line::new();
    line.store.edit(document(1), "a");
    line.store.command(1);
    line.centre.commit_foreign(document(2), "f");
    line.open(false);
    line.run_only(|next| next == Move::Up);
    line.make(Move::Task(0));
    assert!(matches!(&line.heard[..], [Down::Welcome(welcome)] if !welcome.last), "welcomed at once");
    assert!(matches!(line.tasks[..], [session::Out::Ingest { .. }]));
    line.make(Move::Task(0));
    assert!(matches!(line.tasks[..], [session::Out::Act(_), session::Out::Drained]), "{:?}", line.tasks);
    line.make(Move::Task(0));
    assert!(matches!(line.tasks[..], [session::Out::Drained, session::Out::LoadPage]));
    line.run();
    assert_eq!((line.ended.clone(), pages(&line)), (Some(End::Done), vec![(1, true)]));
}

#[test]
fn a_page_is_confirmed_only_when_it_is_stored() {
    let mut line = Line::new();
    line.centre.commit_foreign(document(2), "f");
    line.open(false);
    line.run_only(|next| next != Move::Persist);
    assert_eq!((pages(&line).len(), stored(&line)), (1, 0));
    line.make(Move::Persist);
    assert_eq!(stored(&line), 0, "that was the welcome");
    line.make(Move::Persist);
    assert_eq!((stored(&line), line.ended.clone()), (1, Some(End::Done)));
}

#[test]
fn after_edits_and_no_news_an_empty_page_says_that_it_is_the_last() {
    let mut line = Line::new();
    line.centre.commit_foreign(document(2), "f");
    line.sync();
    let cursor = line.store.cursor.clone();
    line.store.edit(document(1), "a");
    assert_eq!(line.sync(), End::Done);
    assert!(matches!(line.heard.last(), Some(Down::Page { cursor, last: true, .. }) if cursor.is_empty()));
    assert_eq!(line.store.cursor, cursor, "an empty cursor means: keep yours");
}

#[test]
fn a_revocation_is_purged_with_its_page_and_confirmed() {
    let mut line = Line::new();
    line.centre.feed.push(Item::Revoke(document(3)));
    line.store.edit(document(3), "written before the revocation came");
    line.open(false);
    line.run();
    assert_eq!(line.accepted().len(), 1, "the outbox drains first");
    assert!(matches!(line.said.last(), Some(Up::Stored { purged, .. }) if purged == &[document(3)]));
    assert!(line.centre.confirmed.contains(&document(3)));
}

#[test]
fn a_purge_that_was_not_confirmed_is_named_in_the_next_hello() {
    let mut line = Line::new();
    line.centre.feed.push(Item::Revoke(document(3)));
    line.open(false);
    line.run_only(|next| next != Move::Persist);
    line.cut(|| true);
    assert_eq!((line.store.purged.clone(), line.centre.confirmed.len()), (vec![document(3)], 0));
    assert_eq!(line.sync(), End::Done);
    assert!(line.centre.confirmed.contains(&document(3)) && line.store.purged.is_empty());
}

#[test]
fn an_interrupted_first_sync_goes_on_where_it_was() {
    let mut line = Line::new();
    (0..20).for_each(|n| line.centre.commit_foreign(document(n), &format!("f{n:02}")));
    let mut sessions = 0;
    while line.store.received.len() < 20 {
        line.open(false);
        let mut moves = 12;
        line.run_by(|_| {
            if moves == 0 {
                usize::MAX
            } else {
                moves -= 1;
                0
            }
        });
        line.cut(|| false);
        sessions += 1;
        assert!(sessions < 20, "each session gets on");
    }
    let expected: Vec<String> = (0..20).map(|n| format!("f{n:02}")).collect();
    assert_eq!(line.store.received, expected);
}
