//! How far a store had come, written down beside it: a store that has come less far was put in its place.
//!
//! Somebody copies older database files into the folder of a server. Until a device shows it, nothing within them says so, and
//! whoever is enrolled meanwhile would get the number of somebody whom the older files do not know. What is written down lags
//! behind the store and never runs ahead of it, so a crash is not mistaken for that.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use doorstep_server::Centre;
use doorstep_server::clock::{Source, SystemSource};
use doorstep_server::limits;
use doorstep_server::pipeline::{epoch_of, recovery};
use doorstep_server::policies::Packs;
use doorstep_server::store::{Kept, Store};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::open::failed;
use super::serve::stopped;
use super::{Failure, Folder};

/// The furthest that a store is known to have come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct HighWater {
    epoch: u32,
    /// The highest number of somebody who works here.
    worker: u32,
    /// The last sequence of each district's feed.
    feeds: BTreeMap<String, u64>,
}

impl HighWater {
    async fn of<S: Store>(store: &S, packs: &Packs) -> Kept<Self> {
        let mut mark = HighWater { epoch: epoch_of(store).await?, ..HighWater::default() };
        for district in packs.districts() {
            let people = store.people(district).await?;
            let last = people.iter().map(|person| person.worker.0).max().unwrap_or(0);
            mark.worker = mark.worker.max(last);
            mark.feeds.insert(district.to_owned(), store.head(district).await?);
        }
        Ok(mark)
    }

    /// What the folder says. A file that does not read says nothing.
    fn read(folder: &Folder) -> Self {
        let text = std::fs::read_to_string(folder.high_water()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Whether this store has come less far than `known`. A district that its packs do not name is not asked for.
    fn is_behind(&self, known: &Self) -> bool {
        let feed =
            |(district, seq): (&String, &u64)| known.feeds.get(district).is_some_and(|known| seq < known);
        self.epoch < known.epoch || self.worker < known.worker || self.feeds.iter().any(feed)
    }

    /// Written beside, and put in place whole.
    fn write(&self, folder: &Folder) -> std::io::Result<()> {
        let beside = folder.high_water().with_extension(format!("{}", std::process::id()));
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(&beside, folder.high_water())
    }
}

/// Before a folder is served: refuses one whose store has gone.
pub(super) fn has_its_store(folder: &Folder) -> Result<(), Failure> {
    let known = HighWater::read(folder);
    if folder.database().exists() || known == HighWater::default() {
        return Ok(());
    }
    let message = format!("{} had a store, and doorstep.sqlite is not there.", folder.path().display());
    let next = "Put the file back with its -wal, or restore a backup into an empty folder (`doorstep restore`). \
                To begin with nothing, use an empty folder.";
    Err(Failure::new("data.gone", message, next))
}

/// A store that has come less far than its folder says begins a new epoch and recovers, as after `restore`: what is missing
/// the devices give back, and no number is given twice.
pub(super) async fn check<S: Store>(folder: &Folder, store: &S, packs: &Packs) -> Result<(), Failure> {
    let (known, now) = (HighWater::read(folder), HighWater::of(store, packs).await.map_err(failed)?);
    if now.is_behind(&known) {
        let before = now.epoch.max(known.epoch);
        store.write(recovery(before, SystemSource.now(), 0)).await.map_err(failed)?;
        tracing::error!("the store is older than its folder says: recovering until `doorstep admin release`");
        return note(folder, store, packs).await.map_err(failed);
    }
    if now == known { Ok(()) } else { now.write(folder).map_err(failed) }
}

/// Writes down how far the store has come.
pub(super) async fn note<S: Store>(folder: &Folder, store: &S, packs: &Packs) -> Result<(), String> {
    let mark = HighWater::of(store, packs).await.map_err(|error| error.to_string())?;
    if mark != HighWater::read(folder) {
        mark.write(folder).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Writes it down every few seconds, and at once when somebody has come to work here: their number must not be given again.
/// Commits of cases wait for their turn: a file synced beside each would cost what it guards.
pub(super) async fn keep<S: Store>(
    centre: Arc<Centre<S>>,
    folder: Folder,
    mut stopping: watch::Receiver<bool>,
) {
    let mut moved = centre.moved();
    loop {
        let staffed = centre.store().staff_changes();
        note_or_say(&folder, &centre).await;
        let next = Instant::now() + Duration::from_millis(limits::HIGH_WATER_MS);
        while Instant::now() < next && centre.store().staff_changes() == staffed {
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                _ = moved.changed() => {}
                () = stopped(&mut stopping) => return,
            }
        }
    }
}

/// The same beside other work, which goes on without it.
pub(super) async fn note_or_say<S: Store>(folder: &Folder, centre: &Centre<S>) {
    if let Err(error) = note(folder, &**centre.store(), &centre.packs()).await {
        tracing::error!(error, "how far the store has come could not be written down");
    }
}
