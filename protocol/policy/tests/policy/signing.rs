//! Which signatures count, which do not and why, and what somebody may sign.

use crate::closing::{ASKED, FOUR, LATER, SIGNED, signature, verified};
use crate::story::{Story, TOWN, VILLAGE, at, bazhou, changed};
use doorstep_policy::{Actor, Decision, Directive, Pack, Signable, Signature, replay, signable, would_count};

/// The rules that speak of single signatures, with the role they speak of.
fn remarks(decision: &Decision) -> Vec<(&str, &str)> {
    let single = decision.reasons.iter().filter(|reason| reason.rule.starts_with("signature."));
    single.map(|reason| (reason.rule.as_str(), reason.inputs["role"].as_str())).collect()
}

fn missing(decision: &Decision) -> &str {
    let reason = decision.reasons.iter().find(|reason| reason.rule == "signatures").expect("says so");
    &reason.inputs["missing"]
}

fn offers(story: &Story<'_>, (worker, unit, role): (&str, &str, &str)) -> Vec<Signable> {
    signable(story.pack, &story.case, &story.log, (Actor { worker, unit, own_unit: unit, role }, at(SIGNED)))
}

fn given(pack: &Pack, signatures: Vec<Signature>) -> (Story<'_>, Option<Decision>) {
    let mut story = verified(pack);
    story.case.proofs.signatures = signatures;
    let decided = story.settle(SIGNED);
    (story, decided)
}

