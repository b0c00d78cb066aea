//! What a server does for its store beside serving: looks at what is due, erases again what the ledger says, files, writes
//! snapshots, sweeps, scours.

use std::sync::Arc;
use std::time::Duration;

use doorstep_server::Centre;
use doorstep_server::limits;
use doorstep_server::store::{Store, StoreError};
use tokio::sync::watch;

use super::Failure;
use super::serve::{Served, stopped};

/// Erases what the ledger has and the store does not know: it was interrupted, or an older copy was put in its place.
pub(super) async fn erase_again(centre: &Served) -> Result<(), Failure> {
    let failed = |error: String| {
        let next = "Put a whole copy of erasures.jsonl back; without it, what was erased may come back.";
        Failure::new("data.ledger", error, next)
    };
    let rows = centre.known_erasures().await.map_err(|error| failed(error.to_string()))?;
    let again = centre.erase_again(rows).await.map_err(|error| failed(error.to_string()))?;
    if again > 0 {
        tracing::warn!(again, "erased again, as the ledger says");
    }
    Ok(())
}

/// Writes snapshots of cases that are dear to load, some a second; forgets what was erased beside the server, and
/// scours what an erasure left in free pages and logs.
pub(super) async fn keep_up<S: Store>(centre: Arc<Centre<S>>, mut stopping: watch::Receiver<bool>) {
    let mut erased = centre.store().erasure_count().await.unwrap_or_default();
    loop {
        if let Err(error) = centre.forget_erased(&mut erased).await {
            tracing::error!(%error, "what was erased beside the server could not be looked at");
        }
        if let Err(error) = centre.scour().await {
            tracing::error!(%error, "free pages and logs are not scoured yet");
        }
        if let Err(error) = centre.compact(limits::SNAPSHOTS_AT_ONCE).await {
            tracing::error!(%error, "snapshots could not be written; the changes serve");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(limits::COMPACT_MS)) => {}
            () = stopped(&mut stopping) => return,
        }
    }
}

/// Files what a store of before has not filed, so that lists and searches find it.
pub(super) async fn file_all<S: Store>(centre: Arc<Centre<S>>) {
    match centre.file_all().await {
        Ok(0) => {}
        Ok(filed) => tracing::info!(filed, "documents of before can be found now"),
        Err(error) => {
            tracing::error!(%error, "documents of before could not all be filed; it goes on at the next start")
        }
    }
}

/// Drops uploads that nobody goes on with, forgets what was told outside long ago, and finds whom cases mean by now.
pub(super) async fn sweep<S: Store>(centre: Arc<Centre<S>>, mut stopping: watch::Receiver<bool>) {
    loop {
        match centre.look_at_all_named().await {
            Ok(0) => {}
            Ok(looked) => tracing::info!(looked, "cases that name somebody were looked at again"),
            Err(error) => {
                tracing::error!(%error, "cases that name somebody could not all be looked at again")
            }
        }
        match centre.expire_uploads().await {
            Ok(0) => {}
            Ok(dropped) => tracing::info!(dropped, "uploads lapsed"),
            Err(error) => tracing::error!(%error, "uploads under way could not be looked at"),
        }
        match centre.forget_told().await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "deliveries of long ago are forgotten"),
            Err(error) => tracing::error!(%error, "deliveries of long ago could not be looked at"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(limits::HOUR_MS.unsigned_abs())) => {}
            () = stopped(&mut stopping) => return,
        }
    }
}

/// Looks at what is due: at once when something was committed, else when the next wait ends.
pub(super) async fn tick<S: Store + 'static>(centre: Arc<Centre<S>>, mut stopping: watch::Receiver<bool>) {
    let mut moved = centre.moved();
    loop {
        moved.mark_unchanged();
        let one = Arc::clone(&centre);
        // In a task of its own: whatever goes wrong in one, the next comes, or nothing would be decided any more.
        let ticked = tokio::spawn(async move { one.tick().await }).await;
        let ticked = ticked.map_err(|error| StoreError::Failed(error.to_string())).flatten();
        centre.note_tick(ticked.is_ok());
        let pause = match ticked {
            Ok((_, limits::TICK_DOCUMENTS..)) => Duration::ZERO,
            Ok((next, _)) => {
                let wait = next.map_or(60_000, |next| (next - centre.now()).clamp(5, 60_000));
                Duration::from_millis(wait.unsigned_abs())
            }
            Err(error) => {
                tracing::error!(%error, "a tick failed; it is tried again");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = moved.changed() => tokio::time::sleep(Duration::from_millis(20)).await,
            () = stopped(&mut stopping) => return,
        }
    }
}
