//! BZ-11, BZ-13: whoever handled a case neither looks at it nor asks the person, and cannot bring about that nobody does.

use doorstep_policy::{Decision, Directive, Pack, Satisfaction, replay};

use crate::closing::{ASKED, FOUR, LATER, SIGNED, signature};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, bazhou, changed};

const REGISTERED: &str = "2025-03-03T10:00:00+08:00";
const SETTLED: &str = "2025-03-03T10:05:00+08:00";
const CLAIMED: &str = "2025-03-05T09:00:00+08:00";
const VERIFIED: &str = "2025-03-06T09:00:00+08:00";
const SUPERVISION: &str = "511902-supervision";
const SATISFIED: [(&str, &str); 1] = [("answer", "satisfied")];
const HOLDS: [(&str, &str); 1] = [("result", "holds")];

/// Closed by the village with these units beside it, which whoever has it may add.
fn closed_with<'a>(pack: &'a Pack, others: &[&str]) -> (Story<'a>, Decision) {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], SETTLED).expect("taken on");
    for unit in others {
        story.command_of("1", "co_handle", (VILLAGE, "worker"), &[("add", unit)], SETTLED).expect("helps");
    }
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], CLAIMED).expect("claimed");
    // Whom the rules name and who does not help; where they all do, a colleague.
    let named = [CENTRE, SUPERVISION, TOWN, "511902", "511902-intake"];
    let verifies = named.into_iter().find(|unit| !others.contains(unit)).unwrap_or(CENTRE);
    let pass = [("result", "pass")];
    story.command_of("5", "verify", (verifies, "handler"), &pass, VERIFIED).expect("verified");
    story.case.proofs.signatures = FOUR.map(signature).into();
    let closed = story.settle(SIGNED).expect("all four are there");
    (story, closed)
}

#[test]
fn co_handlers_do_not_make_the_callback_go_away() {
    let pack = bazhou();
    for (others, asks, looks) in [
        (&[CENTRE][..], SUPERVISION, SUPERVISION),
        (&[SUPERVISION], CENTRE, TOWN),
        (&[CENTRE, SUPERVISION], TOWN, TOWN),
        (&[CENTRE, SUPERVISION, TOWN], "511902", "511902"),
        (&[CENTRE, SUPERVISION, TOWN, "511902"], "511902-intake", "511902-intake"),
        (&[CENTRE, SUPERVISION, TOWN, "511902", "511902-intake"], "511902-leader", "511902-leader"),
    ] {
        let (mut story, closed) = closed_with(&pack, others);
        assert_eq!((closed.step.as_str(), closed.unit.as_deref()), ("callback", Some(asks)), "{others:?}");
        assert!(closed.audience.units.contains(asks) && !closed.audience.units.contains(VILLAGE));
        let asked = story.command_of("8", "callback", (asks, "handler"), &SATISFIED, ASKED).expect("asked");
        assert_eq!(asked.life.satisfaction, Some(Satisfaction::Satisfied));
        assert_eq!((asked.step.as_str(), asked.unit.as_deref()), ("look_back", Some(looks)), "{others:?}");
        let handled = story.command_of("8", "look_back", (others[0], "inspector"), &HOLDS, LATER);
        assert_eq!(handled.expect_err("handled it").rule, "look_back.own");
        story.command_of("8", "look_back", (looks, "inspector"), &HOLDS, LATER).expect("looked");
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
}

/// Claimed by the village, the town beside it.
fn claimed(pack: &Pack) -> Story<'_> {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], SETTLED).expect("taken on");
    story.command_of("1", "co_handle", (VILLAGE, "worker"), &[("add", TOWN)], SETTLED).expect("helps");
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], CLAIMED).expect("claimed");
    story
}

/// Somebody of the village in the place of the centre's, who is away.
const DEPUTY: [(&str, &str); 2] = [("for", "5"), ("for.unit", VILLAGE)];

