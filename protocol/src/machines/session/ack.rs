//! What a push comes to, in few bytes: the device knows what it pushed, so an ack names the push.

use std::collections::BTreeMap;

use crate::ids::{Hash, Millis};
use crate::wire::{AckFacts, Acked, Blob, Down, hash_of, time_of};

/// A push that is being ingested.
#[derive(Debug)]
pub(super) struct Pushed {
    number: u32,
    changes: Vec<(Hash, Millis)>,
}

impl Pushed {
    pub(super) fn of(number: u32, changes: &[Blob]) -> Self {
        let changes = changes.iter().map(|chunk| (hash_of(chunk), time_of(chunk))).collect();
        Pushed { number, changes }
    }

    /// The ack for those that are durable; `None` where none is.
    pub(super) fn ack(&self, acked: &[Acked]) -> Option<Down> {
        let by_hash: BTreeMap<Hash, &Acked> = acked.iter().map(|acked| (acked.hash, acked)).collect();
        if by_hash.is_empty() {
            return None;
        }
        let (mut without, mut facts): (Vec<u32>, Vec<AckFacts>) = (Vec::new(), Vec::new());
        let mut receipts = Vec::with_capacity(acked.len());
        for (place, (hash, time)) in self.changes.iter().enumerate() {
            let Some(acked) = by_hash.get(hash) else {
                without.push(place as u32);
                continue;
            };
            receipts.push(acked.receipt);
            let (skew, received) = (acked.made.wrapping_sub(*time), acked.received);
            match facts.last_mut() {
                Some(last) if (last.skew, last.received) == (skew, received) => last.count += 1,
                _ => facts.push(AckFacts { count: 1, skew, received }),
            }
        }
        Some(Down::Ack { push: self.number, without, facts, receipts })
    }
}
