//! A refused change covers every later one of the session on its document, and nothing else.

use super::line::Line;
use super::store::document;
use crate::machines::device::End;
use crate::wire::Down;

fn rejects(line: &Line) -> Vec<(u8, Vec<String>)> {
    let reject = |frame: &Down| match frame {
        Down::Reject { document, changes } => {
            Some((document.0.as_bytes()[15], changes.iter().map(|c| c.code.clone()).collect()))
        }
        _ => None,
    };
    line.heard.iter().filter_map(reject).collect()
}

#[test]
fn a_rejection_covers_what_follows_on_its_document_only() {
    let mut line = Line::new();
    for (n, name) in [(1, "a"), (1, "bad b"), (1, "c"), (2, "d"), (1, "e")] {
        line.store.edit(document(n), name);
    }
    assert_eq!(line.sync(), End::Again, "what was rebuilt needs another session");
    let expected = vec![(1, vec!["schema.type".into(), "covered".into()]), (1, vec!["covered".into()])];
    assert_eq!(rejects(&line), expected);
    assert_eq!(line.accepted(), ["a", "d"]);
    assert_eq!(line.sync(), End::Done);
    assert_eq!(line.accepted(), ["a", "c", "d", "e"], "the others were replayed");
    assert_eq!((line.store.refused.clone(), line.store.outbox.len()), (vec!["bad b".into()], 0));
}

#[test]
fn an_edit_of_a_refused_document_waits_for_the_next_session() {
    let mut line = Line::new();
    line.store.edit(document(1), "bad a");
    line.open(true);
    line.run();
    assert!(line.ended.is_none(), "nothing was left to replay");
    line.edit(2, "elsewhere");
    line.run();
    assert_eq!((line.accepted(), line.ended.clone()), (vec!["elsewhere".into()], None));
    line.edit(1, "better");
    line.run();
    assert_eq!(line.ended, Some(End::Again), "a live session ends rather than have it refused");
    assert_eq!(rejects(&line).len(), 1);
    line.sync();
    assert_eq!(line.accepted(), ["better", "elsewhere"]);
}

#[test]
fn a_rejection_is_final() {
    let mut line = Line::new();
    line.store.edit(document(1), "bad a");
    line.open(false);
    line.run_only(|next| next != super::line::Move::Persist);
    line.cut(|| false);
    assert_eq!(line.store.outbox.len(), 1, "the device never stored the answer");
    assert_eq!(line.sync(), End::Done);
    assert_eq!((line.store.refused.clone(), line.centre.quarantine.len()), (vec!["bad a".into()], 1));
}
