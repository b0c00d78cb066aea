//! Erased documents: a stub and a place in the ledger are there, and nothing else is.

use super::Checks;
use crate::pipeline::Centre;
use crate::store::{Kept, Store};

/// An acknowledged change survives, or is in the ledger: each of these was one.
pub(super) async fn check<S: Store>(checks: &mut Checks, centre: &Centre<S>) -> Kept<()> {
    let store = centre.store();
    for row in store.erasures().await? {
        let document = row.document;
        let left = store.load(document).await?;
        let gone = left.is_some_and(|left| {
            left.row.erased.is_some()
                && left.changes.is_empty()
                && left.decisions.is_empty()
                && left.row.title.is_none()
                && left.row.concerned.is_empty()
        });
        let gone = gone
            && store.snapshot_of(document).await?.is_none()
            && store.arrivals(document).await?.is_empty();
        for hash in row.changes {
            checks.check(1, gone, || format!("{document} {hash} was erased, and something of it is here"));
        }
    }
    Ok(())
}
