//! Judging: which changes of one push are admitted, acknowledged again or refused, and why.
//!
//! Everything here is in memory and changes only the case that it is given. Nothing is committed, and
//! nothing is served from a case whose changes were not committed.

use automerge::Change;
use doorstep_protocol::documents::words::{Accepted, permits};
use doorstep_protocol::documents::{Facts, derive_decoded};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::Acked;
use doorstep_protocol::{Hash, Receipt};

use super::case::Case;
use super::constants;
use super::disputes::{leaves_room, names_enough};
use super::hold;
use super::leaving::Leaving;
use super::page::Session;
use super::signing::own_signature;
use crate::gate;
use crate::limits;
use crate::store::HeldRow;

/// Why one change is not admitted.
pub(super) struct No {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// What is acknowledged, and what is refused, with its bytes.
pub(super) type Answers = (Vec<Acked>, Vec<(Hash, Vec<u8>, No)>);

/// The changes of one push, judged one after the other.
#[derive(Default)]
pub(super) struct Gated {
    pub(super) acked: Vec<Acked>,
    /// Admitted now, to be committed.
    pub(super) admitted: Vec<(Hash, Vec<u8>, Facts)>,
    pub(super) refused: Vec<(Hash, Vec<u8>, No)>,
    /// Not known enough about yet.
    pub(super) later: Vec<(Hash, No)>,
    /// The admitted ones, parsed.
    pub(super) changes: Vec<Change>,
}

pub(super) fn acked(hash: Hash, facts: &Facts) -> Acked {
    Acked { hash, made: facts.made, received: facts.received, receipt: Receipt::default() }
}

/// Judges every change of a push in its order; a refusal covers all that follow.
pub(super) fn judge(
    session: &Session,
    case: &mut Case,
    chunks: &[Vec<u8>],
    covered: bool,
    (sees, held): (bool, Option<HeldRow>),
    now: Millis,
) -> Gated {
    let mut gated = Gated::default();
    let mut closed = covered;
    for chunk in chunks {
        let hash = Hash(gate::change_hash(chunk));
        if let Some((facts, _)) = case.known.get(&hash) {
            gated.acked.push(acked(hash, facts));
            continue;
        }
        if constants::is_constant(case, &hash) {
            gated.acked.push(acked(hash, &Facts::default()));
            continue;
        }
        let verdict = if case.bytes + chunk.len() > limits::MAX_DOCUMENT_BYTES {
            Err(full())
        } else if session.leaving == Some(Leaving::HeldBack) {
            Err(No {
                code: "device.held_back",
                message: "the device was withdrawn: a person looks at what it sends".into(),
            })
        } else if closed {
            Err(No {
                code: "covered",
                message: "an earlier change of this session on the document was refused".into(),
            })
        } else {
            judge_one(session, case, chunk, (sees, held), now)
        };
        match verdict {
            Ok((accepted, change, implied)) => {
                let facts = accepted.facts;
                gated.admitted.extend(constants::enter(case, &implied));
                gated.changes.extend(implied.into_iter().cloned());
                gated.changes.push(change);
                gated.acked.push(acked(hash, &facts));
                case.bytes += chunk.len();
                gated.admitted.push((hash, chunk.clone(), facts));
                case.enter(accepted);
            }
            Err(no) if hold::keeps(session, &no) => gated.later.push((hash, hold::told(session, no))),
            Err(no) => {
                closed = true;
                gated.refused.push((hash, chunk.clone(), no));
            }
        }
    }
    gated
}

/// There is no room for more.
pub(super) fn full() -> No {
    No {
        code: "document.full",
        message: "the document has no room for more; begin a new one and link it".into(),
    }
}

/// The gate, the schema, the role, rule 8 and the right to write, for one change.
fn judge_one(
    session: &Session,
    case: &mut Case,
    chunk: &[u8],
    (sees, held): (bool, Option<HeldRow>),
    now: Millis,
) -> Result<(Accepted, Change, Vec<&'static Change>), No> {
    let before = case.index.savepoint();
    let prefix_ok = |prefix: &[u8]| session.prefixes.iter().any(|own| own.0 == *prefix);
    let (gate::Admitted { change, decoded }, implied) =
        constants::admit(case, &prefix_ok, chunk).map_err(|refused| {
            case.index.rollback(before);
            No { code: refused.code(), message: refused.to_string() }
        })?;
    let facts = Facts {
        worker: session.person.worker,
        device: session.device,
        // A clock that runs ahead of the centre's is not believed.
        made: change.timestamp().saturating_add(session.offset).clamp(0, now),
        received: now,
        receipt: Receipt::default(),
    };
    let judged = derive_decoded(case.row.kind, (&change, &decoded), facts)
        .and_then(|accepted| permits(session.person.role, &accepted).map(|()| accepted))
        .map_err(|refusal| No { code: refusal.code(), message: refusal.to_string() })
        .and_then(|accepted| names_enough(case, accepted))
        .and_then(|accepted| leaves_room(case, accepted))
        .and_then(|accepted| own_signature(session, case.row.kind, accepted, &decoded))
        .and_then(|accepted| may_write(session, case, accepted, (sees, held)));
    match judged {
        Ok(accepted) => Ok((accepted, change, implied)),
        Err(no) => {
            case.index.rollback(before);
            Err(no)
        }
    }
}

/// Write right outlives read right: what a change builds on was accepted before the grant ended.
fn may_write(
    session: &Session,
    case: &Case,
    accepted: Accepted,
    (sees, held): (bool, Option<HeldRow>),
) -> Result<Accepted, No> {
    let late = held.is_some_and(|held| {
        accepted.deps.iter().all(|dep| {
            let before =
                case.known.get(dep).is_some_and(|(_, seq)| held.until.is_none_or(|until| *seq <= until));
            before || case.made_by(dep, session.device) || constants::is_constant(case, dep)
        })
    });
    if sees || late {
        return Ok(accepted);
    }
    Err(No { code: "right.none", message: "there is no such document, or it is not yours to write".into() })
}
