//! What packs and examples may name that is no pack's to define: roles, fields of a case, arguments of commands.
//!
//! Owns the lists. The schema of cases and the server have their own; this crate knows neither.

/// Every role that people have at the centre.
pub(super) const ROLES: [&str; 7] =
    ["worker", "handler", "reviewer", "leader", "inspector", "admin", "auditor"];

/// Fields of a case that hold one word, which a district may tighten to review.
pub(super) const TIGHTENED: &[&str] = &[
    "title",
    "category",
    "severity",
    "urgency",
    "place",
    "subject",
    "person.name",
    "person.phone",
    "person.id_number",
    "household",
    "channel",
    "contact_phone",
    "visit_time",
    "outcome",
    "closure_note",
];

/// Purposes of attachments that people know.
pub(super) const EVIDENCE: [&str; 4] = ["before", "after", "photo", "other"];

/// Whether a purpose can be one: what the schema takes.
pub(super) fn is_purpose(text: &str) -> bool {
    let code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
    (1..=32).contains(&text.len()) && text.bytes().all(code)
}

/// What commands are told.
pub(super) const ARGUMENTS: [&str; 22] = [
    "add",
    "answer",
    "attempts",
    "count",
    "days",
    "decision",
    "deputy",
    "draw",
    "for",
    "how",
    "lead",
    "of",
    "reason",
    "remove",
    "result",
    "role",
    "seen",
    "unit",
    "witness",
    "worker",
    "away",
    "concerned",
];
/// What the centre adds to one that names a worker or a case: `worker.unit`.
const SAID: [&str; 9] =
    ["away", "compartment", "concerned", "deputy", "followers", "known", "lead", "registered", "unit"];

/// Whether some command is told this.
pub(super) fn is_argument(name: &str) -> bool {
    match name.split_once('.') {
        None => ARGUMENTS.contains(&name),
        Some((of, said)) => ARGUMENTS.contains(&of) && SAID.contains(&said),
    }
}
