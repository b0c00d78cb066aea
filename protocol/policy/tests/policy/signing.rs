//! Which signatures count, which do not and why, and what somebody may sign.

use crate::closing::{ASKED, FOUR, LATER, SIGNED, signature, verified};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou, changed};
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
    signable(
        story.pack,
        &story.case,
        &story.log,
        (Actor { worker, unit, own_unit: unit, role, standing_in: None }, at(SIGNED)),
    )
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

/// Claimed, signed by three, found false and claimed again: who signs for the second claim, and who signed for the first.
fn claimed_twice(pack: &Pack) -> Story<'_> {
    let mut story = verified(pack);
    story.case.proofs.signatures = FOUR[..3].iter().map(|of| signature(*of)).collect();
    story.settle(SIGNED).expect("three count");
    let false_ = [("result", "false"), ("reason", "log-1")];
    story
        .command_of("6", "inspect", ("511902-supervision", "inspector"), &false_, ASKED)
        .expect("done again");
    story
        .command_of("1", "claim", (VILLAGE, "worker"), &[], LATER)
        .expect("claimed again, in the same words");
    story
}

/// A device whose clock is ahead signs the first claim; it comes in for the second. And one whose clock is slow signs the
/// second: which claim each of them had seen is what counts, whenever they come in.
#[test]
fn a_signature_counts_for_the_claim_that_its_signer_had_seen_whatever_the_clock_showed() {
    let pack = bazhou();
    let pass = [("result", "pass")];
    let ahead = |n| Signature { at: at("2025-04-01T09:00:00+08:00"), seen: Some(n), ..signature(FOUR[3]) };
    let slow = |n| Signature { at: at("2025-03-01T09:00:00+08:00"), seen: Some(n), ..signature(FOUR[2]) };
    for before_verification in [true, false] {
        let mut story = claimed_twice(&pack);
        let n = |story: &Story<'_>| story.log.last().expect("decided").n;
        // Decisions: ..., the three count, found false, claimed again.
        let (first, second) = (n(&story) - 2, n(&story));
        let items = [ahead(first), slow(second)];
        if before_verification {
            story.case.proofs.signatures.extend(items.clone());
        }
        let verified = story.command_of("5", "verify", (CENTRE, "handler"), &pass, LATER).expect("holds");
        if !before_verification {
            story.case.proofs.signatures.extend(items);
            story.settle(LATER).expect("who gave them has to know");
        }
        let said = story.log.last().expect("decided");
        assert_eq!(missing(said), "person, handler, principal_leader", "{verified:?}");
        assert_eq!(remarks(said), [("signature.claim", "principal_leader")], "once, by its rule");
        assert_eq!(story.settle(LATER), None);
        // He signs again, knowing of the second claim.
        story.case.proofs.signatures.push(Signature {
            at: at(LATER),
            seen: Some(second),
            ..signature(FOUR[3])
        });
        assert_eq!(missing(&story.settle(LATER).expect("counts")), "person, handler");
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
}

/// A to B to A: what a decision has said to be void stays void, and whoever signed signs again.
#[test]
fn what_was_void_once_does_not_count_again_when_the_text_is_changed_back() {
    let pack = bazhou();
    let (mut story, decided) = given(&pack, FOUR[..3].iter().map(|of| signature(*of)).collect());
    assert_eq!(missing(&decided.expect("three count")), "principal_leader");
    story.case.proofs.signatures.iter_mut().for_each(|one| one.fresh = false);
    let void = story.settle(ASKED).expect("visible");
    assert_eq!((void.directive, void.life.signed.len()), (Directive::Void, 0));
    story.case.proofs.signatures.iter_mut().for_each(|one| one.fresh = true);
    assert_eq!(story.settle(ASKED), None, "nothing counts again");
    let again = |of| Signature { at: at(LATER), ..signature(of) };
    story.case.proofs.signatures.extend([again(FOUR[1]), again(FOUR[2]), again(FOUR[3])]);
    let three = story.settle(LATER).expect("given again");
    assert_eq!((missing(&three), remarks(&three)), ("person", vec![("signature.void", "person")]));
    story.case.proofs.signatures.push(again(FOUR[0]));
    assert_eq!(story.settle(LATER).expect("all four").directive, Directive::StrikeOff);
    // Closed: a signature that was void is no stand-in for one that covers something else now.
    story
        .case
        .proofs
        .signatures
        .iter_mut()
        .filter(|one| one.at == at(LATER))
        .for_each(|one| one.fresh = false);
    let review = story.settle("2025-03-12T09:00:00+08:00").expect("what it rests on has changed");
    assert_eq!(review.directive, Directive::Review);
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// A change that nobody decided on between voids nothing.
#[test]
fn what_is_changed_back_before_a_decision_counts_on() {
    let pack = bazhou();
    let (mut story, _) = given(&pack, vec![signature(FOUR[2])]);
    story.case.proofs.signatures[0].fresh = false;
    story.case.proofs.signatures[0].fresh = true;
    assert_eq!(story.settle(ASKED), None);
    assert_eq!(story.log.last().map(|last| last.life.signed.len()), Some(1));
}

#[test]
fn whoever_verified_it_signs_in_no_role_and_in_nobodys_place_but_may_bring_the_persons() {
    let pack = bazhou();
    let mut story = crate::closing::claimed(&pack);
    story
        .command_of("7", "verify", (TOWN, "leader"), &[("result", "pass")], SIGNED)
        .expect("above the village");
    let of_leader = offers(&story, ("7", TOWN, "leader"));
    let refused = |role: usize| of_leader[role].refused.as_ref().map(|no| no.rule.clone());
    assert_eq!(refused(2).as_deref(), Some("signature.verifier"));
    assert_eq!(refused(3).as_deref(), Some("signature.verifier"));
    story.case.proofs.signatures = vec![signature(FOUR[2])];
    let said = story.settle(ASKED).expect("he has to know");
    assert_eq!(remarks(&said), [("signature.verifier", "leader")]);
    let to_him = [("role", "leader"), ("worker", "7"), ("worker.unit", TOWN)];
    let delegated = story.command_of("8", "delegate", (TOWN, "leader"), &to_him, ASKED);
    assert_eq!(delegated.expect_err("he verified it").rule, "signature.verifier");
    let other = offers(&story, ("8", TOWN, "leader"));
    assert!(other[2].refused.is_none(), "another leader signs");
    // At the door: the inspector who verified sees the person sign.
    story.case.proofs.signatures.push(signature(("person", "7", TOWN, "leader")));
    assert_eq!(story.log.last().and_then(|last| last.life.verified_by.as_deref()), Some("7"));
    let failed = [("result", "false"), ("reason", "log-1")];
    let redo =
        story.command_of("6", "inspect", ("511902-supervision", "inspector"), &failed, LATER).expect("redo");
    assert_eq!(redo.life.verified_by, None, "with the claim");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// Decisions of before do not say who verified.
#[test]
fn a_standing_of_before_reads_as_nobody_known_to_have_verified() {
    let life: doorstep_policy::Life =
        serde_json::from_str(r#"{"verified_at":"2025-03-06T01:00:00Z"}"#).expect("reads");
    assert_eq!((life.verified_by.clone(), life.verified_at.is_some()), (None, true));
    assert_eq!(serde_json::to_string(&life).expect("writes"), r#"{"verified_at":"2025-03-06T01:00:00Z"}"#);
}
