//! What the items of a change must satisfy beyond gate and schema: nobody signs as somebody else.
//!
//! Refuses, never changes anything.

use automerge::ExpandedChange;
use doorstep_protocol::documents::words::Accepted;
use doorstep_protocol::documents::{Kind, signing};

use serde_json::Value as Json;

use super::judge::No;
use super::page::Session;

/// A signature names the worker, unit and role of the session that brings it, and nobody else's; an answer at a
/// callback no other worker and unit.
pub(super) fn own_signature(
    session: &Session,
    kind: Kind,
    accepted: Accepted,
    change: &ExpandedChange,
) -> Result<Accepted, No> {
    let no = |message: &str| Err(No { code: "signature.identity", message: message.into() });
    for text in signing::appended(kind, signing::FIELD, change) {
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
    for text in signing::appended(kind, signing::CALLBACK, change) {
        let item: Json = serde_json::from_str(&text).unwrap_or_default();
        let (worker, unit) = (session.person.worker.to_string(), session.person.unit.as_str());
        let named = |member: &str, own: &str| item[member].is_null() || item[member] == own;
        if !named("worker", &worker) || !named("unit", unit) {
            return no("the answer names another worker or unit than yours today; write it down as yourself");
        }
    }
    Ok(accepted)
}
