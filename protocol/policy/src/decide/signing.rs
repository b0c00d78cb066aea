//! Which signatures count for a case, and by which rule others do not.
//!
//! Never takes a signature's own word for who gave it: [`crate::Proofs`] says whose session brought it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Case;
use crate::pack::rules::SignatureRule;
use crate::{Decision, Projection, Reason, Signature};

/// What counts and what is missing.
const SIGNATURES: &str = "signatures";
/// Of no role that the pack has signed.
const UNKNOWN: &str = "signature.unknown";
/// Something else was signed than what the case says now, or paper whose photo nobody has attached.
const CHANGED: &str = "signature.changed";
/// Void since the case once said something else than was signed, though it says that again.
const VOID: &str = "signature.void";
/// Given for an earlier claim, and brought when that stood no longer.
const CLAIM: &str = "signature.claim";
/// Given by whoever verified it.
const VERIFIER: &str = "signature.verifier";
/// Given by somebody who may not sign as that.
const STANDING: &str = "signature.standing";
/// Given by somebody who has signed in another role.
const TWO_ROLES: &str = "signature.two_roles";
/// Somebody else's, brought by one who signs too, with neither paper nor a second witness.
const UNPROVEN: &str = "signature.unproven";
/// Given before one that comes first, where the pack wants an order.
const EARLY: &str = "signature.early";
/// Brought alone, where the pack lets it count.
const ALONE: &str = "signature.alone";

/// What the signatures of a document come to for a case.
pub(super) struct Count<'a> {
    /// Roles that count.
    pub(super) signed: BTreeSet<String>,
    /// Roles that are wanted and missing, in the order of the pack.
    pub(super) missing: Vec<String>,
    /// What a reader has to know of single signatures: by which rule they do not count, or who vouches for them.
    remarks: Vec<(&'a Signature, &'static str)>,
}

/// Counts: a signature must be fresh, given for the claim that stands, of a worker who may sign as that and has not verified
/// it, and, save for somebody else's that they bring, of one role only.
pub(super) fn count<'a>(case: &Case<'a>, last: &Decision) -> Count<'a> {
    let (mut given, late) = given(case);
    let void = void(case);
    let rules = &case.pack.rules().signatures;
    let (brought, own): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.witness);
    // Whoever has signed in one role only is taken first, so that the others are free for the roles that are left.
    let own_roles: BTreeSet<&str> = own.iter().map(|rule| rule.role.get_ref().as_str()).collect();
    let roles_of = |worker: &str| {
        let signatures = case.projection.proofs.signatures.iter();
        let roles = signatures.filter(|s| s.worker == worker && covers(s, &void));
        roles.map(|s| s.role.as_str()).filter(|role| own_roles.contains(role)).collect::<BTreeSet<_>>().len()
    };
    let in_order = case.pack.rules().closure.as_ref().is_some_and(|closure| closure.in_order);
    if in_order {
        // What was given too early is given again: the latest is the one to look at.
        given.reverse();
    }
    given.sort_by_key(|s| roles_of(&s.worker));
    let (mut found, mut used, mut remarks) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    // The office's own people first: only then is it known who vouches for the person's signature while signing too.
    for rule in own.into_iter().chain(brought) {
        let role = rule.role.get_ref().as_str();
        let mut passed_over = Vec::new();
        for signature in given.iter().filter(|s| s.role == role) {
            let Some(no) = against(case, last, rule, (signature, &used, &void)) else {
                found.insert(role, *signature);
                break;
            };
            passed_over.push((*signature, no));
        }
        match found.get(role) {
            None => remarks.extend(passed_over),
            Some(signature) if !rule.witness => drop(used.insert(signature.worker.as_str())),
            Some(signature) if is_alone(signature, &used) => remarks.push((*signature, ALONE)),
            Some(_) => {}
        }
    }
    if in_order {
        remarks.extend(early(rules, &mut found).map(|signature| (signature, EARLY)));
    }
    let unknown = |s: &&&Signature| rules.iter().all(|rule| *rule.role.get_ref() != s.role);
    remarks.extend(given.iter().filter(unknown).map(|s| (*s, UNKNOWN)));
    remarks.extend(late.into_iter().map(|signature| (signature, CLAIM)));
    let wanted = rules.iter().map(|rule| rule.role.get_ref());
    let missing = wanted.filter(|role| !found.contains_key(role.as_str())).cloned().collect();
    Count { signed: found.into_keys().map(str::to_owned).collect(), missing, remarks }
}

