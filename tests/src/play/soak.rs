//! Kill loops of the real programs: devices edit and sync, and server and devices are killed, stopped and
//! resumed at moments that a seed draws. What was acknowledged is there, once, and nothing stalls.
//!
//! The oracle looks twice: after each death of the server, before anybody syncs again, at what each device
//! takes for stored; and now and then at everything, when all have drained.

mod handset;

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

use super::api::Api;
use super::process::{Binaries, Scratch, Serve, Server, poll, signal};
use crate::harness::Rng;
use handset::Handset;

const DISTRICT: &str = "511902";
const DEVICES: usize = 3;
/// Rounds after which everything is drained and compared.
const DRAIN_EVERY: u64 = 20;
/// A device that has not drained by then has stalled.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a process is stopped and then resumed.
const STOPPED: Duration = Duration::from_millis(60);

/// What was done, and what was found.
#[derive(Debug, Default)]
pub struct Soak {
    /// Of the server, by SIGKILL.
    pub server_kills: u64,
    /// Of devices, by SIGKILL.
    pub device_kills: u64,
    /// SIGTERM of the server, which must end with 0.
    pub terms: u64,
    /// SIGSTOP and SIGCONT.
    pub stops: u64,
    /// Edits that a device said it had stored.
    pub edits: u64,
    /// Comparisons of one acknowledged edit with the centre.
    pub checked: u64,
    /// Syncs that were through before anything was killed.
    pub uncut: u64,
    /// What should not be.
    pub failures: Vec<String>,
}

impl Soak {
    /// For `--json`.
    pub fn json(&self, seed: u64, took: Duration) -> Json {
        json!({
            "seed": seed, "server_kills": self.server_kills, "device_kills": self.device_kills,
            "terms": self.terms, "stops": self.stops, "edits": self.edits, "checked": self.checked,
            "uncut": self.uncut, "failures": self.failures, "seconds": took.as_secs(),
        })
    }
}

struct World {
    binaries: Binaries,
    serve: Serve,
    server: Server,
    desk: Api,
    handsets: Vec<Handset>,
    rng: Rng,
    /// How long a sync takes here that nothing disturbs.
    whole: Duration,
    done: Soak,
}

/// Until the server and the devices have been killed `kills` times each, or something is wrong.
pub fn run(kills: u64, seed: u64, quiet: bool) -> Result<Soak, String> {
    let scratch = Scratch::new("soak")?;
    let mut world = World::new(&scratch, seed)?;
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(2 * kills) };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} kills {msg} {elapsed}");
    bar.set_style(style.expect("the template is right"));
    let mut round = 0;
    while world.done.failures.is_empty() && world.done.server_kills.min(world.done.device_kills) < kills {
        round += 1;
        world.round()?;
        if round % DRAIN_EVERY == 0 {
            world.drain()?;
        }
        bar.set_position(world.done.server_kills.min(kills) + world.done.device_kills.min(kills));
        bar.set_message(format!("{} edits", world.done.edits));
    }
    if world.done.failures.is_empty() {
        world.drain()?;
        let verified = world.server.beside(&["verify"])?;
        if verified.exit != 0 {
            world.done.failures.push(format!("verify: {}", verified.json));
        }
    }
    bar.finish_and_clear();
    Ok(world.done)
}

impl World {
    fn new(scratch: &Scratch, seed: u64) -> Result<Self, String> {
        let binaries = Binaries::beside()?;
        let serve = Serve { data: scratch.path("data"), settle: Some("PT1S".into()), ..Serve::default() };
        let server = Server::start(&binaries, &serve)?;
        let listen = server.url.trim_start_matches("http://").to_owned();
        let serve = Serve { listen: Some(listen), ..serve };
        let reviewer = server.invite((DISTRICT, "511902-intake"), ("李红英", "reviewer"))?;
        let desk = Api::new(&server.url, &server.token(&reviewer.worker)?);
        let mut handsets = Vec::new();
        let mut whole = Duration::ZERO;
        for n in 0..DEVICES {
            let mut handset = Handset::enrol(&binaries, &server, scratch, n)?;
            handset.edit(0)?;
            let began = Instant::now();
            handset.sync()?;
            whole = whole.max(began.elapsed());
            handsets.push(handset);
        }
        let (rng, done) = (Rng::new(seed), Soak::default());
        Ok(World { binaries, serve, server, desk, handsets, rng, whole, done })
    }

