//! What the items of a change must satisfy beyond gate and schema: nobody signs as somebody else.
//!
//! Refuses, never changes anything.

use automerge::Change;
use doorstep_protocol::documents::words::Accepted;
use doorstep_protocol::documents::{Kind, signing};

use super::judge::No;
use super::page::Session;

/// A signature names the worker, unit and role of the session that brings it, and nobody else's.
pub(super) fn own_signature(
    session: &Session,
    kind: Kind,
    accepted: Accepted,
    change: &Change,
) -> Result<Accepted, No> {
    let no = |message: &str| Err(No { code: "signature.identity", message: message.into() });
    for text in signing::appended(kind, change) {
        let Some(item) = signing::Item::read(&text) else {
            // As devices of the first version signed: it covers no content, and so proves nothing.
            if signing::covers_nothing(&text) {
                continue;
            }
            return no("what is appended to the signatures is no signature; sign with `sign ID ROLE`");
        };
        let person = &session.person;
        let own = item.worker == person.worker.to_string()
            && item.unit == person.unit
            && item.by_role == person.role.name();
        if !own {
            return no(
                "the signature names another worker, unit or role than yours today: if you have moved, \
                       enrol this device anew and sign again",
            );
        }
    }
    Ok(accepted)
}
