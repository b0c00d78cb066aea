//! Who is away now and who stands in, as pages say it beside a name.

use std::collections::BTreeMap;

use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;

use super::words::Words;
use crate::http::App;
use crate::http::error::Problem;
use crate::pipeline::named_worker;
use crate::store::{Person, Store};

/// Deputies of those who are away now.
pub(super) struct Deputies(BTreeMap<WorkerId, (WorkerId, Millis)>);

impl Deputies {
    /// Those of a district.
    pub(super) async fn of<S: Store>(app: &App<S>, district: &str) -> Result<Self, Problem> {
        let now = app.centre.now();
        let rows = app.centre.store().absences(district, now).await?;
        let here = rows.into_iter().filter(|row| row.covers(now));
        Ok(Deputies(here.map(|row| (row.worker, (row.deputy, row.until))).collect()))
    }

    /// Whether a conflict of this owner is `me`'s to look after now: their own, or of somebody they stand in for.
    pub(super) fn looks_after(&self, me: WorkerId, owner: WorkerId) -> bool {
        owner == me || self.0.get(&owner).is_some_and(|(deputy, _)| *deputy == me)
    }

    /// A name, with who stands in where its owner is away.
    pub(super) fn named(&self, worker: WorkerId, people: &[Person], w: &Words<'_>) -> String {
        let name = |worker| named_worker(people, worker);
        match self.0.get(&worker) {
            None => name(worker),
            Some((deputy, until)) => {
                let until = w.when(*until).plain();
                w.with("owner-away", &[("who", &name(worker)), ("deputy", &name(*deputy)), ("until", &until)])
            }
        }
    }
}