    /// A moment of a sync.
    fn moment(&mut self) -> Duration {
        self.whole.mul_f64(self.rng.below(1_200) as f64 / 1_000.0)
    }

    /// Everybody edits, everybody syncs, and somebody dies in the middle.
    fn round(&mut self) -> Result<(), String> {
        for n in 0..DEVICES {
            self.edits(n)?;
        }
        let mut syncs = Vec::new();
        for handset in &self.handsets {
            syncs.push(handset.begin_sync()?);
        }
        let victim = self.rng.below(DEVICES);
        let (first, second) = (self.moment(), self.moment() / 2);
        poll(first, || None::<()>);
        match self.rng.below(8) {
            0 => {
                signal(syncs[victim].id(), "STOP");
                poll(STOPPED, || None::<()>);
                signal(syncs[victim].id(), "CONT");
                self.done.stops += 1;
            }
            1..=5 => {
                drop(syncs[victim].kill());
                self.done.device_kills += 1;
            }
            _ => {}
        }
        poll(second, || None::<()>);
        for sync in &mut syncs {
            self.done.uncut += u64::from(matches!(sync.try_wait(), Ok(Some(_))));
        }
        self.hit_server()?;
        for mut sync in syncs {
            sync.wait().map_err(|error| error.to_string())?;
        }
        if !self.server.runs() {
            self.server = poll(PATIENCE, || Server::start(&self.binaries, &self.serve).ok())
                .ok_or("the server does not start again")?;
        }
        self.look(false)
    }

    fn hit_server(&mut self) -> Result<(), String> {
        match self.rng.below(12) {
            0 => {
                signal(self.server.pid, "STOP");
                poll(STOPPED, || None::<()>);
                signal(self.server.pid, "CONT");
                self.done.stops += 1;
            }
            1 => {
                let exit = self.server.stop(PATIENCE);
                self.done.terms += 1;
                if exit != 0 {
                    return Err(format!("SIGTERM ended the server with {exit}"));
                }
            }
            _ => {
                self.server.kill();
                self.done.server_kills += 1;
            }
        }
        Ok(())
    }

    /// A few edits on one device, which may be killed in one of them.
    fn edits(&mut self, n: usize) -> Result<(), String> {
        for _ in 0..=self.rng.below(2) {
            let kill = self.rng.one_in(3);
            let after = self.moment() / 2;
            let handset = &mut self.handsets[n];
            if kill {
                self.done.device_kills += u64::from(handset.edit_and_die(after)?);
            } else {
                handset.edit(1 + self.rng.below(3))?;
            }
        }
        self.done.edits = self.handsets.iter().map(|handset| handset.edits).sum();
        Ok(())
    }

    /// What devices take for stored is at the centre, each once. `all`: nothing is unsent.
    fn look(&mut self, all: bool) -> Result<(), String> {
        for handset in &mut self.handsets {
            let acked = handset.acknowledged()?;
            let case = self.desk.case(&handset.case)?;
            if all && acked.len() as u64 != handset.in_case {
                self.done
                    .failures
                    .push(format!("{}: some edits are not acknowledged after a drain", handset.case));
            }
            self.done.checked += acked.len() as u64;
            let log = case.as_ref().map(handset::log_of).unwrap_or_default();
            let found = handset::compare(&acked, &log);
            self.done.failures.extend(found.into_iter().map(|what| format!("{}: {what}", handset.case)));
        }
        Ok(())
    }

    /// Nobody disturbs: everything must arrive. Then each device begins a new case.
    fn drain(&mut self) -> Result<(), String> {
        for handset in &mut self.handsets {
            if poll(PATIENCE, || handset.sync().ok().filter(|pending| *pending == 0)).is_none() {
                self.done.failures.push(format!("{}: stalled, never drains", handset.case));
                return Ok(());
            }
        }
        self.look(true)?;
        for handset in &mut self.handsets {
            self.done.failures.extend(handset.refused()?);
            handset.begin_case()?;
        }
        Ok(())
    }
}
