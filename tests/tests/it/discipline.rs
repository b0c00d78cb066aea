//! The discipline branch: a second case behind a first, filed and punished, and nothing of it outside.

use doorstep_client::store::immediate;
use doorstep_policy::Directive;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::figures::{Cohort, Measure, compute};
use doorstep_server::store::{Person, Query, Store};
use doorstep_tests::harness::{DISTRICT, VILLAGE, WATER, World};
use serde_json::json;

use super::village::{A_WHILE, Village};
use super::visits::append;

const DISCIPLINE: &str = "511902-discipline";

struct Behind {
    village: Village,
    inspector: Person,
    head: Person,
    /// The conduct case that looks behind the village's.
    lead: DocumentId,
}

impl Behind {
    fn new() -> Self {
        let mut village = Village::new();
        let inspector = village.world.worker("纪检员", DISCIPLINE, Role::Handler);
        let head = village.world.worker("纪检负责人", DISCIPLINE, Role::Leader);
        let mut tablet = village.world.device_of(&inspector);
        let link = append("links", &json!({"to": village.case, "relation": "conduct"}));
        let lead = tablet.new_case(&[
            ("title", "背后"),
            ("category", "conduct"),
            ("place", VILLAGE),
            ("subject", "周强"),
        ]);
        tablet.edit(lead, vec![link]).expect("held");
        village.world.sync(&mut tablet);
        village.world.advance(A_WHILE);
        Behind { village, inspector, head, lead }
    }

    fn world(&self) -> &World {
        &self.village.world
    }
}

/// BZ-17, ZL-5: a lead found in a case becomes a case of its own, is filed, somebody is punished; counted inside.
#[test]
fn what_lies_behind_a_case_is_filed_and_punished_and_shows_nowhere_in_it() {
    let mut behind = Behind::new();
    let (case, lead) = (behind.village.case, behind.lead);
    let before = behind.world().stored(case);
    let act = |behind: &Behind, who: &Person, name: &str, args: &[(&str, &str)]| {
        behind.village.world.act(who, lead, name, args)
    };
    let (inspector, head) = (behind.inspector.clone(), behind.head.clone());
    let of = case.to_string();
    let filed = act(&behind, &inspector, "file_case", &[("reason", "log-1")]);
    assert!(matches!(filed, ActOutcome::Decided { .. }), "{filed:?}");
    let early = act(&behind, &inspector, "punish", &[("count", "1"), ("reason", "log-2")]);
    assert!(matches!(early, ActOutcome::Refused { ref rule, .. } if rule == "command.punish"), "{early:?}");
    let punished = act(&behind, &head, "punish", &[("count", "2"), ("reason", "log-2")]);
    assert!(matches!(punished, ActOutcome::Decided { .. }), "{punished:?}");
    // What the inspectors may not see they cannot name; the first is not theirs to see here.
    let blind = act(&behind, &inspector, "conduct_review", &[("of", &of)]);
    let blind_too =
        act(&behind, &inspector, "conduct_review", &[("of", "01890a5d-ac96-774b-bcce-b302099a8057")]);
    assert_eq!(blind, blind_too, "absent and forbidden look alike");
    let life = behind.world().decisions(lead).pop().expect("decided").life;
    assert_eq!((life.filed_at.is_some(), life.punished), (true, 2));

    for measure in ["filed", "punished"] {
        let (of, cohort) =
            (Measure::named(measure).expect("a measure"), Cohort::parse("all").expect("a cohort"));
        let now = behind.world().now();
        let figure = compute(behind.world().centre(), of, &cohort, now);
        let figure = doorstep_client::store::immediate(figure).expect("computes");
        assert_eq!((figure.numerator, figure.denominator), (1, 2), "{measure}");
    }

    // The first case is as it was: no change, no decision, no version, nothing in the feed.
    let after = behind.world().stored(case);
    assert_eq!((after.row.version, after.decisions.len()), (before.row.version, before.decisions.len()));
    let outsiders = [
        behind.village.reviewer.clone(),
        behind.village.wang.person.clone(),
        behind.village.world.worker("区领导", DISTRICT, Role::Leader),
        behind.village.world.worker("区管理员", DISTRICT, Role::Admin),
    ];
    for person in &outsiders {
        assert!(behind.world().view(person, lead).is_err(), "{}", person.name);
        let listed = doorstep_client::store::immediate(
            behind.world().centre().list(person, Query { limit: 100, ..Query::default() }),
        );
        let listed = listed.expect("memory reads");
        assert!(listed.iter().all(|row| row.document != lead), "{}", person.name);
        let refused = behind.world().act(person, lead, "file_case", &[("reason", "x")]);
        assert!(
            matches!(refused, ActOutcome::Refused { ref rule, .. } if rule == "right.none"),
            "{refused:?}"
        );
    }
    let Village { world, wang, .. } = &mut behind.village;
    world.sync(wang);
    assert!(!wang.holds(lead), "never in a unit's feed");
    let listed = doorstep_client::store::immediate(
        world.centre().list(&inspector, Query { limit: 100, ..Query::default() }),
    );
    assert!(listed.expect("memory reads").iter().any(|row| row.document == lead), "its own unit works on it");
}

