//! The last look at the invariants, kept for those who watch over the server.
//!
//! Looking reads everything, so it is done beside the requests, once at a time, and its numbers are kept in the store.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use crate::finding::{Ask, Mark, Tag};
use crate::pipeline::{Centre, timestamp};
use crate::store::{Aside, Kept, Store};
use crate::verify;

/// What was found, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When the look began.
    pub at: Millis,
    /// Number of the invariant, items looked at outside compartments, items that break it.
    pub invariants: Vec<(u8, u64, u64)>,
}

const KEY: &str = "health/last";

/// The last look; `None` before the first.
pub async fn last<S: Store>(centre: &Centre<S>) -> Kept<Option<Look>> {
    let kept = centre.store().setting(KEY).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Looks at everything now, and keeps the numbers as they are told outside compartments.
pub async fn check<S: Store>(centre: &Centre<S>) -> Kept<(verify::Report, Look)> {
    let at = centre.now();
    let report = verify::report(centre).await?.outside();
    let invariants = report.invariants.iter().map(|found| (found.id, found.checked, found.failed)).collect();
    let look = Look { at, invariants };
    let value = serde_json::to_string(&look)?;
    centre.store().write(vec![Aside::Setting { key: KEY.into(), value }]).await?;
    Ok((report, look))
}

/// Units of a district in which somebody works.
pub async fn staffed<S: Store>(centre: &Centre<S>, district: &str) -> Kept<BTreeSet<String>> {
    let people = centre.store().people(district).await?;
    Ok(people.into_iter().filter(|person| person.ended.is_none()).map(|person| person.unit).collect())
}

/// Units that the rules in force send cases to, and in which nobody works.
pub async fn unattended<S: Store>(centre: &Centre<S>, district: &str) -> Kept<Vec<String>> {
    Ok(without(centre, district, &staffed(centre, district).await?))
}

fn without<S: Store>(centre: &Centre<S>, district: &str, staffed: &BTreeSet<String>) -> Vec<String> {
    let (now, packs) = (centre.now(), centre.packs());
    let units = packs.of(district, now).map(|pack| pack.unattended(staffed, timestamp(now)));
    units.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

/// Whether nobody works in a unit, and cases go or lie there.
pub async fn left_alone<S: Store>(centre: &Centre<S>, district: &str, unit: &str) -> Kept<bool> {
    let staffed = staffed(centre, district).await?;
    if staffed.contains(unit) {
        return Ok(false);
    }
    if without(centre, district, &staffed).iter().any(|of| of == unit) {
        return Ok(true);
    }
    let tags = vec![vec![Tag::of(district, Mark::Unit, unit)], vec![Tag::of(district, Mark::Running, "")]];
    let ask = Ask { district: district.to_owned(), all: tags, limit: 1, ..Ask::default() };
    Ok(!centre.store().find(ask).await?.hits.is_empty())
}

/// Whether somebody is looking now.
pub fn looking<S: Store>(centre: &Centre<S>) -> bool {
    centre.looking().try_lock().is_err()
}

/// Begins to look, beside the requests. Where somebody is at it already, nothing.
pub fn look<S: Store>(centre: &Arc<Centre<S>>) {
    let centre = Arc::clone(centre);
    tokio::spawn(async move {
        let Ok(_guard) = centre.looking().try_lock() else { return };
        if let Err(error) = check(&centre).await {
            tracing::error!(%error, "the invariants could not be looked at");
        }
    });
}
