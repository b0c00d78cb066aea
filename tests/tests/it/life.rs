//! A case's life through devices and commands: each refusal beside a twin that succeeds.

use std::time::Duration;

use doorstep_policy::{Decision, Directive, How, Satisfaction};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::store::Person;
use doorstep_tests::harness::{CENTRE, Handset, NEIGHBOUR, TOWN, VILLAGE, WATER, World};

use super::village::{A_WHILE, Village, small};

const DAY: Duration = Duration::from_hours(24);
const DAY_S: i64 = 24 * 60 * 60;
const SUPERVISION: &str = "511902-supervision";

/// The village, with those above it who verify, sign, ask and look again.
pub(crate) struct Street {
    pub(crate) village: Village,
    /// The leader in charge and the principal leader, both of the town.
    pub(crate) leader: Handset,
    pub(crate) principal: Handset,
    /// Somebody of the centre, where cases are verified and people are asked.
    pub(crate) centre: Person,
    pub(crate) inspector: Person,
}

impl Street {
    pub(crate) fn new() -> Self {
        let mut village = Village::new();
        let leader = village.world.device("分管领导周", TOWN, Role::Leader);
        let principal = village.world.device("主要领导郑", TOWN, Role::Leader);
        let centre = village.world.worker("中心小何", CENTRE, Role::Handler);
        let inspector = village.world.worker("督查员吴", SUPERVISION, Role::Inspector);
        Street { village, leader, principal, centre, inspector }
    }

    fn world(&mut self) -> &mut World {
        &mut self.village.world
    }

    pub(crate) fn last(&self, case: DocumentId) -> Decision {
        self.village.world.decisions(case).pop().expect("decided")
    }

    fn act(&self, who: &Person, case: DocumentId, name: &str, args: &[(&str, &str)]) -> Decision {
        let outcome = self.village.world.act(who, case, name, args);
        assert!(matches!(outcome, ActOutcome::Decided { .. }), "{name}: {outcome:?}");
        self.last(case)
    }

    /// The rule that refuses; the case stands as it was.
    fn refused(&self, who: &Person, case: DocumentId, name: &str, args: &[(&str, &str)]) -> String {
        let before = self.last(case);
        match self.village.world.act(who, case, name, args) {
            ActOutcome::Refused { rule, message } => {
                assert!(!message.is_empty() && self.last(case) == before, "{name} changed something");
                rule
            }
            ActOutcome::Decided { n } => panic!("{name} was decided as {n}"),
        }
    }

    /// Wang takes it on, says what came of it and claims it resolved, all offline.
    pub(crate) fn claimed(&mut self, case: DocumentId) {
        let taken_on = self.last(case).life.taken_on.is_some();
        let Village { world, wang, .. } = &mut self.village;
        if !taken_on {
            wang.act(case, "accept", &[]).expect("queued");
        }
        wang.set(case, "outcome", "已修好");
        world.sync(wang);
        wang.act(case, "claim", &[]).expect("queued");
        world.sync(wang);
        world.advance(A_WHILE);
    }

    /// And the centre verifies.
    pub(crate) fn verified(&mut self, case: DocumentId) {
        self.claimed(case);
        let passed = self.act(&self.centre, case, "verify", &[("result", "pass")]);
        assert_eq!(passed.step, "sign");
        self.everybody_syncs();
    }

    pub(crate) fn everybody_syncs(&mut self) {
        let Village { world, wang, li, zhao, .. } = &mut self.village;
        for device in [wang, li, zhao, &mut self.leader, &mut self.principal] {
            world.sync(device);
        }
    }

    /// Signed offline on each device, then the devices come in one after the other.
    pub(crate) fn sign(&mut self, case: DocumentId, roles: &[&str]) {
        let Street { village: Village { world, wang, li, .. }, leader, principal, .. } = self;
        let mut devices =
            [("person", li), ("handler", wang), ("leader", leader), ("principal_leader", principal)];
        devices.sort_by_key(|(role, _)| roles.iter().position(|wanted| wanted == role));
        let mut signing: Vec<_> = devices.into_iter().filter(|(role, _)| roles.contains(role)).collect();
        for (role, device) in &mut signing {
            device.sign(case, role);
        }
        for (_, device) in signing {
            world.sync(device);
            assert!(device.refused().is_empty(), "{:?}", device.refused());
            world.advance(A_WHILE);
        }
    }

    /// What the person says when the centre asks.
    pub(crate) fn asked(&mut self, case: DocumentId, answer: &str) {
        self.act(&self.centre, case, "callback", &[("answer", answer)]);
        self.everybody_syncs();
    }

