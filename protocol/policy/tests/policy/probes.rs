//! Probes: what a row of the table of mechanisms means for a case, a visit, a week, where no example of a pack can say so.
//!
//! Owns one short question a rule. Each holds in the pack as it ships; `taken_out` sees that it does not without the rule.

use std::collections::BTreeMap;

use doorstep_policy::supervision::{List, Tally};
use doorstep_policy::{Pack, PackFiles, Round};

use crate::story::{CENTRE, Story, TOWN, at};

/// One question about a pack.
pub(crate) struct Probe {
    /// The row that it belongs to.
    pub(crate) row: &'static str,
    /// What is missing when it does not hold.
    pub(crate) says: &'static str,
    pub(crate) holds: fn(&PackFiles, &Pack) -> bool,
}

const fn probe(row: &'static str, says: &'static str, holds: fn(&PackFiles, &Pack) -> bool) -> Probe {
    Probe { row, says, holds }
}

pub(crate) const PROBES: &[Probe] = &[
    probe("BZ-1", "a channel that nobody listed is refused", |files, _| {
        channels_are_listed(files, "questionnaire")
    }),
    probe("BZ-9", "a month without a joint meeting shows", |_, pack| monthly(pack, "joint", "meeting")),
    probe("BZ-10", "three days before it is due, a case is nearly due", |_, pack| {
        pack.near().as_hours() == 72
    }),
    probe("BZ-10", "the inspectors urge", |_, pack| inspectors(pack, "urge", &[("reason", "ledger-12")])),
    probe("BZ-11", "the inspectors inspect", |_, pack| inspectors(pack, "inspect", &[("result", "holds")])),
    probe("BZ-12", "the week's account is due on Friday", |_, pack| {
        let week = pack.account_week(at("2026-03-04T09:00:00+08:00"));
        week.is_some_and(|week| week.due == at("2026-03-06T18:00:00+08:00"))
    }),
    probe("BZ-12", "every centre gives account", |_, pack| pack.accounting_units().len() == 22),
    probe("BZ-12", "an account has evidence", |_, pack| pack.account_evidence() == 1),
    probe("BZ-13", "spot checks are drawn", |_, pack| {
        pack.draws().any(|draw| draw.id == "spot" && draw.size == 20)
    }),
    probe("BZ-13", "what comes again within 90 days is shown", |_, pack| {
        pack.signals().is_some_and(|signals| signals.repeat_days == 90 && signals.reused_photo)
    }),
    probe("BZ-14", "half of its cases done is too little", |_, pack| {
        let units = BTreeMap::from([(TOWN.to_owned(), tally(10, 5, 5))]);
        pack.interviews().any(|rule| rule.id == "low-completion" && !rule.triggers(&units).is_empty())
    }),
    probe("BZ-14", "the more satisfied rank higher", |_, pack| satisfied_first(pack)),
    probe("BZ-16", "three of a kind in a month are a cluster", |_, pack| {
        pack.clusters().is_some_and(|(days, least, _)| (days, least) == (30, 3))
    }),
    probe("BZ-16", "many doors, one sewer", |_, pack| groups(pack)),
    probe("BZ-18", "2023 was a campaign of its own", |_, pack| {
        let then = at("2023-06-01T09:00:00+08:00");
        pack.campaigns().any(|campaign| campaign.from <= then && then < campaign.to)
    }),
    probe("BZ-19", "leaders are stationed", |_, pack| {
        pack.visit_modes().any(|mode| mode.id == "stationed" && mode.led)
    }),
    probe("BZ-19", "their lists are due after 30 working days", |_, pack| {
        // From Monday 2 March: Qingming, 4 to 6 April 2026, costs one of them.
        let due = pack.rectified_by("stationed", at("2026-03-02T10:00:00+08:00"));
        due == Some(at("2026-04-14T23:59:59+08:00"))
    }),
    probe("ZL-6", "the plan has 56 villages", |_, pack| pack.coverages().any(|plan| plan.places.len() == 56)),
    probe("ZL-6", "it has four teams", |_, pack| pack.coverages().any(|plan| plan.teams.len() == 4)),
    probe("ZL-6", "three teams did not go out in January", |_, pack| covered(pack, |_| {}) == Some((1, 3))),
    probe("ZL-6", "one town a visit", |_, pack| {
        covered(pack, |round| round.place = "510302103".into()) == Some((0, 3))
    }),
    probe("ZL-6", "a concentrated visit, not another", |_, pack| {
        covered(pack, |round| round.mode = "joint".into()) == Some((0, 4))
    }),
    probe("ZL-6", "led by a leader", |_, pack| covered(pack, |round| round.leader.clear()) == Some((0, 4))),
    probe("ZL-7", "a channel that nobody listed is refused", |files, _| channels_are_listed(files, "scan")),
    probe("ZL-7", "by the pond, in the field, sitting round", |_, pack| {
        pack.visit_modes().any(|mode| mode.id == "standing" && mode.formats == ["pond", "field", "circle"])
    }),
    probe("ZL-9", "what a round table hears comes in by its channel", |_, pack| {
        pack.meeting_rules().any(|rule| rule.id == "roundtable" && rule.channel == "roundtable")
    }),
    probe("ZN-3", "the whistle has 13 categories, the district 7", |_, pack| {
        pack.counted_under("internal", "facilities").len() == 1
            && pack.crosswalk("whistle", "public_facilities") == Some("facilities")
    }),
];

