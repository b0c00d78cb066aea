//! Which signatures somebody may give at a case now, and why not the others.
//!
//! Decides nothing of its own: whether a signature would count, [`super::signing`] says.

use jiff::Timestamp;

use super::Case;
use super::signing::{count, refusal};
use crate::{Actor, Decision, Pack, Projection, Refused, Signature, Step};

/// One signature of the pack, for one person, at one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signable {
    /// As what: a role of the pack.
    pub role: String,
    /// It is somebody else's, whom this person witnesses.
    pub brought: bool,
    /// It counts only with paper or a second witness.
    pub wants_proof: bool,
    /// Why it would not count.
    pub refused: Option<Refused>,
}

/// Every signature of the pack in its order, while a case waits to be verified or signed; else none.
pub fn signable(
    pack: &Pack,
    projection: &Projection,
    history: &[Decision],
    (actor, now): (Actor<'_>, Timestamp),
) -> Vec<Signable> {
    let one = |role: &str, brought: bool| {
        let try_with = |proof: bool| {
            let signature = Signature {
                role: role.to_owned(),
                worker: actor.worker.to_owned(),
                unit: actor.unit.to_owned(),
                by_role: actor.role.to_owned(),
                at: now,
                fresh: true,
                paper: false,
                witness: proof,
                awaits_paper: false,
                seen: history.last().map(|last| last.n),
            };
            would_count(pack, projection, history, (&signature, now)).err()
        };
        let (bare, proven) = (try_with(false), try_with(true));
        let wants_proof = bare.is_some() && proven.is_none();
        Signable { role: role.to_owned(), brought, wants_proof, refused: proven }
    };
    let rules = pack.rules().signatures.iter();
    match history.last() {
        Some(last) if waits_for_signatures(last) => {
            rules.map(|rule| one(rule.role.get_ref(), rule.witness)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a signature given now over what the case says would count, beside those that are there.
pub fn would_count(
    pack: &Pack,
    projection: &Projection,
    history: &[Decision],
    (signature, now): (&Signature, Timestamp),
) -> Result<(), Refused> {
    let Some(last) = history.last().filter(|last| waits_for_signatures(last)) else {
        return Err(Refused::command("signature.step", "nothing is to be signed at this case now"));
    };
    let role = &signature.role;
    let before = Case { pack, projection, history, now };
    if count(&before, last).signed.contains(role) {
        let message = format!("it is signed as {role} already, and that counts");
        return Err(Refused::command("signature.given", message));
    }
    let mut projection = projection.clone();
    projection.proofs.signatures.push(signature.clone());
    let case = Case { projection: &projection, ..before };
    let Some(rule) = refusal(&case, last, signature) else { return Ok(()) };
    let message = match rule {
        "signature.unknown" => {
            let roles: Vec<&str> = pack.signatures().collect();
            format!("nobody signs as {role:?} in this district: write one of {}", roles.join(", "))
        }
        "signature.standing" => format!("whoever asks may not sign as {role} at this case"),
        "signature.verifier" => "whoever verified it does not sign: somebody else signs as this".to_owned(),
        "signature.early" => format!("somebody else signs before {role}"),
        "signature.two_roles" => "nobody signs in two roles: somebody else signs as this".to_owned(),
        _ => "brought by one who signs too: attach the paper that was signed, or name who else saw it"
            .to_owned(),
    };
    Err(Refused::command(rule, message))
}

/// Whether a case is where signatures are given: verified by now, or about to be.
pub fn waits_for_signatures(last: &Decision) -> bool {
    [Step::Verify, Step::Sign, Step::StrikeOff].iter().any(|step| step.code() == last.step)
}
