//! Redaction for handlers: what may be told of a lead is handled outside, and nobody there learns who complained.

use doorstep_client::store::immediate;
use doorstep_policy::Directive;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_server::pipeline::{DeskError, Told};
use doorstep_server::store::{Person, Query, Store};
use doorstep_tests::harness::{TOWN, VILLAGE, World, put};

use super::village::A_WHILE;

const DISCIPLINE: &str = "511902-discipline";
const NAME: &str = "陈·小 兰";

struct Lead {
    world: World,
    inspector: Person,
    handler: Person,
    lead: DocumentId,
}

/// Mrs Chen complains that the village's clerk kept the money for two ponds, and that they leak.
fn lead(subject: &str) -> Lead {
    let mut world = World::default();
    let inspector = world.worker("纪检员", DISCIPLINE, Role::Handler);
    let handler = world.worker("镇干部", TOWN, Role::Handler);
    let mut tablet = world.device_of(&inspector);
    let lead = tablet.new_case(&[
        ("title", "村文书截留塘坝款"),
        ("category", "conduct"),
        ("place", VILLAGE),
        ("severity", "medium"),
        ("subject", subject),
        ("person.name", NAME),
        ("household", "三组十二号"),
    ]);
    tablet.edit(lead, vec![put("person.phone", "100 1234 5678")]).expect("held");
    world.sync(&mut tablet);
    world.advance(A_WHILE);
    Lead { world, inspector, handler, lead }
}

fn ponds() -> Told {
    Told {
        title: "两口山坪塘漏水".into(),
        description: "塘坝漏水，三百亩果园缺水，请先抽水保灌，限期修复。".into(),
        category: "water".into(),
        ..Told::default()
    }
}

fn hand_over(of: &Lead, by: &Person, told: &Told) -> Result<DocumentId, DeskError> {
    immediate(of.world.centre().hand_over(by, (of.lead, None), told))
}

fn code(answer: Result<DocumentId, DeskError>) -> String {
    match answer {
        Err(DeskError::Refused { code, .. }) => code,
        other => format!("{other:?}"),
    }
}

#[test]
fn whoever_handles_it_outside_gets_the_facts_and_not_who_complained() {
    let mut of = lead("周强");
    let before = of.world.stored(of.lead).decisions.len();
    let outside = hand_over(&of, &of.inspector.clone(), &ponds()).expect("told");
    of.world.advance(A_WHILE);

    // The town has it like any case, with its facts and its deadline.
    let seen = of.world.view(&of.handler, outside).expect("the town handles it");
    assert_eq!(seen.fields["title"], "两口山坪塘漏水");
    assert_eq!(
        (seen.fields["category"].clone(), seen.fields["place"].clone()),
        ("water".into(), VILLAGE.into())
    );
    assert_eq!(seen.row.unit.as_deref(), Some(TOWN));
    let mut tablet = of.world.device_of(&of.handler);
    of.world.sync(&mut tablet);
    assert!(tablet.holds(outside) && !tablet.holds(of.lead));

    // Nothing in it says who complained, about whom, or that there is another case.
    let told =
        format!("{:?}{}", seen, serde_json::to_string(&of.world.decisions(outside)).expect("serialises"));
    let never = [NAME, "小兰", "12345678", "1234 5678", "十二号", "周强", &of.lead.to_string()];
    let leaks: Vec<&&str> = never.iter().filter(|text| told.contains(**text)).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let stamp = |id: DocumentId| id.to_string()[..13].to_owned();
    assert_ne!(stamp(outside), stamp(of.lead), "nor does its number say when the other came");
    let query = Query { limit: 100, ..Query::default() };
    let listed = immediate(of.world.centre().list(&of.handler, query)).expect("memory reads");
    assert!(listed.iter().all(|row| row.document != of.lead));

    // Inside, the link is a decision; and doing it again is having done it.
    let log = of.world.decisions(of.lead);
    let last = log.last().expect("decided");
    assert_eq!((last.directive, log.len()), (Directive::HandOver, before + 1));
    assert!(last.life.handed_over.contains(&outside.to_string()));
    assert_eq!(hand_over(&of, &of.inspector.clone(), &ponds()).expect("again"), outside);
    assert_eq!(of.world.decisions(of.lead).len(), before + 1);
}

#[test]
fn a_text_that_names_whoever_complained_is_refused_however_it_is_spaced() {
    let of = lead("周强");
    let by = of.inspector.clone();
    for text in
        ["请联系陈小兰", "电话 100-12345678", "１００１２３４５６７８", "住三组 十二号", "周 强已停职"]
    {
        let told = Told { description: text.into(), ..ponds() };
        assert_eq!(code(hand_over(&of, &by, &told)), "hand_over.names", "{text}");
    }
    let titled = Told { title: "陈小兰反映塘坝漏水".into(), ..ponds() };
    assert_eq!(code(hand_over(&of, &by, &titled)), "hand_over.names");
    let inside = Told { category: "conduct".into(), ..ponds() };
    assert_eq!(code(hand_over(&of, &by, &inside)), "hand_over.category");
    assert_eq!(of.world.decisions(of.lead).iter().filter(|d| d.directive == Directive::HandOver).count(), 0);
}

#[test]
fn it_does_not_go_to_whom_the_lead_is_about_and_nobody_outside_can_ask_for_it() {
    let of = lead(TOWN);
    assert_eq!(code(hand_over(&of, &of.inspector.clone(), &ponds())), "hand_over.concerned");
    assert!(matches!(hand_over(&of, &of.handler.clone(), &ponds()), Err(DeskError::NotFound)));
    let worker = of.world.worker("办事员", DISCIPLINE, Role::Worker);
    assert_eq!(code(hand_over(&of, &worker, &ponds())), "command.hand_over", "not in this role");
    let nobody =
        immediate(of.world.centre().hand_over(&of.inspector, (DocumentId::v7(1, [7; 10]), None), &ponds()));
    assert!(matches!(nobody, Err(DeskError::NotFound)), "absent and forbidden look alike");
}

/// A person's unit is theirs: where the clerk works, he would read it.
#[test]
fn it_does_not_go_to_the_unit_of_a_person_whom_the_lead_is_about() {
    let mut of = lead("村文书赵");
    let told = Told { category: "roads".into(), severity: Some("light".into()), ..ponds() };
    let outside = hand_over(&of, &of.inspector.clone(), &told).expect("nobody of that name works here");
    let seen = of.world.centre().store();
    let row = immediate(seen.row(outside)).expect("memory keeps").expect("made");
    assert_eq!(row.author_unit, "511902-intake", "in the desk's name");
    of = lead("赵文书");
    of.world.worker("赵文书", VILLAGE, Role::Worker);
    assert_eq!(code(hand_over(&of, &of.inspector.clone(), &told)), "hand_over.concerned");
}