/// Takes out those given before one that comes first in the pack.
fn early<'a>(
    rules: &[SignatureRule],
    found: &mut BTreeMap<&str, &'a Signature>,
) -> impl Iterator<Item = &'a Signature> {
    let (mut whole, mut latest, mut early) = (true, None, Vec::new());
    for rule in rules {
        let role = rule.role.get_ref().as_str();
        let in_turn = |signature: &&Signature| whole && latest.is_none_or(|latest| latest <= signature.at);
        match found.get(role).copied() {
            Some(signature) if in_turn(&signature) => latest = Some(signature.at),
            Some(signature) => {
                early.push(signature);
                found.remove(role);
                whole = false;
            }
            None => whole = false,
        }
    }
    early.into_iter()
}

/// The rule by which this signature, one of the case's, does not count; `None` where it does.
pub(super) fn refusal(case: &Case<'_>, last: &Decision, signature: &Signature) -> Option<&'static str> {
    let remarks = count(case, last).remarks;
    let own = remarks.iter().find(|(of, rule)| *of == signature && *rule != ALONE);
    own.map(|(_, rule)| *rule)
}

impl Count<'_> {
    /// Whether something that does not count came since a decision last spoke of signatures: whoever gave it has to know.
    pub(super) fn has_news(&self, case: &Case<'_>) -> bool {
        let spoken = case.history.iter().rev().find(|decision| spoke(decision));
        let known = |signature: &Signature| spoken.is_some_and(|d| is_among(&d.projection, signature));
        self.remarks.iter().any(|(signature, rule)| *rule != ALONE && !known(signature))
    }

    /// What counts, what is missing, and each signature of which there is something to say.
    pub(super) fn reasons(&self, case: &Case<'_>) -> Vec<Reason> {
        let signed: Vec<&str> = self.signed.iter().map(String::as_str).collect();
        let inputs = [("signed", signed.join(", ")), ("missing", self.missing.join(", "))];
        let inputs = inputs.each_ref().map(|(k, v)| (*k, v.as_str()));
        let rules = case.pack.rules();
        let closure = rules.closure.iter().map(|closure| closure.basis.as_str());
        let bases: Vec<&str> = closure.chain(rules.signatures.iter().map(|s| s.basis.as_str())).collect();
        let mut reasons = vec![Reason::new(SIGNATURES, &inputs, &bases.join("; "))];
        reasons.extend(self.remarks.iter().map(|(signature, rule)| {
            let of = rules.signatures.iter().find(|of| *of.role.get_ref() == signature.role);
            let basis = of.map_or("", |of| of.basis.as_str());
            Reason::new(rule, &[("role", &signature.role), ("worker", &signature.worker)], basis)
        }));
        reasons
    }
}

/// The rule by which a signature does not count as this one, while these have signed in roles of their own.
fn against(
    case: &Case<'_>,
    last: &Decision,
    rule: &SignatureRule,
    (signature, used, void): (&Signature, &BTreeSet<&str>, &BTreeSet<Key<'_>>),
) -> Option<&'static str> {
    if !rule.witness && last.life.verified_by.as_ref() == Some(&signature.worker) {
        Some(VERIFIER)
    } else if !may_sign(case, last, rule, signature) {
        Some(STANDING)
    } else if void.contains(&key(signature)) && signature.fresh {
        Some(VOID)
    } else if !signature.fresh {
        Some(CHANGED)
    } else if !rule.witness && used.contains(signature.worker.as_str()) {
        Some(TWO_ROLES)
    } else if rule.proof && is_alone(signature, used) {
        Some(UNPROVEN)
    } else {
        None
    }
}

/// Whether nobody vouches for it but one who signs too.
fn is_alone(signature: &Signature, used: &BTreeSet<&str>) -> bool {
    used.contains(signature.worker.as_str()) && !signature.paper && !signature.witness
}

/// What tells one signature from another.
type Key<'a> = (&'a str, &'a str, Timestamp);