/// The twin: who may see both links them, in the compartment only.
#[test]
fn whoever_sees_both_links_them_and_the_link_is_in_the_compartment_alone() {
    let mut behind = Behind::new();
    let (case, lead) = (behind.village.case, behind.lead);
    // The discipline unit handles the first together with the village from now on.
    let add = [("add", DISCIPLINE)];
    let added = behind.village.world.act(&behind.village.reviewer, case, "co_handle", &add);
    assert!(matches!(added, ActOutcome::Decided { .. }), "{added:?}");
    let of = case.to_string();
    let linked = behind.village.world.act(&behind.inspector, lead, "conduct_review", &[("of", &of)]);
    assert!(matches!(linked, ActOutcome::Decided { .. }), "{linked:?}");
    let last = behind.world().decisions(lead).pop().expect("decided");
    assert_eq!((last.directive, last.life.review_of), (Directive::ConductReview, Some(of)));
    let first = serde_json::to_string(&behind.world().decisions(case)).expect("serialises");
    assert!(!first.contains(&lead.to_string()), "nothing of it in the first");
    behind.village.world.sync(&mut behind.village.wang);
    let shown = serde_json::to_string(&behind.village.wang.show(case).decisions).expect("serialises");
    assert!(!shown.contains(&lead.to_string()) && !shown.contains("conduct_review"));
}

/// Whoever is named in the lead sees neither it nor a meeting about it, from that moment on.
#[test]
fn whoever_is_named_sees_neither_the_lead_nor_a_meeting_about_it() {
    let mut behind = Behind::new();
    let zhou = behind.village.world.worker("周强", DISCIPLINE, Role::Handler);
    let colleague = behind.village.world.worker("另一位", DISCIPLINE, Role::Handler);
    let lead = behind.lead;
    assert!(behind.world().view(&zhou, lead).is_err(), "of the very unit that handles it");
    assert!(behind.world().view(&colleague, lead).is_ok());
    let mut tablet = behind.village.world.device_of(&behind.inspector);
    let about = vec![
        append("agenda", &json!({"matter": "线索", "case": lead})),
        append("attendance", &json!({"name": "周强"})),
    ];
    let meeting = super::visits::made(&mut tablet, doorstep_protocol::documents::Kind::Meeting, about);
    behind.village.world.sync(&mut tablet);
    assert!(behind.world().view(&zhou, meeting).is_err());
    assert!(behind.world().view(&colleague, meeting).is_ok());
    let row = doorstep_client::store::immediate(behind.world().store.row(meeting)).expect("memory reads");
    let confined = row.and_then(|row| row.audience).and_then(|audience| audience.compartment);
    assert_eq!(confined.as_deref(), Some("discipline"));
}

