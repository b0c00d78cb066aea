//! Decisions of a first sync: kept as JSON like the others, with the members that they came with.
//!
//! Never takes the place of a decision that is held whole and says the same: only a whole one can be given back.

use doorstep_protocol::wire::{Brief, Sent, from_wire};
use serde_json::Value as Json;

use super::read::rfc3339;
use crate::store::StoredDecision;

/// The decisions of an entry as the device keeps them, beside those that it holds.
pub(super) fn told(
    changes: &[Sent],
    briefs: &[Brief],
    held: &[StoredDecision],
) -> Result<Vec<StoredDecision>, String> {
    let briefs = from_wire(changes, briefs.to_vec()).into_iter();
    briefs.map(|brief| whole_or(brief, held)).collect()
}

fn whole_or(brief: Brief, held: &[StoredDecision]) -> Result<StoredDecision, String> {
    let mut json: Json = serde_json::from_slice(&brief.rest).map_err(|error| error.to_string())?;
    let members = json.as_object_mut().ok_or("a decision that is no object")?;
    members.insert("n".into(), brief.n.into());
    members.insert("epoch".into(), brief.epoch.into());
    for (name, time) in [("at", brief.at), ("due", brief.due)] {
        members.entry(name).or_insert_with(|| rfc3339(time).into());
    }
    let same = held.iter().find(|held| (held.epoch, held.n) == (brief.epoch, brief.n));
    let whole = same.filter(|held| serde_json::from_str(&held.json).is_ok_and(|held| says(&held, &json)));
    let (epoch, n) = (brief.epoch, brief.n);
    Ok(whole.cloned().unwrap_or_else(|| StoredDecision { epoch, n, json: json.to_string() }))
}

/// Whether one says all that the other says.
fn says(more: &Json, less: &Json) -> bool {
    match (more, less) {
        (Json::Object(more), Json::Object(less)) => {
            less.iter().all(|(name, value)| more.get(name).is_some_and(|more| says(more, value)))
        }
        _ => more == less,
    }
}