/// A condition on a channel with a typing error is found: the pack lists its channels.
fn channels_are_listed(files: &PackFiles, channel: &str) -> bool {
    let mut files = files.clone();
    let Some(policy) = files.0.get_mut("policy.toml") else { return false };
    let condition = format!("channel == '{channel}'");
    if !policy.contains(&condition) {
        return true;
    }
    *policy = policy.replacen(&condition, &format!("channel == '{channel}s'"), 1);
    Pack::load(&files).is_err()
}

fn monthly(pack: &Pack, id: &str, channel: &str) -> bool {
    let month = (at("2026-03-01T00:00:00+08:00"), at("2026-04-02T00:00:00+08:00"));
    pack.meeting_rules()
        .any(|rule| rule.id == id && rule.channel == channel && rule.missed(month, &[]).len() == 1)
}

/// A case of a town, taken on and claimed.
fn claimed(pack: &Pack) -> Option<Story<'_>> {
    let mut story =
        Story::new(pack, "2026-03-02T10:00:00+08:00").with(&[("category", "water"), ("place", TOWN)]);
    story.intake();
    story.settle("2026-03-02T10:05:00+08:00")?;
    story.command("accept", (TOWN, "handler"), &[], "2026-03-03T09:00:00+08:00").ok()?;
    story.command("claim", (TOWN, "handler"), &[], "2026-03-04T09:00:00+08:00").ok()?;
    Some(story)
}

fn inspectors(pack: &Pack, command: &str, args: &[(&str, &str)]) -> bool {
    let by = ("511902-supervision", "inspector");
    claimed(pack).is_some_and(|mut story| {
        story.command_of("w9", command, by, args, "2026-03-05T09:00:00+08:00").is_ok()
    })
}

fn groups(pack: &Pack) -> bool {
    let mut story =
        Story::new(pack, "2026-03-02T10:00:00+08:00").with(&[("category", "water"), ("place", TOWN)]);
    story.intake();
    let lead =
        [("lead", "0192f0c1-0000-7000-8000-000000000000"), ("lead.registered", "2026-03-01T10:00:00+08:00")];
    story.command("group", (CENTRE, "reviewer"), &lead, "2026-03-03T09:00:00+08:00").is_ok()
}

fn tally(collected: u64, resolved: u64, satisfied: u64) -> Tally {
    Tally { collected, resolved, handled: resolved, redone: 0, answered: resolved, satisfied, overdue: 0 }
}

fn satisfied_first(pack: &Pack) -> bool {
    let is_town =
        |unit: &&doorstep_policy::Unit| unit.code.len() == 9 && unit.parent.as_deref() == Some("511902");
    let towns: Vec<String> = pack.units().filter(is_town).map(|unit| unit.code.clone()).take(7).collect();
    let units = towns.iter().enumerate().map(|(n, town)| (town.clone(), tally(10, 10, n as u64 + 1)));
    List::of(pack, &units.collect()).is_some_and(|list| list.red.first() == towns.last())
}

/// Places that a round of January covers, and teams that did not go out: a round as the plan wants it, changed.
fn covered(pack: &Pack, change: impl Fn(&mut Round)) -> Option<(usize, usize)> {
    let mut round = Round {
        at: at("2023-01-12T10:00:00+08:00"),
        mode: "concentrated".into(),
        team: "second".into(),
        leader: "w7".into(),
        place: "510302003".into(),
        villages: ["510302003002".into()].into(),
    };
    change(&mut round);
    let covered = pack.coverages().next()?.covered(pack, &[round], at("2023-02-01T00:00:00+08:00"));
    Some((covered.reached.len(), covered.teams.iter().filter(|team| !team.missed.is_empty()).count()))
}
