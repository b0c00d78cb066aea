//! The district of a scenario: a centre over a data folder like a server's, its clock, and the devices of its towns.
//!
//! Owns opening and closing. Never decides what happens.

use std::path::Path;
use std::sync::Arc;

use doorstep_policy::{Level, Pack, PackFiles, embedded_bazhou};
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_server::Centre;
use doorstep_server::blobs::Blobs;
use doorstep_server::clock::Source;
use doorstep_server::enrol::{enrol, invite};
use doorstep_server::keys::Keys;
use doorstep_server::pipeline::Settings;
use doorstep_server::policies;
use doorstep_server::store::Store as _;
use doorstep_server::store::group::GroupCommit;
use doorstep_server::store::sqlite::SqliteStore;
use jiff::civil::Date;

use super::people::People;
use super::volumes::Volumes;
use crate::harness::{Clock, FixedSource, Handset, Rng, read_pack};

/// What the centre keeps its data in: as a server does.
pub(super) type Kept = GroupCommit<SqliteStore>;

/// A centre, its clock and its towns.
pub(super) struct District {
    pub(super) centre: Centre<Kept>,
    pub(super) clock: Arc<Clock>,
    pub(super) pack: Arc<Pack>,
    pub(super) people: People,
    /// The device of each town, by the town's code.
    pub(super) towns: Vec<(String, Handset)>,
}

impl District {
    /// A new data folder, the pack in force, and a device for each town.
    pub(super) async fn open(volumes: &Volumes, seed: u64, data: &Path) -> Result<District, String> {
        let database = data.join("doorstep.sqlite");
        if database.exists() {
            return Err(format!("{} holds data already; name a new folder", data.display()));
        }
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", data.display());
        let files = pack(&volumes.pack)?;
        // A slip of the pen leaves no folder behind.
        Pack::load(&files).map_or(Ok(()), |pack| volumes.fits(&pack))?;
        std::fs::create_dir_all(data).map_err(|error| failed(&error))?;
        let mut rng = Rng::new(seed);
        let first = volumes.first_day().ok_or("the volumes have nothing in them")?;
        let clock = Clock::at(at(first, 0)?, rng.split());
        let store = Arc::new(SqliteStore::open(&database).await.map_err(|error| failed(&error))?);
        policies::begin(&*store, std::slice::from_ref(&files), clock.now())
            .await
            .map_err(|error| failed(&error))?;
        let packs = policies::load(&*store).await.map_err(|error| failed(&error))?;
        let packs = packs.ok_or("the pack was not let in")?;
        let pack = packs.all().next().cloned().ok_or("the pack was not let in")?;
        let keys = Keys::open(data, &*clock).map_err(|error| failed(&error))?;
        let blobs = Blobs::open(data).map_err(|error| failed(&error))?;
        let source: Arc<Clock> = Arc::clone(&clock);
        let store = Arc::new(GroupCommit::new(store));
        let centre = Centre::new(store, packs, source, keys, Settings::default()).with_blobs(blobs);
        let people = People::new(pack.district());
        let mut district = District { centre, clock, pack, people, towns: Vec::new() };
        district.equip(&mut rng).await?;
        Ok(district)
    }

    /// One worker with a device in each town.
    async fn equip(&mut self, rng: &mut Rng) -> Result<(), String> {
        let towns: Vec<String> = {
            let is_town = |unit: &&doorstep_policy::Unit| {
                unit.level == Level::Village && unit.until.is_none() && unit.parent.is_some()
            };
            let parents = self.pack.units().filter(is_town).filter_map(|unit| unit.parent.clone());
            parents.collect::<std::collections::BTreeSet<String>>().into_iter().collect()
        };
        for town in towns {
            let by = (self.clock.now(), &*self.clock as &dyn Source);
            let who = (self.pack.district(), town.as_str(), "驻村干部", Role::Worker);
            let packs = self.centre.packs();
            let invitation = invite(&**self.centre.store(), &packs, who, by).await;
            let invitation = invitation.map_err(|error| error.to_string())?;
            // All zeros is a point of the curve; no token is signed here.
            let enrolled = enrol(&self.centre, (&invitation.code, None), [0; 32]).await;
            let enrolled = enrolled.map_err(|error| error.to_string())?;
            let source = FixedSource::new(Arc::clone(&self.clock), 0, rng.split());
            let handset = Handset::new(enrolled.person, (enrolled.device, enrolled.proof), source);
            self.towns.push((town, handset));
        }
        Ok(())
    }

    /// Does all that is due by now. Returns whether anything was.
    pub(super) async fn settle(&self) -> Result<(), String> {
        loop {
            let (next, _) = self.centre.tick().await.map_err(|error| error.to_string())?;
            if next.is_none_or(|next| next > self.clock.now()) {
                return Ok(());
            }
        }
    }

    /// Commits so far.
    pub(super) async fn commits(&self) -> Result<u64, String> {
        self.centre.store().head(self.pack.district()).await.map_err(|error| error.to_string())
    }

    /// Folds the log into the database.
    pub(super) async fn close(&self) -> Result<(), String> {
        self.centre.store().inner().close().await.map_err(|error| error.to_string())
    }
}

/// So many minutes after midnight in Beijing.
pub(super) fn at(day: Date, minutes: i64) -> Result<Millis, String> {
    let midnight = day.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    let midnight = midnight.map_err(|error| error.to_string())?.timestamp().as_millisecond();
    Ok(midnight + minutes * 60_000)
}

/// The built-in pack, or a folder.
fn pack(name: &str) -> Result<PackFiles, String> {
    if name == "bazhou" { Ok(embedded_bazhou()) } else { read_pack(Path::new(name)) }
}
