//! The deterministic simulation: days of work on many devices over a network that fails, against the real
//! machines, pipeline and memory stores, with oracles for the design's invariants.
//!
//! One scheduler, one clock, one seed. Owns who does what when, and what breaks; owns no rule.
//!
//! Architecture Invariant: no clock, no threads, no iteration in an order that is not the data's own. The
//! same seed gives the same digest to the byte.

mod events;
mod faults;
mod finish;
mod oracles;
mod people;
mod ruin;

use std::collections::BTreeMap;

use doorstep_protocol::Hash;
use doorstep_protocol::documents::Role;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::harness::{CENTRE, NEIGHBOUR, TOWN, VILLAGE, WATER};
use events::Sim;

/// What one run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Of everything that happened, in hex.
    pub digest: String,
    /// How often each fault was injected.
    pub faults: BTreeMap<&'static str, u64>,
    /// Devices times days.
    pub device_days: u64,
    /// Items that each oracle looked at, by invariant.
    pub checked: BTreeMap<u8, u64>,
    /// What is wrong, with its invariant.
    pub failures: Vec<String>,
}

/// Where devices are, in turn: with two villages side by side, their town, its centre and a department.
const POSTS: [(&str, Role); 8] = [
    (VILLAGE, Role::Worker),
    (VILLAGE, Role::Worker),
    (NEIGHBOUR, Role::Worker),
    (TOWN, Role::Handler),
    (VILLAGE, Role::Worker),
    (CENTRE, Role::Reviewer),
    (WATER, Role::Handler),
    (NEIGHBOUR, Role::Worker),
];

/// Runs one seed.
pub fn run(seed: u64, devices: usize, days: u32) -> Outcome {
    let mut sim = Sim::new(seed, devices);
    sim.live(i64::from(days) * 24 * 60 * 60 * 1000);
    sim.converge();
    sim.judge();
    let Sim { checks, faults, hasher, .. } = sim;
    let digest = Hash(Sha256::finalize(hasher).into()).to_string();
    let device_days = devices as u64 * u64::from(days);
    Outcome { digest, faults, device_days, checked: checks.checked, failures: checks.failures }
}

/// Runs many seeds for the command line. False: a seed failed, or an oracle checked nothing in all of them.
/// Progress goes to stderr unless the caller wants JSON only.
pub fn cli(seeds: u64, from: u64, (devices, days): (usize, u32), twice: bool, quiet: bool) -> (Json, bool) {
    let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
    let mut checked: BTreeMap<u8, u64> = BTreeMap::new();
    let (mut failed, mut messages, mut device_days) = (Vec::new(), Vec::new(), 0);
    for seed in from..from.saturating_add(seeds) {
        let mut outcome = run(seed, devices, days);
        if twice && run(seed, devices, days) != outcome {
            outcome.failures.push("the second run of the seed differs".into());
        }
        device_days += outcome.device_days;
        outcome.faults.into_iter().for_each(|(fault, n)| *faults.entry(fault).or_default() += n);
        outcome.checked.into_iter().for_each(|(id, n)| *checked.entry(id).or_default() += n);
        if !quiet {
            eprintln!("seed {seed}: {} failures, digest {}", outcome.failures.len(), &outcome.digest[..16]);
        }
        if !outcome.failures.is_empty() {
            outcome.failures.iter().for_each(|failure| eprintln!("seed {seed}: {failure}"));
            failed.push(seed);
            messages.extend(
                outcome.failures.into_iter().take(5).map(|failure| format!("seed {seed}: {failure}")),
            );
        }
    }
    let idle: Vec<u8> =
        oracles::IDS.into_iter().filter(|id| checked.get(id).is_none_or(|n| *n == 0)).collect();
    let checked: BTreeMap<String, u64> = checked.into_iter().map(|(id, n)| (id.to_string(), n)).collect();
    let ok = failed.is_empty() && idle.is_empty();
    let result = json!({
        "runs": seeds,
        "device_years": device_days as f64 / 365.0,
        "faults": faults,
        "checked": checked,
        "unchecked": idle,
        "failures": failed,
        "messages": messages,
    });
    (result, ok)
}
