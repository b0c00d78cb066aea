//! The feed's rolling hash: by it a cursor is found to lie on this feed, or not.

use doorstep_protocol::DocumentId;
use sha2::{Digest, Sha256};

/// The feed's rolling hash after one more row.
pub(crate) fn roll(before: [u8; 8], seq: u64, document: DocumentId) -> [u8; 8] {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(document.0.as_bytes());
    hasher.finalize()[..8].try_into().expect("a digest has more than eight bytes")
}
