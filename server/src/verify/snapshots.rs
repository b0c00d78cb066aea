//! Snapshots: each is what its document's changes come to, or it would be thrown away when somebody loads it.
//!
//! One that does not load costs time and nothing else: it is noted, and no invariant fails. One that loads and is
//! another case would be believed: that breaks the second invariant.

use serde::Serialize;

use super::Checks;
use crate::pipeline::{Centre, Unusable, agrees};
use crate::store::{Kept, Store, Stored};

/// What was found of all snapshots.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Snapshots {
    /// Looked at.
    pub checked: u64,
    /// Will be thrown away when their documents are next loaded; the changes serve.
    pub unusable: u64,
    /// Some of these, and why.
    pub examples: Vec<String>,
    #[serde(skip)]
    pub(super) confined: u64,
    #[serde(skip)]
    pub(super) withheld: Vec<String>,
}

pub(super) async fn check<S: Store>(
    checks: &mut Checks,
    found: &mut Snapshots,
    centre: &Centre<S>,
    stored: &Stored,
) -> Kept<()> {
    let document = stored.row.document;
    let Some(row) = centre.store().snapshot_of(document).await? else { return Ok(()) };
    found.checked += 1;
    found.confined += u64::from(checks.confined);
    // Where the changes do not read, that is the finding.
    let Ok(agrees) = agrees(&row, stored, &centre.packs(), centre.now()) else { return Ok(()) };
    checks.check(2, agrees != Err(Unusable::Different), || format!("{document} snapshot"));
    if let Err(why) = agrees {
        found.unusable += 1;
        if found.examples.len() < 5 {
            let example = format!("{document}: {why}");
            found.withheld.extend(checks.confined.then(|| example.clone()));
            found.examples.push(example);
        }
    }
    Ok(())
}
