//! After a refusal: the other intents again, on what was accepted, in their order.
//!
//! Nothing is dropped: each intent becomes a new outbox entry, or stands already, or is shown as
//! refused because it no longer fits. Never stores.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_protocol::Hash;
use doorstep_protocol::documents::genesis::genesis_hash;
use doorstep_protocol::documents::{Edit, Record};
use doorstep_protocol::ids::Millis;

use super::Author;
use super::hydrate::Document;
use super::made::{Part, Place};
use crate::store::{OutboxEntry, RejectedItem};

pub(super) struct Rebuilt {
    pub(super) entries: Vec<OutboxEntry>,
    pub(super) unfit: Vec<RejectedItem>,
}

/// Where the changes of the old queue went: an old hash to the heads that stand for it.
#[derive(Default)]
struct Moved(BTreeMap<Hash, Vec<Hash>>);

impl Moved {
    fn heads(&self, old: &[Hash]) -> Vec<Hash> {
        let here = |hash: &Hash| self.0.get(hash).cloned().unwrap_or_else(|| vec![*hash]);
        let heads: BTreeSet<Hash> = old.iter().flat_map(here).collect();
        heads.into_iter().collect()
    }

    /// A resolution names what it was shown; a replayed side has another hash, a refused one none.
    fn edit(&self, edit: &Edit, refused: &BTreeSet<Hash>) -> Edit {
        let Edit::Record { record: Record::Resolution { field, of, value, reason } } = edit else {
            return edit.clone();
        };
        let named: Vec<Hash> = of.iter().filter(|hash| !refused.contains(hash)).copied().collect();
        let of = self.heads(&named);
        let (field, value, reason) = (field.clone(), value.clone(), reason.clone());
        Edit::Record { record: Record::Resolution { field, of, value, reason } }
    }
}

/// `accepted` holds what the centre has; it ends as the device will show it. `mint` makes actors.
pub(super) fn rebuild(
    accepted: &mut Document,
    outbox: &[OutboxEntry],
    refused: &BTreeSet<Hash>,
    author: &Author,
    mut mint: impl FnMut() -> [u8; 16],
) -> Rebuilt {
    let mut rebuilt = Rebuilt { entries: Vec::new(), unfit: Vec::new() };
    let (mut moved, mut actor) = (Moved::default(), mint());
    let mut tip: Option<Hash> = None;
    for entry in outbox {
        if accepted.table.knows(&entry.hash) {
            continue;
        }
        let base = moved.heads(&entry.base);
        if refused.contains(&entry.hash) {
            moved.0.insert(entry.hash, base);
            continue;
        }
        let intent: Vec<Edit> = entry.intent.iter().map(|edit| moved.edit(edit, refused)).collect();
        let at = accepted.reduced(&base).unwrap_or_else(|| vec![genesis_hash(accepted.kind)]);
        if tip.is_some_and(|tip| at != [tip]) {
            actor = mint();
        }
        match replay(accepted, (actor, entry.made), &at, intent) {
            Ok(parts) => {
                let mut here = at;
                for part in parts {
                    accepted.note(&part.change, author.provisional(entry.made));
                    let hash = part.change.hash().into();
                    (tip, here) = (Some(hash), vec![hash]);
                    rebuilt.entries.push(outbox_entry(entry, part));
                }
                moved.0.insert(entry.hash, here);
            }
            Err((code, message)) => {
                moved.0.insert(entry.hash, at);
                rebuilt.unfit.push(unfit(entry, code, message));
            }
        }
    }
    rebuilt
}

fn replay(
    document: &mut Document,
    (actor, now): ([u8; 16], Millis),
    at: &[Hash],
    intent: Vec<Edit>,
) -> Result<Vec<Part>, (&'static str, String)> {
    for edit in &intent {
        let Edit::Record { record: Record::Resolution { field, of, .. } } = edit else { continue };
        let Some(field) = document.kind.field(field) else { continue };
        if !document.table.must_name(field, at).iter().all(|side| of.contains(side)) {
            let message = "after an earlier edit was refused, this resolution no longer names all sides";
            return Err(("replay.resolution", message.into()));
        }
    }
    let before = document.doc.clone();
    let made = Place { kind: document.kind, doc: &mut document.doc, actor, now }.make(at.to_vec(), intent);
    made.map_err(|error| {
        document.doc = before;
        ("replay.unfit", format!("after an earlier edit was refused, this one no longer fits: {error}"))
    })
}

fn outbox_entry(old: &OutboxEntry, part: Part) -> OutboxEntry {
    OutboxEntry {
        document: old.document,
        hash: part.change.hash().into(),
        intent: part.intent,
        base: part.base,
        bytes: part.change.raw_bytes().to_vec(),
        made: old.made,
        sent: false,
    }
}

fn unfit(entry: &OutboxEntry, code: &str, message: String) -> RejectedItem {
    RejectedItem {
        document: entry.document,
        id: entry.hash.to_string(),
        code: code.into(),
        message,
        intent: entry.intent.clone(),
        bytes: entry.bytes.clone(),
        made: entry.made,
    }
}
