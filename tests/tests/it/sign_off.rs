//! Signing at the desk, and what becomes of a signature that does not count: each refusal beside a twin that succeeds.

use doorstep_client::replica::Seal;
use doorstep_client::store::immediate;
use doorstep_policy::Directive;
use doorstep_protocol::documents::{Edit, Role};
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::pipeline::{DeskError, Sign};
use doorstep_server::store::Person;
use doorstep_tests::harness::{VILLAGE, WATER, World};

use super::life::Street;
use super::village::{A_WHILE, Village};

/// What the desk would sign now.
fn shown(world: &World, person: &Person, case: DocumentId) -> Hash {
    immediate(world.centre().sign_off(person, case)).expect("theirs to see").digest
}

/// The rule that refuses, or `signed`.
fn signs(world: &World, person: &Person, case: DocumentId, sign: Sign) -> String {
    match immediate(world.centre().sign(person, case, sign)) {
        Ok(_) => "signed".into(),
        Err(DeskError::Refused { code, message }) => {
            assert!(!message.is_empty());
            code
        }
        Err(DeskError::Stale) => "stale".into(),
        Err(DeskError::NotFound) => "absent".into(),
        Err(other) => panic!("{other}"),
    }
}

fn plain(role: &str, digest: Hash) -> Sign {
    Sign { role: role.into(), digest, paper: None, witness: None }
}

/// BZ-7: whoever sits at a desk signs there, over what was shown, and only what would count.
#[test]
fn four_sign_at_the_desk_and_what_would_not_count_is_refused_by_its_rule() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let (leader, principal) = (street.leader.person.clone(), street.principal.person.clone());
    let Village { world, wang, li, .. } = &mut street.village;
    let outsider = world.worker("别的局", WATER, Role::Leader);
    let auditor = world.worker("审计员", VILLAGE, Role::Auditor);
    let (wang_, li_) = (wang.person.clone(), li.person.clone());
    let digest = shown(world, &leader, case);
    let before = world.stored(case).changes.len();
    let sign = |world: &World, person: &Person, role: &str| signs(world, person, case, plain(role, digest));
    assert_eq!(sign(world, &wang_, "leader"), "signature.standing");
    assert_eq!(sign(world, &leader, "mayor"), "signature.unknown");
    assert_eq!(sign(world, &outsider, "leader"), "absent");
    assert_eq!(sign(world, &auditor, "handler"), "absent");
    let paper = Sign { paper: Some(Hash([7; 32])), ..plain("person", digest) };
    assert_eq!(signs(world, &li_, case, paper), "signature.paper");
    assert_eq!(signs(world, &leader, case, plain("leader", Hash([9; 32]))), "stale");
    assert_eq!(world.stored(case).changes.len(), before, "nothing was written");

    assert_eq!(sign(world, &leader, "leader"), "signed");
    assert_eq!(sign(world, &leader, "leader"), "signature.given");
    assert_eq!(sign(world, &leader, "principal_leader"), "signature.two_roles");
    assert_eq!(sign(world, &wang_, "handler"), "signed");
    let seen = Sign { witness: Some("邻居老赵".into()), ..plain("person", digest) };
    assert_eq!(signs(world, &wang_, case, seen), "signed");
    assert_eq!(sign(world, &principal, "principal_leader"), "signed");
    world.advance(A_WHILE);
    let closed = street.last(case);
    assert_eq!((closed.directive, closed.step.as_str()), (Directive::StrikeOff, "callback"));
    assert!(closed.reasons.iter().all(|reason| reason.rule != "signature.alone"), "somebody else saw it");
    assert_eq!(sign(&street.village.world, &leader, "leader"), "signature.step");
}

/// An edit between reading and signing: the form is read again, and then signs.
#[test]
fn what_has_changed_since_it_was_read_is_not_signed() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let leader = street.leader.person.clone();
    let Village { world, wang, .. } = &mut street.village;
    let read = shown(world, &leader, case);
    wang.set(case, "outcome", "已修好，路面也恢复了");
    world.sync(wang);
    assert_eq!(signs(world, &leader, case, plain("leader", read)), "stale");
    let read = shown(world, &leader, case);
    assert_eq!(signs(world, &leader, case, plain("leader", read)), "signed");
}

/// A device signs offline, where no policy is: what does not count is kept, and the decision says by which rule.
#[test]
fn a_signature_from_a_device_that_does_not_count_is_answered_by_a_decision() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let Village { world, wang, .. } = &mut street.village;
    wang.sign(case, "leader");
    wang.sign(case, "person");
    wang.sign(case, "handler");
    world.sync(wang);
    assert!(wang.refused().is_empty());
    world.advance(A_WHILE);
    let said = world.decisions(case).pop().expect("decided");
    let rules: Vec<(&str, &str)> = said
        .reasons
        .iter()
        .filter(|reason| reason.rule.starts_with("signature."))
        .map(|reason| (reason.rule.as_str(), reason.inputs["role"].as_str()))
        .collect();
    let alone = ("signature.alone", "person");
    assert!(rules.contains(&("signature.standing", "leader")) && rules.contains(&alone), "{rules:?}");
    assert_eq!(said.life.signed.iter().collect::<Vec<_>>(), ["handler", "person"]);
    world.sync(wang);
    assert!(wang.show(case).decisions.iter().any(|d| d["n"] == said.n), "whoever signed is told");
}

/// Offline the leader signs what he knows as claimed; meanwhile that was found false, and claimed again.
#[test]
fn a_signature_counts_for_the_claim_that_its_device_knew_of() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let (inspector, centre) = (street.inspector.clone(), street.centre.clone());
    let false_ = [("result", "false"), ("reason", "log-1")];
    street.village.world.act(&inspector, case, "inspect", &false_);
    street.village.world.sync(&mut street.village.wang);
    street.claimed(case);
    street.village.world.act(&centre, case, "verify", &[("result", "pass")]);
    let Street { village: Village { world, .. }, leader, .. } = &mut street;
    leader.sign(case, "leader");
    world.sync(leader);
    world.advance(A_WHILE);
    let said = world.decisions(case).pop().expect("decided");
    let named = said.reasons.iter().any(|reason| reason.rule == "signature.claim");
    assert!(named && said.life.signed.is_empty(), "for the first claim: {:?}", said.reasons);
    world.sync(leader);
    leader.sign(case, "leader");
    world.sync(leader);
    world.advance(A_WHILE);
    let said = world.decisions(case).pop().expect("decided");
    assert_eq!(said.life.signed.iter().collect::<Vec<_>>(), ["leader"], "for the second");
}

/// Somebody who names himself as the one who saw it has named nobody.
#[test]
fn nobody_is_his_own_second_witness() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let Village { world, wang, .. } = &mut street.village;
    let seal = Seal { witness: Some(wang.person.worker.to_string()), ..Seal::default() };
    immediate(wang.replica.sign(case, "person", seal)).expect("signed offline");
    let note = Edit::Append { field: "log".into(), item: "当事人在屏幕上签字".into() };
    wang.edit(case, vec![note]).expect("held");
    wang.sign(case, "handler");
    world.sync(wang);
    world.advance(A_WHILE);
    let said = world.decisions(case).pop().expect("decided");
    assert!(said.reasons.iter().any(|reason| reason.rule == "signature.alone"), "{:?}", said.reasons);
}