/// Leave is entered by the person or a leader alone: it carries nobody into a compartment, however entitled the other is.
#[test]
fn standing_in_for_somebody_of_the_compartment_leads_into_it_from_within_alone() {
    use doorstep_server::absences::{Leave, No};
    let behind = Behind::new();
    let (world, lead, inspector) = (behind.world(), behind.lead, &behind.inspector);
    let outside = world.worker("水利科员", WATER, Role::Handler);
    let colleague = world.worker("另一位", DISCIPLINE, Role::Handler);
    let from = world.now();
    let until = from + 24 * 3_600_000;
    let named = |by: &Person, deputy: &Person| {
        let leave = Leave { worker: inspector.worker, from, until, deputy: deputy.worker };
        immediate(world.centre().enter_leave(by, leave)).expect("memory keeps").map(|row| row.id)
    };
    let stands_in = |deputy: &Person| {
        immediate(world.centre().in_place_of(deputy, (inspector.worker, lead)))
            .expect("memory reads")
            .is_some()
    };
    let admin = world.worker("管理员", DISTRICT, Role::Admin);
    assert_eq!(named(&admin, &admin), Err(No::OwnDeputy), "nobody helps themselves to another unit's post");
    let id = named(inspector, &outside).expect("his own leave");
    assert!(!stands_in(&outside), "nothing of the lead, in whosever place");
    let of = inspector.worker.to_string();
    let claim = world.act(&outside, lead, "claim", &[("for", &of), ("reason", "log-1")]);
    assert!(matches!(claim, ActOutcome::Refused { .. }), "{claim:?}");
    assert!(immediate(world.centre().end_leave(inspector, id)).expect("memory keeps"));
    named(&behind.head, &colleague).expect("his leader's to enter");
    assert!(stands_in(&colleague), "from within the compartment");
}

/// Whoever was concerned once stays so, and a lead about both units of the compartment is the district's: never nobody's.
#[test]
fn a_lead_about_all_units_of_the_compartment_goes_to_the_district() {
    let mut village = Village::new();
    let mut tablet = village.world.device("纪检员", DISCIPLINE, Role::Handler);
    let district = village.world.worker("区负责人", DISTRICT, Role::Leader);
    let mut leader = village.world.device("领导", "511902-leader", Role::Leader);
    let named =
        |subject| [("title", "线索"), ("category", "conduct"), ("place", VILLAGE), ("subject", subject)];
    let lead = tablet.new_case(&named(DISCIPLINE));
    village.world.sync(&mut tablet);
    village.world.advance(A_WHILE);
    village.world.sync(&mut leader);
    assert!(leader.holds(lead), "recused: the leaders' office");
    leader.set(lead, "subject", "511902-leader");
    village.world.sync(&mut leader);
    village.world.advance(A_WHILE);
    let last = village.world.decisions(lead).pop().expect("decided");
    assert_eq!(last.unit.as_deref(), Some(DISTRICT));
    assert!(last.audience.units.contains(DISTRICT), "{:?}", last.audience);
    assert!(village.world.view(&district, lead).is_ok());
    assert!(
        village.world.view(&leader.person, lead).is_err()
            && village.world.view(&tablet.person, lead).is_err()
    );
}

/// An office of one, or a leader who keeps the others away and then himself: a complaint is not to lie where nobody sees it.
#[test]
fn a_complaint_whose_last_reader_steps_back_goes_to_the_next_office() {
    let behind = Behind::new();
    let (lead, world) = (behind.lead, behind.world());
    let other = world.worker("孙书记", "511902-leader", Role::Leader);
    let away = [("worker", behind.inspector.worker.to_string()), ("reason", "回避".to_owned())];
    let away: Vec<(&str, &str)> = away.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let decided = |outcome: ActOutcome| matches!(outcome, ActOutcome::Decided { .. });
    assert!(decided(world.act(&behind.head, lead, "recuse", &away)));
    assert!(world.view(&behind.head, lead).is_ok() && world.view(&other, lead).is_err());
    // Nobody but the centre says that somebody is the last.
    let own = [("reason", "亲属"), ("worker.alone", "")];
    assert!(decided(world.act(&behind.head, lead, "recuse", &own)));
    assert!(world.view(&behind.head, lead).is_err() && world.view(&other, lead).is_ok());
    assert_eq!(world.decisions(lead).pop().expect("decided").unit.as_deref(), Some("511902-leader"));
    // It does not come back by itself.
    let mut behind = behind;
    behind.village.world.advance(A_WHILE);
    assert!(behind.world().view(&other, lead).is_ok());
}
