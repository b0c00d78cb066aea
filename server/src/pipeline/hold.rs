//! What is neither taken nor refused: changes about which this centre does not know enough yet.
//!
//! A device that is newer than the centre may write fields and kinds that come with the next upgrade, and a change
//! may build on one that is still under way or was lost with a restored store. A refusal would be final, so such a
//! change stays in its device's outbox and is sent again in every session, until it is taken or truly refused.
//! Nothing of it is kept here: ten thousand unknown deps cost their judgement and no row. It does not hold up
//! deciding. Devices of schema 1 do not know the answer; theirs are refused.

use doorstep_protocol::Hash;
use doorstep_protocol::limits::SCHEMA_VERSION;
use doorstep_protocol::wire::Rejected;

use super::admit::Ingested;
use super::judge::No;
use super::page::Session;

/// The first schema whose devices know that a change can be held.
const KNOWS_HOLDING: u16 = 2;

/// What a newer schema may make right: never an overwrite, a bare delete or a role.
const NEWER: [&str; 4] = ["schema.outside", "schema.unknown_field", "schema.type", "schema.record"];
const UNKNOWN_DEPS: &str = "context.missing_deps";

/// What the next edit that sees all of it mends: loose ends are gathered, values replaced, a conflict resolved.
const FOR_NOW: [&str; 3] = ["context.heads", "context.crowd", "conflict.crowded"];

/// Whether the device knows that a change can be held.
pub(super) fn is_known_to(session: &Session) -> bool {
    session.schema >= KNOWS_HOLDING
}

/// Whether the change stays on the device.
pub(super) fn keeps(session: &Session, no: &No) -> bool {
    let newer = session.schema > SCHEMA_VERSION && NEWER.contains(&no.code);
    newer || (is_known_to(session) && (no.code == UNKNOWN_DEPS || FOR_NOW.contains(&no.code)))
}

/// The same for a document that is not here, or not the device's: of those a newer schema may bring its kind.
pub(super) fn keeps_strangers(session: &Session, no: &No) -> bool {
    session.schema > SCHEMA_VERSION && no.code == "right.none"
}

/// An answer with these held as well.
pub(super) fn with(mut done: Ingested, later: Vec<(Hash, No)>) -> Ingested {
    let held = later.into_iter();
    done.held.extend(held.map(|(hash, no)| Rejected { hash, code: no.code.into(), message: no.message }));
    done
}

/// What the device is told.
pub(super) fn told(session: &Session, no: No) -> No {
    let (code, message) = if FOR_NOW.contains(&no.code) {
        let message = format!("{}: the change is kept on the device and sent again", no.message);
        ("held.crowded", message)
    } else if session.schema > SCHEMA_VERSION {
        let message = format!(
            "this centre knows schema {SCHEMA_VERSION}, the device has {}: the change is kept on the device and \
             goes out again when the centre has been brought up to date",
            session.schema
        );
        ("held.newer", message)
    } else {
        let message =
            "the change builds on others that have not arrived: it is kept on the device and sent again";
        ("held.deps", message.to_owned())
    };
    tracing::debug!(code, because = no.code, device = %session.device, "a change stays on its device");
    No { code, message }
}