    /// The person refuses to sign; the leader approves, li has seen it.
    pub(crate) fn closed_without_the_person(&mut self, case: DocumentId) {
        let witness = self.village.li.person.worker.to_string();
        let args = [("how", "refused"), ("reason", "log-3"), ("attempts", "3"), ("witness", &witness)];
        self.act(&self.leader.person, case, "close_unusual", &args);
    }

    /// Li sends what he made, and the person takes it back.
    pub(crate) fn withdrawn(&mut self, case: DocumentId) {
        let Village { world, li, .. } = &mut self.village;
        world.sync(li);
        world.advance(A_WHILE);
        self.act(&self.centre, case, "withdraw", &[("reason", "log-2")]);
    }

    pub(crate) fn closed(&mut self, case: DocumentId) {
        self.verified(case);
        self.sign(case, &["person", "handler", "leader", "principal_leader"]);
        assert_eq!(self.last(case).step, "callback");
    }
}

#[test]
fn four_signatures_on_four_devices_offline_in_any_order_strike_a_case_off() {
    for order in [
        ["person", "handler", "leader", "principal_leader"],
        ["principal_leader", "leader", "handler", "person"],
        ["leader", "person", "principal_leader", "handler"],
    ] {
        let mut street = Street::new();
        let case = street.village.case;
        street.verified(case);
        street.sign(case, &order[..3]);
        let waiting = street.last(case);
        assert_eq!((waiting.directive, waiting.life.signed.len()), (Directive::Sign, 3), "{order:?}");
        assert!(waiting.life.closed.is_none());
        street.sign(case, &order[3..]);
        let last = street.last(case);
        assert_eq!(last.directive, Directive::StrikeOff, "{order:?}");
        assert_eq!(last.life.closed.map(|closed| closed.how), Some(How::Signed));
    }
}

#[test]
fn what_was_signed_changes_and_the_signatures_are_visibly_void_until_given_again() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    street.sign(case, &["person", "handler"]);
    let Village { world, zhao, .. } = &mut street.village;
    zhao.set(case, "outcome", "其实只修了一半");
    world.sync(zhao);
    world.advance(A_WHILE);
    let void = street.last(case);
    assert_eq!((void.directive, void.step.as_str()), (Directive::Void, "sign"));
    assert!(void.life.signed.is_empty());
    street.everybody_syncs();
    let shown = street.village.li.show(case).decisions;
    assert_eq!(shown.last().expect("held")["directive"], "void", "on devices too");
    street.sign(case, &["leader", "principal_leader", "person", "handler"]);
    assert_eq!(street.last(case).directive, Directive::StrikeOff);
}

#[test]
fn who_refuses_to_sign_is_closed_apart_with_attempts_a_witness_and_approval() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let (leader, wang) = (street.leader.person.clone(), street.village.wang.person.clone());
    let witness = street.village.li.person.worker.to_string();
    let tried = |n: &'static str| [("how", "refused"), ("reason", "log-3"), ("attempts", n)];
    let all = [&tried("3")[..], &[("witness", witness.as_str())]].concat();
    assert_eq!(street.refused(&leader, case, "close_unusual", &all), "signatures", "the others sign first");
    street.sign(case, &["handler", "leader", "principal_leader"]);
    assert_eq!(street.refused(&leader, case, "close_unusual", &tried("2")), "unusual.attempts");
    assert_eq!(street.refused(&leader, case, "close_unusual", &tried("3")), "unusual.witness");
    let (name, number) = (leader.name.clone(), leader.worker.to_string());
    for own in [name.as_str(), number.as_str(), &format!(" {name} ")] {
        let own: Vec<(&str, &str)> = all
            .iter()
            .map(|(key, value)| if *key == "witness" { (*key, own) } else { (*key, *value) })
            .collect();
        assert_eq!(street.refused(&leader, case, "close_unusual", &own), "unusual.witness", "{own:?}");
    }
    assert_eq!(street.refused(&wang, case, "close_unusual", &all), "command.close_unusual");
    let closed = street.act(&leader, case, "close_unusual", &all);
    assert_eq!(closed.directive, Directive::CloseUnusual);
    assert_eq!(closed.life.closed.map(|closed| closed.how), Some(How::Refused));
    assert!(!closed.life.signed.contains("person"), "nobody signed for them");
}

