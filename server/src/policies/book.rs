//! The versions of packs in memory, and which is in force when.
//!
//! Owns the asking. Never reads a store; what is in force is a function of what was activated and the time.

use std::collections::BTreeMap;
use std::sync::Arc;

use doorstep_policy::Pack;
use doorstep_protocol::ids::Millis;

use super::Activation;

/// A version and the time from which it is in force.
#[derive(Clone, Debug)]
pub struct Version {
    /// The pack.
    pub pack: Arc<Pack>,
    /// From when it decides new cases.
    pub from: Millis,
}

/// Every version that this centre knows, and for each district which is in force from when.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    known: BTreeMap<String, Arc<Pack>>,
    /// In order of time; of two at one time the later entry counts.
    in_force: BTreeMap<String, Vec<Version>>,
}

impl Packs {
    /// These packs, each from its `effective_from`.
    pub fn new(packs: impl IntoIterator<Item = Pack>) -> Self {
        let mut made = Packs::default();
        for pack in packs {
            let from = pack.effective_from().as_millisecond();
            made.put(Arc::new(pack), from);
        }
        made
    }

    /// These versions, in force as they were activated.
    pub fn scheduled(versions: impl IntoIterator<Item = Pack>, activations: &[Activation]) -> Self {
        let known = versions.into_iter().map(|pack| (pack.id().to_owned(), Arc::new(pack)));
        let mut made = Packs { known: known.collect(), in_force: BTreeMap::new() };
        for activation in activations {
            if let Some(pack) = made.known.get(&activation.id).cloned() {
                made.put(pack, activation.at);
            }
        }
        made
    }

    fn put(&mut self, pack: Arc<Pack>, from: Millis) {
        self.known.insert(pack.id().to_owned(), Arc::clone(&pack));
        let versions = self.in_force.entry(pack.district().to_owned()).or_default();
        let place = versions.partition_point(|version| version.from <= from);
        versions.insert(place, Version { pack, from });
    }

    /// The pack that decides a district's new cases at a time; before the first, the first.
    pub fn of(&self, district: &str, at: Millis) -> Option<&Arc<Pack>> {
        let versions = self.in_force.get(district)?;
        let place = versions.partition_point(|version| version.from <= at);
        versions.get(place.saturating_sub(1)).map(|version| &version.pack)
    }

    /// The version that a decision names.
    pub fn version(&self, id: &str) -> Option<&Arc<Pack>> {
        self.known.get(id)
    }

    /// Every version known.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.known.values()
    }

    /// The districts served.
    pub fn districts(&self) -> impl Iterator<Item = &str> {
        self.in_force.keys().map(String::as_str)
    }

    /// What is in force in a district, in order of time.
    pub fn schedule(&self, district: &str) -> &[Version] {
        self.in_force.get(district).map_or(&[], Vec::as_slice)
    }
}
