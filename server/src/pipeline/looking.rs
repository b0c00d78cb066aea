//! Whether what is kept beside cases about whom they name still holds: people come, move and get other names, units are called
//! otherwise in another version of a pack.
//!
//! Whoever changes one of these looks at what it touches at once (`look_who`). This finds what is left: a server that was killed
//! between the change and the look, a change behind its back, an upgrade that reads more names.

use data_encoding::HEXLOWER;
use doorstep_policy::ENGINE;
use sha2::{Digest, Sha256};

use super::Centre;
use crate::limits;
use crate::store::{Aside, Kept, Store, StoreError};

/// As of what every case that names somebody was looked at.
const KEY: &str = "named/as-of";

impl<S: Store> Centre<S> {
    /// Looks again at every document that names somebody, unless nothing that this depends on is otherwise than at the last
    /// such look. How many documents that was.
    pub async fn look_at_all_named(&self) -> Kept<usize> {
        let as_of = self.called().await?;
        if self.store.setting(KEY).await?.as_deref() == Some(&*as_of) {
            return Ok(0);
        }
        let (mut after, mut looked) = (None, 0);
        loop {
            let documents = self.store.documents(after, limits::FILED_AT_ONCE).await?;
            let Some(last) = documents.last().copied() else { break };
            let rows = self.store.rows_of(documents).await?;
            for row in rows.into_values().filter(|row| !row.concerned.is_empty()) {
                match self.look_again_who(row.document).await {
                    // Nobody is shown what does not read; `verify` names it.
                    Err(StoreError::Corrupt(why)) => {
                        tracing::error!(document = %row.document, %why, "a case does not read")
                    }
                    again => again?,
                }
                looked += 1;
            }
            after = Some(last);
        }
        self.store.write(vec![Aside::Setting { key: KEY.into(), value: as_of }]).await?;
        self.moved.send_modify(|n| *n += 1);
        Ok(looked)
    }

    /// Who and what is called how, and how that is read, as a digest.
    async fn called(&self) -> Kept<String> {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        };
        add(&ENGINE.to_string());
        let packs = self.packs();
        for district in packs.districts() {
            add(packs.of(district, self.now()).map_or("", |pack| pack.id()));
            for person in self.store.people(district).await? {
                [&*person.worker.to_string(), &person.name, &person.unit].into_iter().for_each(&mut add);
            }
            for (worker, name) in self.store.former_names(district).await? {
                [&*worker.to_string(), &name].into_iter().for_each(&mut add);
            }
        }
        Ok(HEXLOWER.encode(&hash.finalize()[..16]))
    }
}
