//! Draws and lists that were published come out the same when they are done again.

use super::Checks;
use crate::pipeline::Centre;
use crate::store::{Kept, Store, Stored};
use crate::supervision::recount::Recount;

/// What is counted again, of every district.
pub(super) struct Published(Vec<Recount>);

impl Published {
    pub(super) async fn of<S: Store>(centre: &Centre<S>) -> Kept<Self> {
        let mut recounts = Vec::new();
        for district in centre.packs().districts() {
            recounts.push(Recount::of(centre, district).await?);
        }
        Ok(Published(recounts))
    }

    pub(super) fn count(&mut self, stored: &Stored) {
        for recount in &mut self.0 {
            recount.count(stored);
        }
    }

    pub(super) fn check<S: Store>(self, checks: &mut Checks, centre: &Centre<S>) {
        for (name, same) in self.0.into_iter().flat_map(|recount| recount.outcome(centre)) {
            checks.check(7, same, || name.clone());
        }
    }
}
