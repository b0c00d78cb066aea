//! A story under way: its people, devices and documents on one server.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::api::Api;
use super::packs::PlayedPack;
use super::process::{Binaries, Device, Output, Server, run};
use super::story::Story;
use super::strings::Strings;
use super::timeline::Entry;
use super::watch::Seen;

/// What a story needs from outside.
pub(super) struct Place<'a> {
    pub(super) server: &'a Server,
    pub(super) binaries: &'a Binaries,
    pub(super) pack: &'a PlayedPack,
    pub(super) strings: &'a Strings,
    /// A folder for the stores of its devices.
    pub(super) folder: &'a Path,
}

/// A story under way.
pub(super) struct Stage<'a> {
    pub(super) story: &'a Story,
    pub(super) place: &'a Place<'a>,
    pub(super) devices: BTreeMap<String, Device>,
    /// Names of devices by the ids that enrolment gave.
    pub(super) device_names: BTreeMap<String, String>,
    /// The desk's view, as the story's desk person.
    pub(super) desk: Api,
    /// Ids of documents by the names that the story uses.
    pub(super) documents: BTreeMap<String, String>,
    /// Workers' numbers by the names that the story uses.
    pub(super) workers: BTreeMap<String, String>,
    /// The devices' clock.
    pub(super) now: String,
    pub(super) seen: Seen,
    pub(super) timeline: Vec<Entry>,
}

impl<'a> Stage<'a> {
    /// Enrols everybody.
    pub(super) fn set(story: &'a Story, place: &'a Place<'a>) -> Result<Self, String> {
        let mut workers = BTreeMap::new();
        for (name, person) in &story.file.person {
            let home = (place.pack.district.as_str(), person.unit.as_str());
            let worker = place.server.invite(home, (&person.name, &person.role))?.worker;
            workers.insert(name.clone(), worker);
        }
        let desk = &workers[story.file.desk.get_ref()];
        let desk = Api::new(&place.server.url, &place.server.token(desk)?);
        let mut stage = Stage {
            story,
            place,
            devices: BTreeMap::new(),
            device_names: BTreeMap::new(),
            desk,
            documents: BTreeMap::new(),
            workers,
            now: story.file.begins.to_string(),
            seen: Seen::default(),
            timeline: Vec::new(),
        };
        for name in story.file.device.keys() {
            let (device, id) = stage.enrol(name)?;
            stage.device_names.insert(id, name.clone());
            stage.devices.insert(name.clone(), device);
        }
        Ok(stage)
    }

    fn enrol(&self, name: &str) -> Result<(Device, String), String> {
        let person = self.owner(name);
        let home = (self.place.pack.district.as_str(), person.unit.as_str());
        let invitation = self.place.server.invite(home, (&person.name, &person.role))?;
        let store = self.place.folder.join(format!("{}-{name}.sqlite", self.story.id));
        let device = Device::at(self.place.binaries, store);
        let words = ["enrol", &self.place.server.url, &invitation.code];
        let enrolled = run(&mut device.command(Some(&self.now), &words))?.good();
        let enrolled = enrolled.map_err(|error| format!("{name}: {error}"))?;
        Ok((device, enrolled["device"].as_str().unwrap_or_default().to_owned()))
    }

    /// Whose device it is.
    pub(super) fn owner(&self, device: &str) -> &'a super::story::Person {
        let file = &self.story.file;
        &file.person[file.device[device].get_ref()]
    }

    /// A command on a device, at the story's time.
    pub(super) fn device(&self, name: &str, words: &[&str]) -> Result<Output, String> {
        run(&mut self.devices[name].command(Some(&self.now), words))
    }

    /// The same, with the exit code that it must have.
    pub(super) fn device_ends(&self, name: &str, words: &[&str], exit: i32) -> Result<Json, String> {
        let output = self.device(name, words)?;
        if output.exit == exit {
            return Ok(output.json);
        }
        let command = words.first().copied().unwrap_or_default();
        Err(format!("{name}: {command}: expected exit {exit}, found {}", output.told()))
    }

    pub(super) fn say(&mut self, entry: Entry) {
        self.timeline.push(entry);
    }

    /// A string of the language that is used.
    pub(super) fn text(&self, id: &str, args: &[(&'static str, &str)]) -> String {
        self.place.strings.with(id, args)
    }
}
