//! What a first sync tells of decisions: what is shown of them.
//!
//! Whole decisions, with what is needed to give them back, go to whoever hears of them as news.

use doorstep_policy::Decision;
use doorstep_protocol::wire::{Blob, Brief, Entry, to_wire};
use serde_json::{Value as Json, json};

use crate::store::{DecisionRow, Kept};

/// Adds them to a document's entry, and their bytes to those of the page.
pub(super) fn add(entry: &mut Entry, rows: &[DecisionRow], bytes: &mut usize) -> Kept<()> {
    let Entry::Document { changes, briefs, .. } = entry else { return Ok(()) };
    if rows.is_empty() {
        return Ok(());
    }
    let all = rows.iter().map(|row| brief(&row.decision)).collect::<Kept<Vec<_>>>()?;
    *bytes += all.iter().map(|brief| brief.rest.len() + 16).sum::<usize>();
    *briefs = Some(to_wire(changes, all));
    Ok(())
}

fn brief(decision: &Decision) -> Kept<Brief> {
    let mut cause = serde_json::to_value(&decision.cause)?;
    if let Some(cause) = cause.as_object_mut() {
        cause.remove("digest");
    }
    let mut rest = json!({
        "cause": cause,
        "policy": decision.policy,
        "directive": decision.directive,
        "unit": decision.unit,
        "co_units": decision.co_units,
        "tier": decision.tier,
        "step": decision.step,
        "reasons": decision.reasons,
        "changed": decision.changed,
    });
    // Packs count in minutes; a time that is finer goes as text.
    for (name, time) in [("at", decision.at), ("due", decision.due)] {
        if time.subsec_nanosecond() % 1_000_000 != 0 {
            rest[name] = Json::String(time.to_string());
        }
    }
    Ok(Brief {
        n: decision.n,
        epoch: decision.epoch,
        at: decision.at.as_millisecond(),
        due: decision.due.as_millisecond(),
        rest: Blob::from(serde_json::to_vec(&rest)?),
    })
}