#[test]
fn not_satisfied_opens_the_case_again_and_counts_and_only_others_than_the_handler_ask() {
    let mut street = Street::new();
    let case = street.village.case;
    street.closed(case);
    street.everybody_syncs();
    assert!(!street.village.wang.holds(case), "blind to the handlers while the person is asked");
    let (centre, wang) = (street.centre.clone(), street.village.wang.person.clone());
    assert_eq!(street.refused(&wang, case, "callback", &[("answer", "satisfied")]), "right.none");
    let again = street.act(&centre, case, "callback", &[("answer", "not_satisfied")]);
    assert_eq!((again.directive, again.step.as_str()), (Directive::Redo, "handle"));
    assert_eq!((again.life.redo, again.life.reopened), (1, 1));
    assert_eq!(again.unit.as_deref(), Some(VILLAGE));
    street.everybody_syncs();
    assert!(street.village.wang.holds(case), "theirs to do again");
    street.closed(case);
    let satisfied = street.act(&centre, case, "callback", &[("answer", "satisfied")]);
    assert_eq!(satisfied.life.satisfaction, Some(Satisfaction::Satisfied));
    assert_eq!((satisfied.step.as_str(), satisfied.unit.as_deref()), ("look_back", Some(SUPERVISION)));
    let inspector = street.inspector.clone();
    assert_eq!(street.refused(&wang, case, "look_back", &[("result", "holds")]), "command.look_back");
    let holds = street.act(&inspector, case, "look_back", &[("result", "holds")]);
    assert_eq!(holds.step, "archive");
    street.world().advance(40 * DAY);
    let end = street.last(case);
    assert_eq!((end.step.as_str(), end.timers.len()), ("archived", 0), "in its own time");
}

#[test]
fn the_handler_asks_for_time_and_a_leader_gives_it_once() {
    let mut street = Street::new();
    let case = street.village.case;
    let due = street.last(case).due;
    let ask = |days: &'static str| [("days", days), ("reason", "rain")];
    let Village { world, wang, .. } = &mut street.village;
    wang.act(case, "ask_extension", &ask("31")).expect("queued; the centre says");
    world.sync(wang);
    assert_eq!(wang.refused().last().map(|no| no.reason.clone()).as_deref(), Some("extension.days"));
    wang.act(case, "ask_extension", &ask("20")).expect("queued");
    world.sync(wang);
    let person = wang.person.clone();
    assert_eq!(street.last(case).directive, Directive::AskExtension);
    assert_eq!(street.last(case).due, due, "asking moves nothing");
    assert_eq!(street.refused(&person, case, "extend", &[]), "command.extend");
    let Village { world, .. } = &mut street.village;
    world.sync(&mut street.leader);
    street.leader.act(case, "extend", &[]).expect("queued");
    world.sync(&mut street.leader);
    let given = street.last(case);
    assert_eq!(given.directive, Directive::Extend);
    let later = (given.due.as_second() - due.as_second()) / DAY_S;
    assert!((20..=27).contains(&later), "{later} days; a holiday may add some");
    let leader = street.leader.person.clone();
    assert_eq!(street.refused(&leader, case, "extend", &ask("5")), "extension.once");
}

#[test]
fn a_suspension_stops_the_clock_and_the_ladder_and_ends_by_itself() {
    let mut street = Street::new();
    let case = street.village.case;
    let (leader, wang) = (street.leader.person.clone(), street.village.wang.person.clone());
    let due = street.last(case).due;
    let season = [("reason", "season"), ("days", "30")];
    assert_eq!(street.refused(&wang, case, "suspend", &season), "command.suspend");
    let holiday = [("reason", "holiday"), ("days", "30")];
    assert_eq!(street.refused(&leader, case, "suspend", &holiday), "suspension.reason");
    let stands = street.act(&leader, case, "suspend", &season);
    assert_eq!(stands.step, "suspended");
    street.world().advance(29 * DAY);
    assert_eq!(street.last(case), stands, "nobody is reminded while the clock stands still");
    street.world().advance(2 * DAY);
    let decisions = street.village.world.decisions(case);
    let on = decisions.iter().find(|d| d.directive == Directive::Resume).expect("by its timer");
    assert_eq!((on.step.as_str(), on.unit.as_deref()), ("handle", Some(VILLAGE)));
    assert!(on.due.as_second() - due.as_second() >= 30 * DAY_S, "later by as long as it stood still");
}

