//! Moving standing cases to a version with other rules: what people work on, or have closed, is not thrown back.

use doorstep_policy::{Cause, Decision, Directive, Pack, replay_versions};

use crate::closing::{FOUR, SIGNED, signature, verified};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou, changed};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";
const MOVED: &str = "2025-03-12T09:00:00+08:00";
const SUPERVISION: &str = "511902-supervision";
const HOLDS: [(&str, &str); 1] = [("result", "holds")];

/// The next version sends what the village had to the town, and what the town had to the transport department.
pub(crate) fn next_version() -> Pack {
    let mut files = changed("policy.toml", "version = \"2026.6\"", "version = \"2027.1\"");
    let policy = files.0.get_mut("policy.toml").expect("the policy");
    *policy = policy.replace("to = \"town\"", "to = \"511902-transport\"");
    *policy = policy.replacen("to = \"village\"", "to = \"town\"", 1);
    Pack::load(&files).expect("loads")
}

fn migrate<'a>(story: &mut Story<'a>, new: &'a Pack, now: &str) -> Option<Decision> {
    story.pack = new;
    story.decide(Cause::PolicyMigration { version: new.id().into() }, now).expect("allowed")
}

fn assigned(pack: &Pack) -> Story<'_> {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, MORNING).with(&fields);
    story.intake();
    story.settle(LATER).expect("assigned");
    story
}

fn closed(pack: &Pack) -> Story<'_> {
    let mut story = verified(pack);
    story.case.proofs.signatures = FOUR.map(signature).into();
    story.settle(SIGNED).expect("closed");
    story
}

fn looked_at(pack: &Pack) -> Story<'_> {
    let mut story = closed(pack);
    let satisfied = [("answer", "satisfied")];
    story
        .command_of("5", "callback", (CENTRE, "handler"), &satisfied, "2025-03-10T09:00:00+08:00")
        .expect("asked");
    story
}

/// Everything but the version stays.
fn stays<'a>(mut story: Story<'a>, old: &'a Pack, new: &'a Pack, what: &str) {
    let last = story.log.last().expect("decided").clone();
    let moved = migrate(&mut story, new, &last.at.max(at(MOVED)).to_string());
    let moved = moved.expect("takes on the version");
    assert_eq!((moved.directive, moved.policy.as_str()), (Directive::Migrate, new.id()), "{what}");
    assert_eq!((&moved.step, &moved.unit, moved.due), (&last.step, &last.unit, last.due), "{what}");
    assert_eq!((&moved.life, &moved.timers), (&last.life, &last.timers), "{what}");
    let version = |id: &str| [old, new].into_iter().find(|pack| pack.id() == id);
    assert_eq!(replay_versions(version, &story.log), Ok(()), "{what}");
}

#[test]
fn what_is_claimed_signed_closed_or_waits_stays_where_it_is() {
    let (old, new) = (bazhou(), next_version());
    let mut claimed = assigned(&old);
    claimed.command_of("1", "claim", (VILLAGE, "worker"), &[], NEXT_DAY).expect("claimed");
    stays(claimed, &old, &new, "claimed");
    stays(verified(&old), &old, &new, "verified");
    stays(closed(&old), &old, &new, "waits for the person's answer");
    stays(looked_at(&old), &old, &new, "waits for a look back");
    let mut archive = looked_at(&old);
    archive.command_of("6", "look_back", (SUPERVISION, "inspector"), &HOLDS, MOVED).expect("holds");
    stays(archive, &old, &new, "waits for the archive");
    let mut suspended = assigned(&old);
    let season = [("reason", "season"), ("days", "60")];
    suspended.command_of("7", "suspend", (TOWN, "leader"), &season, NEXT_DAY).expect("suspended");
    stays(suspended, &old, &new, "suspended");
    let mut done_again = assigned(&old);
    done_again.command_of("1", "claim", (VILLAGE, "worker"), &[], NEXT_DAY).expect("claimed");
    let fails = [("result", "fail"), ("reason", "not-fixed")];
    done_again.command_of("5", "verify", (CENTRE, "handler"), &fails, NEXT_DAY).expect("not fixed");
    stays(done_again, &old, &new, "done again");
}

#[test]
fn what_was_extended_referred_entrusted_or_escalated_stays_where_it_was_brought() {
    let (old, new) = (bazhou(), next_version());
    let mut extended = assigned(&old);
    let thirty = [("days", "30"), ("reason", "weather")];
    extended.command_of("7", "extend", (TOWN, "leader"), &thirty, NEXT_DAY).expect("extended");
    stays(extended, &old, &new, "extended");
    let mut referred = assigned(&old);
    let to = [("unit", "511902-urban"), ("reason", "log-1")];
    referred.command_of("1", "refer", (VILLAGE, "worker"), &to, NEXT_DAY).expect("referred");
    stays(referred, &old, &new, "referred");
    let mut escalated = assigned(&old);
    while escalated.tick().directive != Directive::Escalate {}
    stays(escalated, &old, &new, "escalated");
}