#[test]
fn a_deputy_from_the_unit_that_handles_it_does_not_look_at_it_in_anothers_place() {
    let pack = bazhou();
    let with = |args: &[(&'static str, &'static str)]| [args, &DEPUTY[..]].concat();
    let rule =
        |refused: Result<Decision, doorstep_policy::Refused>| refused.expect_err("from the village").rule;
    let mut story = claimed(&pack);
    let pass = with(&[("result", "pass")]);
    assert_eq!(rule(story.command_of("2", "verify", (CENTRE, "handler"), &pass, VERIFIED)), "verify.unit");
    let inspect = with(&[("result", "holds")]);
    let inspected = story.command_of("2", "inspect", (SUPERVISION, "inspector"), &inspect, VERIFIED);
    assert_eq!(rule(inspected), "inspect.own");
    let urge = with(&[("reason", "log-1")]);
    assert_eq!(rule(story.command_of("2", "urge", (SUPERVISION, "inspector"), &urge, VERIFIED)), "urge.own");
    story.command_of("5", "verify", (CENTRE, "handler"), &[("result", "pass")], VERIFIED).expect("himself");
    story.case.proofs.signatures = FOUR[1..].iter().map(|of| signature(*of)).collect();
    story.settle(SIGNED).expect("signed");
    let moved = with(&[("how", "moved"), ("reason", "log-1"), ("witness", "4")]);
    let approved = story.command_of("2", "close_unusual", (TOWN, "leader"), &moved, ASKED);
    assert_eq!(rule(approved), "unusual.approval");
    story.command_of("8", "close_unusual", (TOWN, "leader"), &moved[..3], ASKED).expect("the leader himself");
    let answer = with(&SATISFIED);
    assert_eq!(rule(story.command_of("2", "callback", (CENTRE, "handler"), &answer, ASKED)), "concerned");
    story
        .command_of("6", "callback", (CENTRE, "handler"), &SATISFIED, ASKED)
        .expect("a colleague of the centre");
    let look = with(&HOLDS);
    assert_eq!(
        rule(story.command_of("2", "look_back", (SUPERVISION, "inspector"), &look, LATER)),
        "look_back.own"
    );
    let of_another = [HOLDS[0], ("for", "9"), ("for.unit", CENTRE)];
    story
        .command_of("6", "look_back", (SUPERVISION, "inspector"), &of_another, LATER)
        .expect("handled none of it");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// Whoever stands in for the one who claimed it stands where they stand.
#[test]
fn nobody_verifies_in_the_place_of_whoever_claimed_it() {
    let pack = bazhou();
    let mut story = claimed(&pack);
    let pass = [("result", "pass"), ("for", "1"), ("for.unit", SUPERVISION)];
    let refused = story.command_of("9", "verify", (CENTRE, "handler"), &pass, VERIFIED);
    assert_eq!(refused.expect_err("in his place").rule, "verify.own");
}

#[test]
fn a_colleague_verifies_only_where_the_pack_names_the_handlers_or_nobody_is_left() {
    let pack = bazhou();
    let pass = [("result", "pass")];
    let refused = claimed(&pack).command_of("7", "verify", (TOWN, "leader"), &pass, VERIFIED);
    assert_eq!(refused.expect_err("the town helps").rule, "verify.unit");
    claimed(&pack).command_of("7", "verify", (SUPERVISION, "inspector"), &pass, VERIFIED).expect("looks on");
    let who = "name = \"verify\"\nwho = [\"intake\"";
    let named = Pack::load(&changed("policy.toml", who, &who.replace("[", "[\"owner\", "))).expect("a pack");
    claimed(&named).command_of("2", "verify", (VILLAGE, "worker"), &pass, VERIFIED).expect("a colleague");
    let own = claimed(&named).command_of("1", "verify", (VILLAGE, "worker"), &pass, VERIFIED);
    assert_eq!(own.expect_err("he claimed it").rule, "verify.own");
}

/// One takes it on, another claims it: neither looks at it.
#[test]
fn whoever_was_in_charge_does_not_verify_or_look_back() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], SETTLED).expect("taken on");
    story.command_of("2", "claim", (VILLAGE, "worker"), &[], CLAIMED).expect("claimed");
    let pass = [("result", "pass")];
    for worker in ["1", "2"] {
        let own = story.command_of(worker, "verify", (CENTRE, "handler"), &pass, VERIFIED);
        assert_eq!(own.expect_err("his own").rule, "verify.own");
    }
    story.command_of("5", "verify", (CENTRE, "handler"), &pass, VERIFIED).expect("verified");
    story.case.proofs.signatures = FOUR[1..].iter().map(|of| signature(*of)).collect();
    story.settle(SIGNED).expect("signed");
    let dead = [("how", "died"), ("reason", "log-1"), ("witness", "4")];
    let own = story.command_of("1", "close_unusual", (TOWN, "leader"), &dead, SIGNED);
    assert_eq!(own.expect_err("his own").rule, "unusual.approval");
    let over = story.command_of("7", "close_unusual", (TOWN, "leader"), &dead, SIGNED).expect("closed");
    assert_eq!(over.step, "look_back");
    for worker in ["1", "2"] {
        let own = story.command_of(worker, "look_back", (SUPERVISION, "inspector"), &HOLDS, LATER);
        assert_eq!(own.expect_err("his own").rule, "look_back.own");
    }
    story.command_of("6", "look_back", (SUPERVISION, "inspector"), &HOLDS, LATER).expect("another looks");
}