#[test]
fn many_doors_one_sewer_the_earliest_leads_and_each_is_asked() {
    let mut street = Street::new();
    let first = street.village.case;
    let Village { world, li, zhao, .. } = &mut street.village;
    let second = li.new_case(&small("我家门口污水冒出来"));
    let conduct = zhao.new_case(&[("title", "有人收钱"), ("category", "conduct"), ("place", VILLAGE)]);
    world.advance(DAY);
    world.sync(li);
    world.sync(zhao);
    world.advance(A_WHILE);
    let centre = street.centre.clone();
    let lead = |of: DocumentId| of.to_string();
    let refused = |street: &Street, case, lead: &str| {
        let forged = [("lead", lead), ("lead.registered", "2000-01-01T00:00:00Z"), ("lead.lead", "")];
        street.refused(&centre, case, "group", &forged)
    };
    assert_eq!(refused(&street, first, &lead(second)), "group", "the earliest leads, whatever is claimed");
    assert_eq!(refused(&street, first, "no-such-case"), "group");
    assert_eq!(refused(&street, second, &lead(conduct)), "group", "as if it were not there");
    let loud = lead(first).to_uppercase();
    assert_eq!(refused(&street, first, &loud), "group.self", "itself, however it is written");
    let member = street.act(&centre, second, "group", &[("lead", &lead(first))]);
    assert_eq!(member.life.lead, Some(lead(first)));
    let third = {
        let Village { world, li, .. } = &mut street.village;
        let third = li.new_case(&small("第三家"));
        world.sync(li);
        world.advance(A_WHILE);
        third
    };
    assert_eq!(refused(&street, third, &lead(second)), "group", "no chains: that one follows itself");

    street.everybody_syncs();
    for case in [first, second] {
        street.closed(case);
    }
    let glad = street.act(&centre, first, "callback", &[("answer", "satisfied")]);
    let not = street.act(&centre, second, "callback", &[("answer", "not_satisfied")]);
    assert_eq!((glad.step.as_str(), not.step.as_str()), ("look_back", "handle"), "each household's own");
    assert_eq!(street.last(first), glad);
}

#[test]
fn a_person_withdraws_with_a_reason_and_that_is_an_end() {
    let mut street = Street::new();
    let case = street.village.case;
    let (wang, centre) = (street.village.wang.person.clone(), street.centre.clone());
    assert_eq!(street.refused(&wang, case, "withdraw", &[("reason", "log-2")]), "withdraw.own");
    assert_eq!(street.refused(&centre, case, "withdraw", &[]), "command.incomplete");
    let end = street.act(&centre, case, "withdraw", &[("reason", "log-2")]);
    assert_eq!((end.step.as_str(), end.timers.len()), ("withdrawn", 0));
    assert_eq!(street.refused(&wang, case, "claim", &[]), "command.claim");
    assert_eq!(street.refused(&centre, case, "withdraw", &[("reason", "log-2")]), "command.withdraw");
    street.world().advance(200 * DAY);
    assert_eq!(street.last(case), end, "no timer is left");
}

#[test]
fn an_amendment_to_what_people_work_on_is_reviewed_first() {
    let moved = |busy: bool| {
        let mut street = Street::new();
        let Village { world, wang, li, case, .. } = &mut street.village;
        if busy {
            wang.act(*case, "accept", &[]).expect("queued");
            world.sync(wang);
        }
        li.set(*case, "place", NEIGHBOUR);
        world.sync(li);
        world.advance(A_WHILE);
        street
    };
    let free = moved(false);
    let at_once = free.last(free.village.case);
    assert_eq!((at_once.directive, at_once.unit.as_deref()), (Directive::Amend, Some(NEIGHBOUR)));

    let street = moved(true);
    let (case, reviewer, centre) = (street.village.case, &street.village.reviewer, &street.centre);
    let waits = street.last(case);
    assert_eq!((waits.directive, waits.step.as_str()), (Directive::Review, "review"));
    assert!(waits.audience.units.contains(VILLAGE) && !waits.audience.units.contains(NEIGHBOUR));
    let yes = [("decision", "approve"), ("reason", "log-4")];
    assert_eq!(street.refused(centre, case, "amend", &yes), "command.amend", "a reviewer's");
    let applied = street.act(reviewer, case, "amend", &yes);
    assert_eq!(applied.unit.as_deref(), Some(NEIGHBOUR));
}

/// What the pack gives to supervisors is theirs to do on any case that they may look at, and only that.
#[test]
fn a_supervisor_verifies_what_was_never_given_to_them_and_claims_nothing() {
    let mut street = Street::new();
    let case = street.village.case;
    let inspector = street.village.world.worker("督查员吴", SUPERVISION, Role::Inspector);
    let elsewhere = street.village.world.worker("督查员外", WATER, Role::Inspector);
    street.claimed(case);
    let world = &street.village.world;
    assert!(!world.stored(case).row.audience.expect("decided").units.contains(SUPERVISION));
    let give = |who: &Person, name: &str, result: &str| {
        world.act(who, case, name, &[("result", result), ("reason", "log-1")])
    };
    assert!(
        matches!(give(&inspector, "claim", ""), ActOutcome::Refused { rule, .. } if rule == "right.none")
    );
    assert!(
        matches!(give(&elsewhere, "verify", "pass"), ActOutcome::Refused { .. }),
        "an inspector, and no supervisor"
    );
    assert!(matches!(give(&inspector, "verify", "pass"), ActOutcome::Decided { .. }));
}
