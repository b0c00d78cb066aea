//! The feed's rolling hash: by it a cursor is found to lie on this feed, or not.
//!
//! It covers what was committed, not only where: a store that was put back and went on with the same documents in
//! the same order is another history.

use doorstep_protocol::DocumentId;
use sha2::{Digest, Sha256};

use super::Row;

/// The feed's rolling hash after one more row. A row of before contents were kept has none.
pub(crate) fn roll(before: [u8; 8], seq: u64, document: DocumentId, content: [u8; 8]) -> [u8; 8] {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(document.0.as_bytes());
    if content != [0; 8] {
        hasher.update(content);
    }
    short(hasher)
}

/// What a commit tells devices: changes with what was recorded of them, and decisions. Zero: nothing of the kind.
pub(crate) fn content(rows: &[Row]) -> [u8; 8] {
    let (mut hasher, mut any) = (Sha256::new(), false);
    for row in rows {
        match row {
            Row::Change { hash, facts, .. } => {
                any = true;
                hasher.update(hash.0);
                hasher.update(facts.device.0);
                hasher.update(facts.worker.0.to_be_bytes());
                hasher.update(facts.made.to_be_bytes());
                hasher.update(facts.received.to_be_bytes());
            }
            Row::Decision(decision) => {
                any = true;
                hasher.update(decision.epoch.to_be_bytes());
                hasher.update(decision.n.to_be_bytes());
                hasher.update(decision.cause_key());
                hasher.update(decision.at.as_millisecond().to_be_bytes());
                hasher.update(&decision.policy);
                hasher.update(&decision.digest);
            }
            _ => {}
        }
    }
    if any { short(hasher) } else { [0; 8] }
}

fn short(hasher: Sha256) -> [u8; 8] {
    hasher.finalize()[..8].try_into().expect("a digest has more than eight bytes")
}
