//! The constant first change of each kind, which creates every container.
//!
//! Never creates a container anywhere else: two devices that each create the same list lose one.

use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, ROOT};

use super::schema::Kind;
use crate::Hash;

const CONTAINERS: [(&str, ObjType); 10] = [
    ("review", ObjType::Map),
    ("severest", ObjType::Map),
    ("latest", ObjType::Map),
    ("records", ObjType::List),
    ("description", ObjType::Text),
    ("tags", ObjType::Map),
    ("log", ObjType::List),
    ("attachments", ObjType::List),
    ("signatures", ObjType::List),
    ("links", ObjType::List),
];

/// Actor of a kind's genesis. Fixed, so that the change has the same hash everywhere.
pub(crate) const fn actor(kind: Kind) -> &'static [u8; 16] {
    match kind {
        Kind::Case => b"doorstep-case-v1",
        Kind::Visit => b"doorstep-visitv1",
    }
}

fn make(kind: Kind) -> Change {
    let mut doc = Automerge::new().with_actor(ActorId::from(actor(kind)));
    let mut tx = doc.transaction();
    for (key, ty) in CONTAINERS {
        tx.put_object(ROOT, key, ty).expect("a map key of an empty document can be created");
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    doc.get_last_local_change().expect("genesis has just been committed")
}

/// The genesis change of a kind: fixed actor, time 0, no dependencies.
pub fn genesis(kind: Kind) -> &'static Change {
    static ALL: OnceLock<[Change; 2]> = OnceLock::new();
    let all = ALL.get_or_init(|| Kind::ALL.map(make));
    &all[kind as usize]
}

/// The hash of a kind's genesis.
pub fn genesis_hash(kind: Kind) -> Hash {
    genesis(kind).hash().into()
}

/// The kind whose genesis has this hash.
pub fn kind_of_genesis(hash: &Hash) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| genesis_hash(*kind) == *hash)
}

/// A document that holds the genesis change only.
pub fn new_document(kind: Kind) -> Automerge {
    let mut doc = Automerge::new();
    doc.apply_changes([genesis(kind).clone()]).expect("genesis has no dependencies");
    doc
}

/// Containers are addressed by constant ids, not by looking up root keys.
pub(crate) fn object(kind: Kind, counter: u64) -> ObjId {
    ObjId::Id(counter, ActorId::from(actor(kind)), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of these is a change of every document in the field.
    #[test]
    fn genesis_is_constant() {
        let hashes = Kind::ALL.map(|kind| genesis_hash(kind).to_string());
        assert_eq!(
            hashes,
            [
                "0b5f96510b80d8243cac05553ff59de951e193396fd5571ca24fec42fc1cafcf",
                "8c8d0b07d77f9bcf35b11fd40553547c83ef30cb69d3da61cdf7b32b45b46f29"
            ]
        );
    }
}