#[test]
fn an_end_is_no_standing_case() {
    let (old, new) = (bazhou(), next_version());
    let mut archived = looked_at(&old);
    archived.command_of("6", "look_back", (SUPERVISION, "inspector"), &HOLDS, MOVED).expect("holds");
    archived.tick();
    assert_eq!(migrate(&mut archived, &new, "2025-09-01T09:00:00+08:00"), None);
    let mut withdrawn = assigned(&old);
    withdrawn.command("withdraw", (CENTRE, "handler"), &[("reason", "log-1")], NEXT_DAY).expect("withdrawn");
    assert_eq!(migrate(&mut withdrawn, &new, MOVED), None);
}

#[test]
fn what_somebody_has_taken_on_is_reviewed_before_it_moves() {
    let (old, new) = (bazhou(), next_version());
    let taken = || {
        let mut story = assigned(&old);
        story.command_of("1", "accept", (VILLAGE, "worker"), &[], NEXT_DAY).expect("taken on");
        story
    };
    let mut story = taken();
    let before = story.log.last().expect("taken on").clone();
    let review = migrate(&mut story, &new, MOVED).expect("reviewed");
    assert_eq!((review.directive, review.step.as_str()), (Directive::Review, "review"));
    assert_eq!(review.reasons[0].rule, "migration");
    let what = |decision| [("decision", decision), ("reason", "log-1")];
    let kept = story.command_of("c", "amend", (CENTRE, "reviewer"), &what("keep"), MOVED).expect("kept");
    assert_eq!((kept.unit.as_deref(), kept.step.as_str()), (Some(VILLAGE), "handle"));
    assert_eq!((&kept.life.worker, kept.due), (&before.life.worker, before.due));
    assert_eq!(story.settle(MOVED), None, "the same facts do not ask again");
    let mut story = taken();
    migrate(&mut story, &new, MOVED).expect("reviewed");
    let moved = story.command_of("c", "amend", (CENTRE, "reviewer"), &what("approve"), MOVED).expect("moved");
    assert_eq!((moved.unit.as_deref(), moved.step.as_str()), (Some(TOWN), "handle"));
}

#[test]
fn what_nobody_works_on_moves_at_once() {
    let (old, new) = (bazhou(), next_version());
    let mut story = assigned(&old);
    let moved = migrate(&mut story, &new, MOVED).expect("moved");
    assert_eq!((moved.directive, moved.unit.as_deref()), (Directive::Migrate, Some(TOWN)));
    assert!(moved.at == at(MOVED) && moved.life.closed.is_none());
}

/// The next version with its compartment under another name, or with none that takes what is about conduct.
fn compartment_as(id: &str, when: &str) -> Pack {
    let mut files = changed("policy.toml", "version = \"2026.6\"", "version = \"2027.1\"");
    let change = |text: &mut String, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    };
    let policy = files.0.get_mut("policy.toml").expect("the policy");
    change(policy, "[[compartment]]\nid = \"discipline\"", &format!("[[compartment]]\nid = \"{id}\""));
    change(policy, "when = \"category == 'conduct'\"", &format!("when = \"{when}\""));
    Pack::load(&files).expect("loads")
}

/// Whom a complaint is about is let in by no version, however its compartments are called.
#[test]
fn a_renamed_compartment_lets_no_case_out() {
    let pack = bazhou();
    let conduct = |pack| {
        let fields = [("category", "conduct"), ("place", VILLAGE), ("severity", "light"), ("subject", TOWN)];
        let mut story = Story::new(pack, MORNING).with(&fields);
        story.intake();
        story.settle(LATER).expect("assigned inside");
        story
    };
    let renamed = compartment_as("commission", "category == 'conduct'");
    let mut story = conduct(&pack);
    let inside = story.log.last().expect("decided").audience.clone();
    let moved = migrate(&mut story, &renamed, MOVED).expect("takes on the version");
    assert_eq!(moved.audience.compartment.as_deref(), Some("commission"));
    assert_eq!((&moved.audience.units, moved.audience.author), (&inside.units, false));
    assert!(moved.audience.excluded_units.contains(TOWN));
    // Also where its category is changed afterwards: only its own unit returns it.
    story.set("category", "roads");
    story.settle("2025-03-13T09:00:00+08:00");
    let after = story.log.last().expect("decided").audience.clone();
    assert_eq!((after.compartment.as_deref(), after.units), (Some("commission"), inside.units.clone()));
    let versions = |name: &str| Some(if name == pack.id() { &pack } else { &renamed });
    assert_eq!(replay_versions(versions, &story.log), Ok(()));

    let none = compartment_as("commission", "category == 'conduct' && urgency == 'danger'");
    let mut story = conduct(&pack);
    let before = story.log.clone();
    story.pack = &none;
    let refused = story.decide(Cause::PolicyMigration { version: none.id().into() }, MOVED);
    let refused = refused.expect_err("it would be let out");
    assert_eq!(refused.rule, "migration-compartment");
    assert!(refused.message.contains("\"discipline\"") && story.log == before, "{refused}");
    // And were it decided by such rules all the same, the walls stand.
    story.set("severity", "heavy");
    story.settle(MOVED);
    assert_eq!(story.log.last().expect("decided").audience, inside);
}
