//! What the groups of an inbox have.
//!
//! Most groups narrow one question: what is this person's turn? The index is asked that once, and what it filed says the
//! rest. Where somebody has more than can be gathered, each group asks for itself.

use doorstep_protocol::DocumentId;

use super::Wanted;
use crate::finding::{Ask, Filed, Hit, Order, Total};
use crate::http::App;
use crate::http::desk::filter::{KIND, turn};
use crate::limits;
use crate::store::{Kept, Person, Store};

/// What one group has.
pub(super) struct Had {
    /// All of it in its order, or as many as a group shows.
    pub(super) all: Vec<DocumentId>,
    /// How many there are.
    pub(super) total: Total,
    /// Those of `all` that have been read already.
    read: Option<Vec<Hit>>,
}

impl Had {
    /// These of its documents.
    pub(super) async fn hits<S: Store>(
        self,
        app: &App<S>,
        person: &Person,
        wanted: Vec<DocumentId>,
    ) -> Kept<Vec<Hit>> {
        match self.read {
            None => app.centre.hits(person, wanted).await,
            Some(mut read) => {
                read.retain(|hit| wanted.contains(&hit.row.document));
                Ok(read)
            }
        }
    }
}

/// What each group has, in their order.
pub(super) async fn had<S: Store>(app: &App<S>, person: &Person, wanted: &[Wanted]) -> Kept<Vec<Had>> {
    let centre = &app.centre;
    let turn = Ask { all: turn(person).into(), order: Order::Due, ..Ask::default() };
    let turn = centre.gather(person, KIND, turn).await?;
    let mut all = Vec::new();
    for Wanted { ask, of_turn, .. } in wanted {
        let own = if *of_turn { None } else { centre.gather(person, KIND, ask.clone()).await? };
        let had = match if *of_turn { turn.as_ref() } else { own.as_ref() } {
            Some(filed) => gathered(filed, ask),
            None => {
                let total = centre.count(person, KIND, ask.clone(), limits::COUNTED_MATCHES).await?;
                let ask = Ask { limit: limits::INBOX_TASKS, ..ask.clone() };
                let found = centre.find(person, KIND, ask, None).await?.hits;
                Had { all: found.iter().map(|hit| hit.row.document).collect(), total, read: Some(found) }
            }
        };
        all.push(had);
    }
    Ok(all)
}

fn gathered(filed: &[Filed], ask: &Ask) -> Had {
    let all: Vec<DocumentId> =
        filed.iter().filter(|of| ask.holds(&of.tags, of.due)).map(|of| of.document).collect();
    let total = Total { counted: all.len(), more: false };
    Had { all, total, read: None }
}
