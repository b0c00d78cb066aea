//! What the device pushed, so that an ack need not say it again.

use std::collections::BTreeSet;

use super::Unsent;
use crate::ids::{DocumentId, Hash, Millis, Receipt};
use crate::wire::{AckFacts, Acked, time_of};

/// One push of this session.
#[derive(Debug)]
pub(super) struct Pushed {
    pub(super) document: DocumentId,
    changes: Vec<(Hash, Millis)>,
}

impl Pushed {
    pub(super) fn of(document: DocumentId) -> Self {
        Pushed { document, changes: Vec::new() }
    }

    pub(super) fn add(&mut self, unsent: &Unsent) {
        self.changes.push((unsent.hash, time_of(&unsent.bytes)));
    }

    /// What an ack of it says; `None` where it does not fit.
    pub(super) fn acked(
        &self,
        without: &[u32],
        facts: &[AckFacts],
        receipts: Vec<Receipt>,
    ) -> Option<Vec<Acked>> {
        let without: BTreeSet<usize> = without.iter().map(|place| *place as usize).collect();
        let named = self.changes.iter().enumerate().filter(|(place, _)| !without.contains(place));
        let named: Vec<(Hash, Millis)> = named.map(|(_, change)| *change).collect();
        let count: u64 = facts.iter().map(|facts| u64::from(facts.count)).sum();
        if count != named.len() as u64 || receipts.len() != named.len() {
            return None;
        }
        let facts = facts.iter().flat_map(|facts| std::iter::repeat_n(facts, facts.count as usize));
        let acked = |(((hash, time), facts), receipt): (((Hash, Millis), &AckFacts), Receipt)| Acked {
            hash,
            made: time.wrapping_add(facts.skew),
            received: facts.received,
            receipt,
        };
        Some(named.into_iter().zip(facts).zip(receipts).map(acked).collect())
    }
}
