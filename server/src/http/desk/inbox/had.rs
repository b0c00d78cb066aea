//! What the groups of an inbox have.
//!
//! Most groups narrow one question: what is this person's turn? The index is asked that once, and what it filed says the
//! rest. Where somebody has more than can be gathered, each group asks for itself.

use std::collections::BTreeMap;

use doorstep_protocol::DocumentId;

use super::Wanted;
use crate::finding::{Ask, Filed, Hit, Order, Total};
use crate::http::App;
use crate::http::desk::filter::{KIND, turn};
use crate::limits;
use crate::store::{Kept, Person, Store};

/// What one group has: what it shows first, and how much there is.
pub(super) struct Had {
    pub(super) first: Vec<DocumentId>,
    pub(super) total: Total,
}

/// What each group has, in their order, and the documents that are shown.
pub(super) async fn had<S: Store>(
    app: &App<S>,
    person: &Person,
    wanted: &[Wanted],
) -> Kept<(Vec<Had>, BTreeMap<DocumentId, Hit>)> {
    let centre = &app.centre;
    let turn = Ask { all: turn(person).into(), order: Order::Due, ..Ask::default() };
    let turn = centre.gather(person, KIND, turn).await?;
    let (mut all, mut hits) = (Vec::new(), BTreeMap::new());
    for Wanted { ask, of_turn, .. } in wanted {
        let own = if *of_turn { None } else { centre.gather(person, KIND, ask.clone()).await? };
        let had = match if *of_turn { turn.as_ref() } else { own.as_ref() } {
            Some(filed) => gathered(filed, ask),
            None => {
                let total = centre.count(person, KIND, ask.clone(), limits::COUNTED_MATCHES).await?;
                let ask = Ask { limit: limits::INBOX_TASKS, ..ask.clone() };
                let found = centre.find(person, KIND, ask, None).await?.hits;
                let first = found.iter().map(|hit| hit.row.document).collect();
                hits.extend(found.into_iter().map(|hit| (hit.row.document, hit)));
                Had { first, total }
            }
        };
        all.push(had);
    }
    let mut missing: Vec<DocumentId> = all.iter().flat_map(|had| had.first.iter().copied()).collect();
    missing.sort_unstable();
    missing.dedup();
    missing.retain(|document| !hits.contains_key(document));
    let read = centre.hits(person, missing).await?;
    hits.extend(read.into_iter().map(|hit| (hit.row.document, hit)));
    // Moved out of their sight in this moment, or erased.
    all.iter_mut().for_each(|had| had.first.retain(|document| hits.contains_key(document)));
    Ok((all, hits))
}

fn gathered(filed: &[Filed], ask: &Ask) -> Had {
    let of: Vec<DocumentId> =
        filed.iter().filter(|of| ask.holds(&of.tags, of.due)).map(|of| of.document).collect();
    let counted = of.len().min(limits::COUNTED_MATCHES);
    let total = Total { counted, more: of.len() > counted };
    Had { first: of.into_iter().take(limits::INBOX_TASKS).collect(), total }
}