#[test]
fn nobody_signs_in_two_roles_nor_as_what_he_is_not_and_a_decision_says_so_once() {
    let pack = bazhou();
    let not_counted = [
        ("leader", "1", VILLAGE, "worker"),
        ("principal_leader", "9", "511902104", "leader"),
        ("handler", "3", "511902-water", "worker"),
        ("mayor", "7", TOWN, "leader"),
    ];
    let (mut story, said) = given(&pack, not_counted.map(signature).into());
    let said = said.expect("whoever gave them has to know");
    assert_eq!((said.directive, said.life.signed.len(), said.step.as_str()), (Directive::Sign, 0, "sign"));
    let standing = "signature.standing";
    let all = [
        (standing, "handler"),
        (standing, "leader"),
        (standing, "principal_leader"),
        ("signature.unknown", "mayor"),
    ];
    assert_eq!(remarks(&said), all);
    assert_eq!(story.settle(ASKED), None, "it is said once");
    story.case.proofs.signatures.push(signature(("leader", "7", TOWN, "leader")));
    story.case.proofs.signatures.push(signature(("principal_leader", "7", TOWN, "leader")));
    let decided = story.settle(ASKED).expect("one counts");
    assert_eq!(missing(&decided), "person, handler, principal_leader");
    assert!(remarks(&decided).contains(&("signature.two_roles", "principal_leader")));
    // Another leader in charge: the first is free to be the principal one.
    story.case.proofs.signatures.push(signature(("leader", "8", TOWN, "leader")));
    assert_eq!(missing(&story.settle(LATER).expect("both count")), "person, handler");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn a_signature_over_something_else_is_named_when_it_comes() {
    let pack = bazhou();
    let stale = Signature { fresh: false, ..signature(FOUR[2]) };
    let (story, said) = given(&pack, vec![stale]);
    assert_eq!(remarks(&said.expect("said")), [("signature.changed", "leader")]);
    assert_eq!(
        story.log.last().map(|d| d.due),
        story.log.iter().rev().nth(1).map(|d| d.due),
        "no clock starts anew"
    );
}

/// The person signs on the handler's device: it counts, and everybody who signs after reads that nobody else saw it.
#[test]
fn that_nobody_but_the_handler_vouches_for_the_person_is_written_down() {
    let pack = bazhou();
    let (_, alone) = given(&pack, FOUR[..2].iter().map(|of| signature(*of)).collect());
    let alone = alone.expect("both count");
    assert_eq!(
        (missing(&alone), remarks(&alone)),
        ("leader, principal_leader", vec![("signature.alone", "person")])
    );
    let seen = Signature { witness: true, ..signature(FOUR[0]) };
    let paper = Signature { paper: true, ..signature(FOUR[0]) };
    let other = signature(("person", "2", VILLAGE, "worker"));
    for vouched in [seen, paper, other] {
        let (_, decided) = given(&pack, vec![vouched, signature(FOUR[1])]);
        assert_eq!(remarks(&decided.expect("both count")), []);
    }
}

/// Where the pack wants proof, the handler's word alone strikes no case off.
#[test]
fn a_pack_may_want_paper_or_a_second_witness() {
    let witness = "witness = true\nbasis = \"BZ-7: the person\"";
    let proof = witness.replace("witness = true", "witness = true\nproof = true");
    let files = changed("policy.toml", witness, &proof);
    let pack = Pack::load(&files).expect("a pack");
    let (mut story, decided) = given(&pack, FOUR.map(signature).into());
    let decided = decided.expect("three count");
    assert_eq!((missing(&decided), decided.step.as_str()), ("person", "sign"));
    assert_eq!(remarks(&decided), [("signature.unproven", "person")]);
    let of_handler = offers(&story, ("1", VILLAGE, "worker"));
    let person = of_handler.iter().find(|one| one.role == "person").expect("wanted");
    assert!(person.brought && person.wants_proof && person.refused.is_none(), "{person:?}");
    let of_another = offers(&story, ("2", VILLAGE, "worker"));
    assert!(of_another.iter().any(|one| one.role == "person" && !one.wants_proof && one.refused.is_none()));
    let bare = would_count(&pack, &story.case, &story.log, (&signature(FOUR[0]), at(LATER)));
    assert_eq!(bare.expect_err("his word alone").rule, "signature.unproven");
    story.case.proofs.signatures.push(Signature { paper: true, at: at(ASKED), ..signature(FOUR[0]) });
    assert_eq!(story.settle(ASKED).expect("all four").directive, Directive::StrikeOff);
}

#[test]
fn what_may_be_signed_is_offered_and_the_rest_refused_by_its_rule() {
    let pack = bazhou();
    let rules = |offers: Vec<Signable>| -> Vec<(String, Option<String>)> {
        offers.into_iter().map(|one| (one.role, one.refused.map(|no| no.rule))).collect()
    };
    let of = |role: &str, rule: Option<&str>| (role.to_owned(), rule.map(str::to_owned));
    let mut story = verified(&pack);
    let leader = ("7", TOWN, "leader");
    let standing = Some("signature.standing");
    let open =
        [of("person", standing), of("handler", standing), of("leader", None), of("principal_leader", None)];
    assert_eq!(rules(offers(&story, leader)), open);
    story.case.proofs.signatures.push(signature(("leader", "7", TOWN, "leader")));
    let then = rules(offers(&story, leader));
    assert_eq!(
        then[2..],
        [of("leader", Some("signature.given")), of("principal_leader", Some("signature.two_roles"))]
    );
    let other = rules(offers(&story, ("8", TOWN, "leader")));
    assert_eq!(other[3], of("principal_leader", None), "somebody else may");
    story.case.proofs.signatures = FOUR.map(signature).into();
    story.settle(SIGNED).expect("closed");
    assert_eq!(offers(&story, leader), [], "nothing is to be signed any more");
    let late = would_count(&pack, &story.case, &story.log, (&signature(FOUR[2]), at(LATER)));
    assert_eq!(late.expect_err("closed").rule, "signature.step");
}

/// Where the pack wants an order, whoever signs out of turn signs again.
#[test]
fn a_pack_may_want_an_order() {
    let files = changed("policy.toml", "resolved = \"closed\"", "resolved = \"closed\"\nin_order = true");
    let pack = Pack::load(&files).expect("a pack");
    let of = |role: usize, when: &str| Signature { at: at(when), ..signature(FOUR[role]) };
    let (mut story, early) = given(&pack, vec![of(2, SIGNED), of(0, SIGNED)]);
    let early = early.expect("one counts");
    assert_eq!(
        (missing(&early), remarks(&early)),
        ("handler, leader, principal_leader", vec![("signature.early", "leader")])
    );
    let leader = offers(&story, ("7", TOWN, "leader"));
    assert_eq!(leader[2].refused.as_ref().map(|no| no.rule.as_str()), Some("signature.early"));
    story.case.proofs.signatures.push(of(1, ASKED));
    assert_eq!(missing(&story.settle(ASKED).expect("the handler's counts")), "leader, principal_leader");
    story.case.proofs.signatures.extend([of(2, LATER), of(3, LATER)]);
    assert_eq!(story.settle(LATER).expect("in turn").directive, Directive::StrikeOff);
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// What nobody has to prove asks for no proof.
#[test]
fn proof_is_asked_only_of_what_somebody_else_brings() {
    let basis = "basis = \"BZ-7: the handler\"";
    let files = changed("policy.toml", basis, &format!("proof = true\n{basis}"));
    let problems = doorstep_policy::check(&files);
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["signature-proof"], "{problems:?}");
}
