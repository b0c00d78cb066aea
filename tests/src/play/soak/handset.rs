//! A device of the kill loop, and what it ever said that it had stored.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use crate::play::process::{Binaries, Device, Scratch, Server, poll};

const TOWN: &str = "511902105";

/// One device with one case at a time; each edit appends words that occur nowhere else.
pub(super) struct Handset {
    device: Device,
    n: usize,
    pub(super) case: String,
    /// The case's log as this device has it, in order: one change each, the first made with the case.
    log: Vec<String>,
    /// Edits ever stored, and those in the case.
    pub(super) edits: u64,
    pub(super) in_case: u64,
    next: u64,
}

impl Handset {
    pub(super) fn enrol(
        binaries: &Binaries,
        server: &Server,
        scratch: &Scratch,
        n: usize,
    ) -> Result<Self, String> {
        let invitation = server.invite(("511902", TOWN), (&format!("测{n}"), "worker"))?;
        let device = Device::at(binaries, scratch.path(&format!("{n}.sqlite")));
        device.run(&["enrol", &server.url, &invitation.code])?.good()?;
        let (case, log) = (String::new(), Vec::new());
        let mut handset = Handset { device, n, case, log, edits: 0, in_case: 0, next: 0 };
        handset.begin_case()?;
        Ok(handset)
    }

    pub(super) fn begin_case(&mut self) -> Result<(), String> {
        let token = self.token();
        let made = self.device.run(&[
            "new",
            "case",
            "--set",
            "title=杀不死",
            "--set",
            "category=roads",
            "--append",
            &format!("log={token}"),
        ])?;
        self.case = made.good()?["id"].as_str().ok_or("a case without an id")?.to_owned();
        self.log = vec![token];
        (self.edits, self.in_case) = (self.edits + 1, 1);
        Ok(())
    }

    fn token(&mut self) -> String {
        self.next += 1;
        format!("台 {} 句 {}", self.n, self.next)
    }

    /// So many edits, each a change of its own.
    pub(super) fn edit(&mut self, times: usize) -> Result<(), String> {
        for _ in 0..times {
            let token = self.token();
            self.device.run(&["edit", &self.case, "--append", &format!("log={token}")])?.good()?;
            self.stored(token);
        }
        Ok(())
    }

    fn stored(&mut self, token: String) {
        self.log.push(token);
        (self.edits, self.in_case) = (self.edits + 1, self.in_case + 1);
    }

    /// An edit that is killed after a while, if it is still at it. Whether it was.
    pub(super) fn edit_and_die(&mut self, after: Duration) -> Result<bool, String> {
        let token = self.token();
        let words = ["edit", &self.case, "--append", &format!("log={token}")];
        let mut child = quiet(&self.device, &words)?;
        let ended = poll(after, || child.try_wait().ok().flatten());
        drop(child.kill());
        child.wait().map_err(|error| error.to_string())?;
        // Nobody was told whether it is stored: the device says, and must stand by it.
        let shown = self.device.run(&["show", &self.case])?.good()?;
        if log_of(&shown).contains(&token) {
            self.stored(token);
        } else if ended.is_some_and(|status| status.success()) {
            return Err(format!("{}: the device had stored {token} and has it no more", self.case));
        }
        Ok(ended.is_none())
    }

    pub(super) fn begin_sync(&self) -> Result<Child, String> {
        quiet(&self.device, &["sync"])
    }

    /// A sync to its end; what is still unsent then.
    pub(super) fn sync(&self) -> Result<u64, String> {
        let done = self.device.run(&["sync"])?.good()?;
        done["pending"].as_u64().ok_or_else(|| format!("a sync without pending: {done}"))
    }

    /// What the device takes for stored at the centre: all but the last of its outbox.
    pub(super) fn acknowledged(&self) -> Result<Vec<String>, String> {
        let pending = self.device.run(&["status"])?.good()?["pending"].as_u64().unwrap_or(0) as usize;
        Ok(self.log[..self.log.len().saturating_sub(pending)].to_vec())
    }

    /// What was refused, which is nothing here.
    pub(super) fn refused(&self) -> Result<Vec<String>, String> {
        let json = self.device.run(&["rejected"])?.good()?;
        Ok(json["items"].as_array().into_iter().flatten().map(|item| format!("refused: {item}")).collect())
    }
}

fn quiet(device: &Device, words: &[&str]) -> Result<Child, String> {
    let mut command = device.command(None, words);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| format!("the device does not start: {error}"))
}

/// The log of a case as `show` and the API print it.
pub(super) fn log_of(case: &Json) -> Vec<String> {
    let items = case["fields"]["log"].as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().or_else(|| item["text"].as_str()).map(str::to_owned)).collect()
}

/// What was acknowledged and is not there, and what is there twice.
pub(super) fn compare(acked: &[String], log: &[String]) -> Vec<String> {
    let times = |token: &String| log.iter().filter(|entry| *entry == token).count();
    let lost =
        acked.iter().filter(|token| times(token) == 0).map(|token| format!("acknowledged and gone: {token}"));
    let doubled = log.iter().filter(|token| times(token) > 1).map(|token| format!("doubled: {token}"));
    lost.chain(doubled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_sees_what_is_gone_and_what_is_double() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(compare(&words("a b"), &words("a b c")).is_empty());
        assert_eq!(compare(&words("a b"), &words("a c")), ["acknowledged and gone: b"]);
        assert_eq!(compare(&words("a"), &words("a b b")), ["doubled: b", "doubled: b"]);
    }
}
