//! What goes on in the place of an erased document: a new one that holds codes and nothing else, made through the gate as
//! the edit of whoever ordered the erasure, and the decisions of the old one taken again over it.
//!
//! Owner, deadlines, timers and figures go on; what was said, who it was about, files and signatures do not. Decisions
//! are taken by the pack that took them, from redacted projections and causes, so that they replay like any other.

use std::collections::BTreeSet;

use doorstep_policy::{Cause, Pack, Projection, Unit};
use doorstep_protocol::documents::genesis::new_document;
use doorstep_protocol::documents::{Edit, Kind, Role, View, edit_at};
use doorstep_protocol::{DeviceId, Hash, WorkerId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::case::{Case, timestamp};
use super::gist::gist;
use super::judge::judge;
use super::page::Session;
use super::{Centre, settle};
use crate::gate;
use crate::store::erasures::ErasureRow;
use crate::store::{Commit, Person, Row, Store};

/// Fields whose values are codes of the pack or the schema: they say what kind of thing it was, and where.
const KEPT: [&str; 6] = ["category", "severity", "urgency", "place", "channel", "subject"];
/// In the place of an argument that may have been said in words.
const GONE: &str = "erased";

/// The commit of a successor; none where nothing of the old document can go on.
pub(super) fn make<S: Store>(
    centre: &Centre<S>,
    old: &Case,
    erasure: &ErasureRow,
    (pack, hidden): (&Pack, BTreeSet<WorkerId>),
) -> Option<Commit> {
    let edits = edits(old, pack);
    if edits.is_empty() {
        return None;
    }
    let now = centre.now();
    let actor = actor(erasure, &edits);
    let mut doc = new_document(old.row.kind);
    let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
    let change = edit_at(&mut doc, old.row.kind, &heads, (&actor, erasure.at), &edits).ok()??;
    let author = Person {
        worker: old.row.author,
        name: String::new(),
        district: old.row.district.clone(),
        unit: old.row.author_unit.clone(),
        role: Role::Admin,
        ended: None,
    };
    let device = DeviceId(actor[..8].try_into().expect("an actor has sixteen bytes"));
    let by = Person { worker: erasure.by, unit: pack.desk().to_owned(), ..author.clone() };
    let session = Session { at_desk: true, ..Session::at(by, device) };
    let mut case = Case::new(erasure.successor, old.row.kind, &author, old.row.registered, pack);
    case.row.recused = hidden;
    let gated = judge(&session, &mut case, &[change.raw_bytes().to_vec()], false, (true, None), now);
    if gated.admitted.is_empty() || gate::apply(&mut case.doc, gated.changes).is_err() {
        return None;
    }
    let mut rows: Vec<Row> =
        gated.admitted.into_iter().map(|(hash, bytes, facts)| Row::Change { hash, bytes, facts }).collect();
    let reading = case.refresh(pack, now);
    if case.row.kind == Kind::Case {
        rows.extend(decide_again(centre, &mut case, old));
        if old.row.unsettled_since.is_none() {
            case.settle(pack, &reading.projection, reading.digest.clone());
        }
    }
    settle::schedule(&mut case, pack, &centre.settings, now, |_| None);
    let staged = case.stage(rows);
    let gist = Some(gist(&case, &centre.keys));
    Some(Commit { row: case.row, expect: staged.expect, by: None, rows: staged.rows, gist, staff: None })
}

/// The code of the unit that this is the code or the name of.
fn code_of(pack: &Pack, subject: &str, at: Timestamp) -> Option<String> {
    let there =
        |unit: &&Unit| unit.exists_at(at) && [&unit.code, &unit.name].contains(&&subject.trim().to_owned());
    pack.units().find(there).map(|unit| unit.code.clone())
}

/// Codes that stand and are in dispute with nothing. A responsible subject is kept where it is a unit, never where it is
/// somebody's name.
fn edits(old: &Case, pack: &Pack) -> Vec<Edit> {
    let at = timestamp(old.row.updated);
    let kept = KEPT.iter().filter_map(|name| {
        let field = old.row.kind.field(name)?;
        match old.table.view(field) {
            View::Is(Some(value)) => {
                let value = if *name == "subject" { code_of(pack, &value, at)? } else { value };
                Some(Edit::Put { field: (*name).to_owned(), value: Some(value) })
            }
            _ => None,
        }
    });
    kept.collect()
}

/// The same for the same words only: an erasure that is carried out again after a restore makes the same change, or one
/// that stands beside it.
fn actor(erasure: &ErasureRow, edits: &[Edit]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(erasure.successor.0.as_bytes());
    hasher.update(erasure.at.to_be_bytes());
    hasher.update(serde_json::to_vec(edits).expect("edits always serialise"));
    hasher.finalize()[..16].try_into().expect("a digest has more than sixteen bytes")
}

/// The log of the old document over redacted projections. It ends early where policy comes to nothing without what is
/// gone: what follows is then decided like anything else.
fn decide_again<S: Store>(centre: &Centre<S>, case: &mut Case, old: &Case) -> Vec<Row> {
    let packs = centre.packs();
    let mut rows = Vec::new();
    for decision in &old.decisions {
        let Some(pack) = packs.version(&decision.policy) else { break };
        let projection = redacted(&decision.projection, case, pack);
        let cause = redacted_cause(&decision.cause, &projection, pack);
        match case.decide(pack, &projection, cause, decision.at.as_millisecond()) {
            Ok(Some(again)) => rows.push(Row::Decision(Box::new(again))),
            Ok(None) => {}
            Err(_) => break,
        }
    }
    rows
}

fn redacted(projection: &Projection, case: &Case, pack: &Pack) -> Projection {
    let unit = |value: &str| pack.unit(value, projection.registered_at).is_some();
    let fields = projection.fields.iter().filter(|(name, view)| {
        KEPT.contains(&name.as_str()) && (*name != "subject" || view.values().into_iter().all(unit))
    });
    // Whom it is about is kept out as before, by the codes of units.
    let about = pack.concerned(projection).into_iter();
    Projection {
        fields: fields.map(|(name, view)| (name.clone(), view.clone())).collect(),
        id: case.row.document.to_string(),
        subject_units: about.filter(|code| pack.units().any(|of| of.code == *code)).collect(),
        ..projection.clone()
    }
}

fn redacted_cause(cause: &Cause, projection: &Projection, pack: &Pack) -> Cause {
    let digest = || projection.digest(pack.reads());
    match cause {
        Cause::Settled { .. } => Cause::Settled { digest: digest() },
        Cause::Provisional { .. } => Cause::Provisional { digest: digest() },
        Cause::Command { id, name, args, by_worker, by_unit, by_role } => {
            let code = |(key, value): (&String, &String)| {
                (key.clone(), if is_code(value) { value.clone() } else { GONE.to_owned() })
            };
            Cause::Command {
                id: id.clone(),
                name: name.clone(),
                args: args.iter().map(code).collect(),
                by_worker: by_worker.clone(),
                by_unit: by_unit.clone(),
                by_role: by_role.clone(),
            }
        }
        cause => cause.clone(),
    }
}

/// A code, an id, a date; not a word of a language, and not a number by which somebody can be called or known.
fn is_code(value: &str) -> bool {
    let plain = value.len() <= 64 && value.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:@+".contains(c));
    let longest = value.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let division = value.len() == 12 && longest == 12;
    plain && (longest <= 9 || division || value.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn codes_are_kept_and_what_people_say_is_not() {
        for code in ["P15D", "not_mine", "511902101200", "511902101-centre", "2026-03-01T08:00:00Z", "w12"] {
            assert!(is_code(code), "{code}");
        }
        for said in ["找李华核实", "13900001234", "510302199001011234", "call me on 13900001234", "a b"]
        {
            assert!(!is_code(said), "{said}");
        }
    }
}
