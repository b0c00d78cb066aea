//! Who asks the desk what: people of several roles and units, and addresses with random filters and depths.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::ingest::{DISTRICT, TOWN};
use crate::harness::Rng;
use crate::play::process::Server;

/// A kind of page that is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Lists,
    Search,
    Inbox,
}

/// Every kind.
pub(super) const PLACES: [Place; 3] = [
    Place { name: "lists", kind: Kind::Lists },
    Place { name: "searches", kind: Kind::Search },
    Place { name: "inboxes", kind: Kind::Inbox },
];

/// Somebody who is signed in.
#[derive(Debug)]
pub(super) struct Asker {
    agent: ureq::Agent,
    token: String,
}

impl Asker {
    /// Opens a page, to its end.
    pub(super) fn open(&self, url: &str, address: &str) -> Result<(), String> {
        let cookie = format!("doorstep-desk={}", self.token);
        let mut answer = self
            .agent
            .get(format!("{url}{address}"))
            .header("Cookie", cookie)
            .call()
            .map_err(|error| format!("{address}: {error}"))?;
        let text = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
        if text.contains("<h1") { Ok(()) } else { Err(format!("{address} is no page")) }
    }
}

/// A reviewer at the desk, a leader of the district, an inspector, a handler and a leader of a town.
pub(super) fn askers(server: &Server) -> Result<Vec<Asker>, String> {
    let who = [
        ("intake", "reviewer", "李静"),
        ("leader", "leader", "周书记"),
        ("supervision", "inspector", "吴督查"),
        ("", "handler", "何平"),
        ("", "leader", "钱镇长"),
    ];
    let mut askers = Vec::new();
    for (office, role, name) in who {
        let unit = if office.is_empty() { TOWN.to_owned() } else { format!("{DISTRICT}-{office}") };
        let invited = server.invite((DISTRICT, &unit), (name, role))?;
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_mins(2)));
        askers.push(Asker { agent: config.build().into(), token: server.token(&invited.worker)? });
    }
    Ok(askers)
}

/// One question.
pub(super) fn question<'a>(dice: &mut Rng, place: Place, askers: &'a [Asker]) -> (&'a Asker, String) {
    let asker = &askers[dice.below(askers.len())];
    let address = match place.kind {
        Kind::Inbox => "/inbox".to_owned(),
        Kind::Lists => format!("/cases?{}", filters(dice)),
        Kind::Search => format!(
            "/cases?q={}&{}",
            escaped(&typed(dice)),
            if dice.one_in(3) { filters(dice) } else { String::new() }
        ),
    };
    (asker, address)
}

/// Up to three filters, an order, and often a page further on.
fn filters(dice: &mut Rng) -> String {
    let one = |dice: &mut Rng, all: &[&str]| all[dice.below(all.len())].to_owned();
    let mut parts = Vec::new();
    // Each filter once: a form has each field once, and the desk refuses an address that says one twice.
    let kinds: BTreeSet<usize> = (0..dice.below(4)).map(|_| dice.below(7)).collect();
    for kind in kinds {
        parts.push(match kind {
            0 => format!("category={}", one(dice, &super::rows::CATEGORIES)),
            1 => format!("stage={}", one(dice, &["open", "claimed", "verified", "closed"])),
            2 => format!("step={}", one(dice, &["triage", "handle", "verify", "sign", "archived"])),
            3 => format!("place={}", super::rows::town(dice)),
            4 => format!("urgency={}", one(dice, &["normal", "soon", "urgent", "danger"])),
            5 => format!("due={}", one(dice, &["overdue", "today", "soon", "week"])),
            _ => format!("channel={}", one(dice, &["visit", "scan", "hotline", "window"])),
        });
    }
    parts.push(format!("order={}", one(dice, &["registered", "due", "updated"])));
    if dice.one_in(2) {
        parts.push(format!("after={}", super::rows::depth(dice)));
    }
    parts.join("&")
}

/// What somebody types: two to four characters that stand together, initials, a number.
fn typed(dice: &mut Rng) -> String {
    match dice.below(6) {
        0 => super::rows::person(dice),
        1 => super::rows::phone(dice),
        2 => ["sgdl", "wg", "lmtx", "zjz"][dice.below(4)].to_owned(),
        3 => format!("{} {}", super::rows::piece(dice, 2), super::rows::piece(dice, 2)),
        _ => {
            let length = 2 + dice.below(3);
            super::rows::piece(dice, length)
        }
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
