//! How many words of a field may stand side by side, so that a person can still resolve them and nobody's
//! changes make the table slow: every side of a conflict is paired with every other.
//!
//! Only the centre asks, before it accepts a change; what was accepted counts whatever its number.

use std::collections::BTreeSet;

use super::{Class, Field, Node, Table};
use crate::documents::words::Accepted;
use crate::limits;

/// Why a change would crowd a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Crowded {
    /// One worker's own.
    #[error("{0} already has {max} versions of yours that do not know of one another; write it again where all are shown", max = limits::MAX_OWN_RIVALS)]
    Own(&'static str),
    /// Everybody's.
    #[error("{0} has {max} versions side by side; somebody must resolve them before there are more", max = limits::MAX_SIDES)]
    All(&'static str),
}

impl Crowded {
    /// Stable code for the wire and the quarantine.
    pub const fn code(self) -> &'static str {
        match self {
            Crowded::Own(_) => "conflict.own_rivals",
            Crowded::All(_) => "conflict.crowded",
        }
    }
}

impl Table {
    /// Whether a change whose dependencies are admitted would put too many words side by side.
    pub fn crowded_by(&mut self, change: &Accepted) -> Option<Crowded> {
        let before = self.seen_from(&change.deps);
        for word in &change.words {
            self.nodes.push(Node {
                hash: change.hash,
                facts: change.facts,
                value: word.value.clone(),
                act: word.act.clone(),
                before: before.clone(),
            });
            let crowded = self.crowded_by_last(word.field);
            self.nodes.pop();
            if crowded.is_some() {
                return crowded;
            }
        }
        None
    }

    /// The last node is the word in question; it is in no field's state.
    fn crowded_by_last(&self, field: Field) -> Option<Crowded> {
        let state = self.fields.get(&field)?;
        if state.open.is_empty() && state.live.len().max(state.maximal.len()) < limits::MAX_OWN_RIVALS {
            return None;
        }
        let new = self.nodes.len() - 1;
        let node = &self.nodes[new];
        let mut sides: BTreeSet<usize> =
            state.maximal.iter().copied().filter(|old| !node.before.has(*old)).collect();
        let mut own = sides.clone();
        if self.class(field) == Class::Review {
            let open = state.open.iter().filter(|pair| !self.closes(new, **pair));
            sides.extend(open.flat_map(|(a, b)| [*a, *b]));
            let spoken_for = |old: usize| node.before.has(old) && self.speaks_for(new, old);
            let live = || state.live.iter().copied().filter(|old| !spoken_for(*old));
            sides.extend(live().filter(|old| !node.before.has(*old) && self.disagree(*old, new)));
            own.extend(live());
        }
        own.retain(|old| self.nodes[*old].facts.worker == node.facts.worker);
        if own.len() >= limits::MAX_OWN_RIVALS {
            return Some(Crowded::Own(field.name));
        }
        (sides.len() >= limits::MAX_SIDES).then_some(Crowded::All(field.name))
    }
}