fn key(signature: &Signature) -> Key<'_> {
    (&signature.role, &signature.worker, signature.at)
}

/// Signatures of which a decision has said that they cover something else, or that read the case when they did. They stay
/// void, also where the case says again what was signed: whoever signed may have been told, and signs again.
fn void<'a>(case: &Case<'a>) -> BTreeSet<Key<'a>> {
    let spoken = case.history.iter().filter(|decision| spoke(decision) || super::is_settled(decision));
    let signatures = spoken.flat_map(|decision| &decision.projection.proofs.signatures);
    signatures.filter(|signature| !signature.fresh && !signature.awaits_paper).map(key).collect()
}

/// Whether a signature covers what the case says, and no decision has said otherwise.
fn covers(signature: &Signature, void: &BTreeSet<Key<'_>>) -> bool {
    signature.fresh && !void.contains(&key(signature))
}

/// Whether a decision says which signatures count.
fn spoke(decision: &Decision) -> bool {
    decision.reasons.iter().any(|reason| reason.rule == SIGNATURES)
}

/// The signatures for the claim that stands, and those for an earlier one that nobody knew of when that was undone.
fn given<'a>(case: &Case<'a>) -> (Vec<&'a Signature>, Vec<&'a Signature>) {
    let signatures = case.projection.proofs.signatures.iter();
    let Some(undone) = undone(case) else { return (signatures.collect(), Vec::new()) };
    let (old, given): (Vec<_>, Vec<_>) = signatures.partition(|signature| is_for(undone, signature));
    (given, old.into_iter().filter(|signature| !is_among(&undone.projection, signature)).collect())
}

/// The last decision by which a claim stopped standing. What was signed for it does not count for the next one, even
/// where the document says the same again.
fn undone<'a>(case: &Case<'a>) -> Option<&'a Decision> {
    let unclaimed = |pair: &&[Decision]| matches!(pair, [a, b] if a.life.claimed_at.is_some() && b.life.claimed_at.is_none());
    case.history.windows(2).rev().find(unclaimed).and_then(<[Decision]>::last)
}

/// Whether a signature belongs to what was undone: it was known then, or its bringer did not know yet that it was undone,
/// whatever their clock showed. Where the item does not say what they knew, its time has to do.
fn is_for(undone: &Decision, signature: &Signature) -> bool {
    let before = match signature.seen {
        Some(seen) => seen < undone.n,
        None => signature.at <= undone.at,
    };
    before || is_among(&undone.projection, signature)
}

fn is_among(projection: &Projection, signature: &Signature) -> bool {
    projection.proofs.signatures.iter().any(|s| key(s) == key(signature))
}

fn may_sign(case: &Case<'_>, last: &Decision, rule: &SignatureRule, signature: &Signature) -> bool {
    let life = &last.life;
    if last.audience.excluded_units.contains(&signature.unit) || life.recused.contains(&signature.worker) {
        return false;
    }
    // Whenever it was delegated: whoever claims it since signs in nobody's place.
    let claimed = life.claimed_by.as_ref() == Some(&signature.worker);
    if !claimed && life.delegates.get(rule.role.get_ref()).is_some_and(|worker| *worker == signature.worker) {
        return true;
    }
    may_sign_as(case, last, rule, (&signature.unit, &signature.by_role))
}

/// Whether somebody of a unit in a role may sign as that.
pub(super) fn may_sign_as(
    case: &Case<'_>,
    last: &Decision,
    rule: &SignatureRule,
    (unit, role): (&str, &str),
) -> bool {
    let named = rule.units.iter().any(|of| of.get_ref() == unit);
    let stands = || rule.who.iter().any(|who| super::command::stands(case, last, unit, *who));
    (rule.roles.is_empty() || rule.roles.iter().any(|of| of == role)) && (named || stands())
}

/// Of the roles that counted when the case was closed, those whose signature still covers what the document says.
pub(super) fn fresh(case: &Case<'_>, last: &Decision) -> BTreeSet<String> {
    let (signatures, void) = (given(case).0, void(case));
    let fresh = |role: &&String| signatures.iter().any(|s| covers(s, &void) && s.role == **role);
    last.life.signed.iter().filter(fresh).cloned().collect()
}
