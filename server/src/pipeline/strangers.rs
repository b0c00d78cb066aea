//! Changes of documents that are not here, or not the device's: only their bytes speak.
//!
//! Absent and forbidden look alike.

use doorstep_protocol::Hash;
use doorstep_protocol::documents::{Facts, Kind, constant};

use super::judge::{Answers, No, acked};
use crate::gate::{self, ByteLimits};

/// The kind of document that a first change belongs to: the one whose genesis or migration it builds on.
pub(super) fn kind_of_first(chunk: &[u8]) -> Option<Kind> {
    let summary = gate::inspect(chunk, &ByteLimits::default()).ok()?;
    summary.deps.iter().find_map(|dep| constant(&Hash(*dep))).map(|(kind, _)| kind)
}

/// Changes of a document that is absent or another's: the bytes alone speak, so that the two look alike.
/// A constant change is the same everywhere, and comes in with what builds on it.
pub(super) fn strangers(chunks: &[Vec<u8>]) -> Answers {
    let (mut acked, mut refused) = (Vec::new(), Vec::new());
    for chunk in chunks {
        let hash = Hash(gate::change_hash(chunk));
        let no = match gate::inspect(chunk, &ByteLimits::default()) {
            Ok(_) if constant(&hash).is_some() => {
                acked.push(self::acked(hash, &Facts::default()));
                continue;
            }
            Ok(_) => No {
                code: "right.none",
                message: "there is no such document, or it is not yours to write".into(),
            },
            Err(refusal) => No { code: refusal.code(), message: refusal.to_string() },
        };
        refused.push((hash, chunk.clone(), no));
    }
    (acked, refused)
}
