//! The store was put back to an earlier time: a new epoch begins, and the centre recovers until somebody releases it.
//!
//! Owns the epoch and the mode. What devices give back meanwhile is `give_back`'s.

use std::sync::atomic::Ordering::Relaxed;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::limits::REOFFER_AGAIN as AGAIN;
use doorstep_protocol::machines::session::In;

use super::{Centre, minimum};
use crate::store::{Aside, Kept, Store};

const EPOCH: &str = "epoch";
const RECOVERING: &str = "recovering";
const HORIZON: &str = "horizon";
const RESTORED: &str = "restored";

/// What makes a store a restored one: a new epoch, above every earlier one, and no decisions. Devices are asked
/// for what was accepted at `horizon` or later; 0: for everything.
pub fn recovery(epoch: u32, now: Millis, horizon: Millis) -> Vec<Aside> {
    let epoch = u32::try_from(now / 1000).unwrap_or(u32::MAX).max(epoch + 1);
    vec![
        Aside::Setting { key: EPOCH.into(), value: epoch.to_string() },
        Aside::Setting { key: RECOVERING.into(), value: "yes".into() },
        Aside::Setting { key: HORIZON.into(), value: horizon.to_string() },
        Aside::Setting { key: RESTORED.into(), value: now.to_string() },
    ]
}

/// When a store was last restored: what was decided as of before may have had its effects outside already.
pub async fn restored<S: Store>(store: &S) -> Kept<Option<Millis>> {
    Ok(store.setting(RESTORED).await?.and_then(|text| text.parse().ok()))
}

/// The epoch of a store; 1 where it was never restored.
pub async fn epoch_of<S: Store>(store: &S) -> Kept<u32> {
    Ok(store.setting(EPOCH).await?.and_then(|text| text.parse().ok()).unwrap_or(1))
}

/// What lets a restored store decide again.
pub fn released() -> Aside {
    Aside::Setting { key: RECOVERING.into(), value: "no".into() }
}

impl<S: Store> Centre<S> {
    /// The epoch of the store.
    pub fn epoch(&self) -> u32 {
        self.epoch.load(Relaxed)
    }

    /// Whether the store was restored and has not been released: nothing is decided, no timer fires.
    pub fn recovering(&self) -> bool {
        self.recovering.load(Relaxed)
    }

    /// Reads the epoch and the mode from the store: at the start, and whenever they may have changed.
    pub async fn remember(&self) -> Kept<()> {
        self.epoch.store(epoch_of(&*self.store).await?, Relaxed);
        let recovering = self.store.setting(RECOVERING).await?.is_some_and(|text| text == "yes");
        self.recovering.store(recovering, Relaxed);
        let horizon = self.store.setting(HORIZON).await?.and_then(|text| text.parse().ok());
        self.horizon.store(horizon.unwrap_or(0), Relaxed);
        self.minimum.store(minimum(&*self.store).await?, Relaxed);
        Ok(())
    }

    pub(super) fn horizon(&self) -> Millis {
        self.horizon.load(Relaxed)
    }

    /// A device holds what builds on something that is missing here, though it is older than the backup: a
    /// clock went back, or the backup is not what it was taken for. From now on everything is asked for.
    pub(super) async fn ask_for_more(&self) -> Kept<In> {
        tracing::warn!(
            "the backup lacks something from before its own time: devices are asked for everything"
        );
        self.store.write(vec![Aside::Setting { key: HORIZON.into(), value: "0".into() }]).await?;
        self.horizon.store(0, Relaxed);
        let message = "The centre has lost more than it asked for. Nothing is lost here; connect again.";
        Ok(In::Refused { code: AGAIN.into(), message: message.into() })
    }

    /// The store knows another history than a device that this centre served: it was put back
    /// behind our back. A new epoch begins, above every one that is `known`, in which devices give back what is
    /// missing.
    pub(super) async fn enter_recovery(&self, known: u32) -> Kept<()> {
        self.store.write(recovery(self.epoch().max(known), self.now(), 0)).await?;
        tracing::error!(
            "the store is older than what devices hold: recovering until `doorstep admin release`"
        );
        self.remember().await
    }
}
