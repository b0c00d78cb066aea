//! Who asks the desk what: people of several roles and units, and addresses with random filters and depths.

use std::collections::BTreeSet;
use std::time::Duration;

use doorstep_server::store::oversight::Stuck;

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
    Board,
    Ledger,
    Signals,
    Coverage,
    Draws,
}

/// Every kind.
pub(super) const PLACES: [Place; 8] = [
    Place { name: "lists", kind: Kind::Lists },
    Place { name: "searches", kind: Kind::Search },
    Place { name: "inboxes", kind: Kind::Inbox },
    Place { name: "supervision, boards", kind: Kind::Board },
    Place { name: "supervision, ledgers", kind: Kind::Ledger },
    Place { name: "supervision, signals", kind: Kind::Signals },
    Place { name: "supervision, coverage", kind: Kind::Coverage },
    Place { name: "supervision, draws", kind: Kind::Draws },
];

/// What somebody supervises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Supervises {
    Nothing,
    /// What lies below their unit.
    Below,
    /// The district: only they see its draws.
    District,
}

/// Who asks: unit, role, name, and what they supervise.
const WHO: [(&str, &str, &str, Supervises); 6] = [
    ("intake", "reviewer", "李静", Supervises::District),
    ("leader", "leader", "周书记", Supervises::Below),
    ("supervision", "inspector", "吴督查", Supervises::District),
    ("", "handler", "何平", Supervises::Nothing),
    ("", "leader", "钱镇长", Supervises::Below),
    ("audit", "auditor", "冯审计", Supervises::District),
];
/// Lists, searches and inboxes are asked by the first so many: by whom they always were, so that figures compare.
const WORKING: usize = 5;

/// Somebody who is signed in.
#[derive(Debug)]
pub(super) struct Asker {
    supervises: Supervises,
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

/// A reviewer at the desk, a leader of the district, an inspector, a handler and a leader of a town, an auditor.
pub(super) fn askers(server: &Server) -> Result<Vec<Asker>, String> {
    let mut askers = Vec::new();
    for (office, role, name, supervises) in WHO {
        let unit = match office {
            "" => TOWN.to_owned(),
            // Whoever audits belongs to the district itself.
            "audit" => DISTRICT.to_owned(),
            office => format!("{DISTRICT}-{office}"),
        };
        let invited = server.invite((DISTRICT, &unit), (name, role))?;
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_mins(2)));
        let token = server.token(&invited.worker)?;
        askers.push(Asker { supervises, agent: config.build().into(), token });
    }
    Ok(askers)
}

/// One question.
pub(super) fn question<'a>(dice: &mut Rng, place: Place, askers: &'a [Asker]) -> (&'a Asker, String) {
    let working = matches!(place.kind, Kind::Lists | Kind::Search | Kind::Inbox);
    let least = if place.kind == Kind::Draws { Supervises::District } else { Supervises::Below };
    let may: Vec<&Asker> = if working {
        askers.iter().take(WORKING).collect()
    } else {
        askers.iter().filter(|asker| asker.supervises >= least).collect()
    };
    let asker = may[dice.below(may.len())];
    let address = match place.kind {
        Kind::Inbox => "/inbox".to_owned(),
        Kind::Lists => format!("/cases?{}", filters(dice)),
        Kind::Search => format!(
            "/cases?q={}&{}",
            escaped(&typed(dice)),
            if dice.one_in(3) { filters(dice) } else { String::new() }
        ),
        // Units and kinds of matter at a glance; now and then all of the units.
        Kind::Board => if dice.one_in(4) { "/supervision?all=1" } else { "/supervision" }.to_owned(),
        Kind::Ledger => format!("/supervision/ledger?{}", stuck(dice)),
        Kind::Signals => "/supervision/signals".to_owned(),
        Kind::Coverage => "/supervision/coverage".to_owned(),
        Kind::Draws => "/supervision/draws".to_owned(),
    };
    (asker, address)
}

/// A number of the board, of a unit or a kind of matter, as its link asks for the cases behind it; often a page further on.
fn stuck(dice: &mut Rng) -> String {
    let mut parts = vec![format!("stuck={}", Stuck::ALL[dice.below(Stuck::ALL.len())].code())];
    if dice.one_in(2) {
        parts.push(format!("unit={}", super::rows::town(dice)));
    }
    if dice.one_in(2) {
        parts
            .push(format!("category={}", super::rows::CATEGORIES[dice.below(super::rows::CATEGORIES.len())]));
    }
    if dice.one_in(3) {
        parts.push(format!("after={}", super::rows::depth(dice).replace('.', "_")));
    }
    parts.join("&")
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
