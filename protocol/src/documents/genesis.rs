//! The constant changes of each kind, which create every container: the genesis and the migrations after it.
//!
//! Never creates a container anywhere else: two devices that each create the same list lose one. A constant
//! change has a fixed actor, time 0 and constant deps, so that its hash is the same wherever it is made: nobody
//! has to send one, and two devices that migrate at once have made the same change.

use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, ROOT};

use super::schema::{Holds, Kind, at_counter, containers_of, newest};
use crate::Hash;

/// Actor of the change that makes a version's containers: 1 is the genesis. Fixed, so that the change has
/// the same hash everywhere.
pub(crate) const fn actor(kind: Kind, version: u16) -> &'static [u8; 16] {
    match (kind, version) {
        (Kind::Case, 1) => b"doorstep-case-v1",
        (Kind::Case, _) => b"doorstep-case-v2",
        (Kind::Visit, 1) => b"doorstep-visitv1",
        (Kind::Visit, 2) => b"doorstep-visitv2",
        (Kind::Visit, _) => b"doorstep-visitv3",
        (Kind::Register, _) => b"doorstep-regstv1",
        (Kind::Meeting, _) => b"doorstep-meetgv1",
    }
}

/// The constant changes of a kind, by version: the genesis, and each migration on top of the one before.
fn make(kind: Kind) -> Vec<Change> {
    let mut doc = Automerge::new();
    let versions = 1..=newest(kind);
    versions
        .map(|version| {
            doc.set_actor(ActorId::from(actor(kind, version)));
            let mut tx = doc.transaction();
            for container in containers_of(kind).iter().filter(|container| container.version == version) {
                let ty = match container.holds {
                    Holds::Words | Holds::Labels => ObjType::Map,
                    Holds::Records | Holds::Items => ObjType::List,
                    Holds::Prose => ObjType::Text,
                };
                tx.put_object(ROOT, container.key, ty).expect("a new root key can be created");
            }
            tx.commit_with(CommitOptions::default().with_time(0));
            doc.get_last_local_change().expect("a version has just been committed")
        })
        .collect()
}

/// All constant changes of a kind, in their order.
pub fn constants(kind: Kind) -> &'static [Change] {
    static ALL: OnceLock<[Vec<Change>; 4]> = OnceLock::new();
    &ALL.get_or_init(|| Kind::ALL.map(make))[kind as usize]
}

/// The genesis change of a kind: fixed actor, time 0, no dependencies.
pub fn genesis(kind: Kind) -> &'static Change {
    &constants(kind)[0]
}

/// The hash of a kind's genesis.
pub fn genesis_hash(kind: Kind) -> Hash {
    hashes()[kind as usize][0]
}

/// Hashes of [`constants`], by kind.
fn hashes() -> &'static [Vec<Hash>; 4] {
    static ALL: OnceLock<[Vec<Hash>; 4]> = OnceLock::new();
    ALL.get_or_init(|| Kind::ALL.map(|kind| constants(kind).iter().map(|c| c.hash().into()).collect()))
}

/// The kind whose genesis has this hash.
pub fn kind_of_genesis(hash: &Hash) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| genesis_hash(*kind) == *hash)
}

/// The kind and the version of the constant change with this hash: a genesis (1) or a migration. Nothing else
/// makes containers, and these are admitted by hash alone.
pub fn constant(hash: &Hash) -> Option<(Kind, u16)> {
    let version = |kind: Kind| hashes()[kind as usize].iter().position(|own| own == hash);
    Kind::ALL.into_iter().find_map(|kind| Some((kind, version(kind)? as u16 + 1)))
}

/// The migrations of a kind up to the one with this hash, oldest first; none if it is another's, or no
/// migration. A document has them as soon as something in it builds on the last.
pub fn migrations_to(kind: Kind, hash: &Hash) -> &'static [Change] {
    match constant(hash) {
        Some((of, version)) if of == kind => &constants(kind)[1..usize::from(version)],
        _ => &[],
    }
}

/// These changes, and before them the migrations that they build on: nobody has to have been sent those.
pub fn with_migrations(kind: Kind, changes: Vec<Change>) -> Vec<Change> {
    let deps = changes.iter().flat_map(|change| change.deps()).map(|dep| Hash::from(*dep));
    let newest = deps.map(|dep| migrations_to(kind, &dep)).max_by_key(|chain| chain.len());
    newest.unwrap_or_default().iter().cloned().chain(changes).collect()
}

/// A document that holds the genesis change only.
pub fn new_document(kind: Kind) -> Automerge {
    let mut doc = Automerge::new();
    doc.apply_changes([genesis(kind).clone()]).expect("genesis has no dependencies");
    doc
}

/// Containers are addressed by constant ids, not by looking up root keys.
pub(crate) fn object(kind: Kind, counter: u64) -> ObjId {
    let version = at_counter(kind, counter).map_or(1, |container| container.version);
    ObjId::Id(counter, ActorId::from(actor(kind, version)), 0)
}

#[cfg(test)]
mod tests {
    use automerge::ReadDoc;

    use super::*;

    /// A change of these is a change of every document in the field.
    #[test]
    fn constants_are_constant() {
        let hashes = Kind::ALL.map(|kind| {
            constants(kind).iter().map(|change| Hash::from(change.hash()).to_string()).collect::<Vec<_>>()
        });
        assert_eq!(
            hashes,
            [
                vec![
                    "0b5f96510b80d8243cac05553ff59de951e193396fd5571ca24fec42fc1cafcf",
                    "9a4c3b92c7f93f7eb45def465b77ff016c44e6b13c179e124b37eaeb7c70b81a",
                ],
                vec![
                    "8c8d0b07d77f9bcf35b11fd40553547c83ef30cb69d3da61cdf7b32b45b46f29",
                    "49f348b7a444ee25a978bf35b118604303ea833d15051b3ec1f089fafc1360fa",
                    "195b2f0d6f38e1883d1565de194ea0d9389ac7fc71d78881116ade106ef94bfe",
                ],
                vec!["473b5848d6dd2dacdb11e46037db9712297b190a65f3e7ec770cb108c76b3cc3"],
                vec!["d01791f0917dec0b1c0d83aeade268667e4443549984a0609662e0ae3d0cd23c"],
            ]
        );
    }

    #[test]
    fn each_migration_builds_on_the_version_before_and_its_containers_are_where_fields_look() {
        for kind in Kind::ALL {
            let all = constants(kind);
            for two in all.windows(2) {
                assert_eq!(two[1].deps(), [two[0].hash()]);
            }
            let mut doc = new_document(kind);
            doc.apply_changes(all.to_vec()).expect("constants apply");
            for (counter, container) in containers_of(kind).iter().enumerate() {
                let (_, id) = doc.get(ROOT, container.key).expect("a map").expect("made");
                assert_eq!(id, object(kind, counter as u64 + 1), "{}", container.key);
            }
        }
    }
}