#[test]
fn a_review_before_the_answer_shows_the_case_to_no_handler() {
    let pack = bazhou();
    for (others, reviewer) in [(&[][..], CENTRE), (&[CENTRE], SUPERVISION), (&[CENTRE, SUPERVISION], TOWN)] {
        let (mut story, closed) = closed_with(&pack, others);
        story.set("severity", "heavy");
        let review = story.settle(ASKED).expect("reviewed");
        assert_eq!((review.step.as_str(), review.unit.as_deref()), ("review", Some(reviewer)));
        assert_eq!(review.audience.excluded_units, closed.audience.excluded_units);
        let handlers = std::iter::once(VILLAGE).chain(others.iter().copied());
        assert!(handlers.into_iter().all(|unit| !review.audience.units.contains(unit)), "blind as before");
        assert!(review.audience.units.contains(reviewer));
        let keep = [("decision", "keep"), ("reason", "log-9")];
        let kept = story.command_of("8", "amend", (reviewer, "reviewer"), &keep, ASKED).expect("kept");
        assert_eq!((kept.step.as_str(), &kept.unit), ("callback", &closed.unit));
        assert_eq!(kept.audience.excluded_units, closed.audience.excluded_units);
    }
}

#[test]
fn no_timer_and_no_urging_shows_it_to_the_handlers_before_the_answer() {
    let verify = "id = \"verify\"\nbasis = \"BZ-13: spot checks against false resolution\"\nstep = [\n";
    let up = "    { id = \"up\", at = \"10%\", act = \"escalate\" },\n";
    let mut files = changed("policy.toml", verify, &format!("{verify}{up}"));
    files.0.retain(|path, _| !path.starts_with("examples/"));
    let pack = Pack::load(&files).expect("loads");
    let (mut story, _) = closed_with(&pack, &[SUPERVISION]);
    let blind = |decision: &Decision| {
        let seen = &decision.audience.units;
        assert!(!seen.contains(VILLAGE) && !seen.contains(SUPERVISION), "{seen:?}");
        assert!(decision.audience.excluded_units.contains(VILLAGE), "{}", decision.directive);
    };
    let urged = story.command_of("7", "urge", (TOWN, "leader"), &[("reason", "log-1")], SIGNED);
    blind(&urged.expect("urged"));
    let escalated = story.tick();
    assert_eq!(
        (escalated.directive, escalated.unit.as_deref()),
        (Directive::Escalate, Some("511902-leader"))
    );
    blind(&escalated);
    // Where the next tier handled it, it stays with whoever asks.
    let (mut story, closed) = closed_with(&pack, &["511902-leader"]);
    let stays = story.tick();
    assert_eq!((stays.directive, &stays.unit), (Directive::Overdue, &closed.unit));
}
