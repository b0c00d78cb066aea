//! Items of lists that are JSON objects: which members they must have. Checked at the edit and at the gate.
//!
//! Members that are not named here are kept and not looked at: a newer device may write more. A member is
//! never renamed, and never becomes required later.

use serde_json::{Map, Value as Json};

use crate::ids::DocumentId;
use crate::limits;

/// What an item's object has at least.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// The members that are looked at.
    pub members: &'static [Member],
    /// Says what the field takes.
    pub message: &'static str,
}

/// One member of an item's object.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether an item without it is refused.
    pub required: bool,
}

/// What a member takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Takes {
    /// A text of 1 to 500 characters.
    Line,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A whole number, not negative.
    Count,
    /// A document's id.
    Document,
    /// A division code of 6, 9 or 12 digits.
    Place,
}

/// How somebody called back answered (回访). Append-only; the last one counts.
pub const ANSWERS: &[&str] = &["satisfied", "not_satisfied", "unreachable"];

const fn must(name: &'static str, takes: Takes) -> Member {
    Member { name, takes, required: true }
}

const fn may(name: &'static str, takes: Takes) -> Member {
    Member { name, takes, required: false }
}

/// How a task of a rectification list stands. Append-only; the last one counts.
pub const TASK_STATES: &[&str] = &["done", "not_done"];

use Takes::{Count, Document, Line, OneOf, Place};

/// Proof of what was done: an attachment with a purpose, such as `before`, `after` or `receipt`.
pub static EVIDENCE: Shape = Shape {
    members: &[must("attachment", Line), must("purpose", Line), may("note", Line)],
    message: "takes objects with an attachment and a purpose",
};
/// The answer of the person who raised the case, asked by somebody.
pub static CALLBACK: Shape = Shape {
    members: &[must("answer", OneOf(ANSWERS)), must("by", Line), may("at", Line), may("note", Line)],
    message: "takes objects with an answer (satisfied, not_satisfied or unreachable) and by whom",
};
/// Another document and what it is to this one, such as `group`, `conduct` or `neighbour`.
pub static LINK: Shape = Shape {
    members: &[must("to", Document), must("relation", Line), may("note", Line)],
    message: "takes objects with a document's id (to) and a relation",
};
/// What a visit gave although no case arose: `publicity`, `policy_advice`, `help`, ..., counted.
pub static OUTCOME: Shape = Shape {
    members: &[must("what", Line), may("count", Count), may("note", Line), may("to", Line)],
    message: "takes objects with what was given, and a count where there is one",
};
/// A household that was seen on a visit, and how many people of it.
pub static HOUSEHOLD: Shape = Shape {
    members: &[must("household", Line), may("register", Document), may("people", Count), may("note", Line)],
    message: "takes objects with a household, and how many people were met",
};
/// A village that a round reached. Households and people are those who are listed nowhere else in the round.
pub static VILLAGE: Shape = Shape {
    members: &[must("place", Place), may("households", Count), may("people", Count), may("note", Line)],
    message: "takes objects with a village's division code (place)",
};
/// An enterprise or shop that was visited, and how many people of it were met.
pub static FIRM: Shape = Shape {
    members: &[must("name", Line), may("register", Document), may("people", Count), may("note", Line)],
    message: "takes objects with the name of a firm",
};
/// People who were met outside households and firms, by group, such as `secretary` or `hardship`.
pub static MET: Shape = Shape {
    members: &[must("group", Line), must("count", Count), may("note", Line)],
    message: "takes objects with a group of people and a count",
};
/// One task of a rectification list (整改清单): found on a stationed investigation, worked off by its number.
pub static TASK: Shape = Shape {
    members: &[
        must("item", Line),
        must("what", Line),
        may("case", Document),
        may("unit", Line),
        may("by", Line),
        may("due", Line),
    ],
    message: "takes objects with the number of an item and what is to be put right",
};
/// How one task of the list stands from now on.
pub static PROGRESS: Shape = Shape {
    members: &[
        must("item", Line),
        must("state", OneOf(TASK_STATES)),
        may("case", Document),
        may("by", Line),
        may("at", Line),
        may("note", Line),
    ],
    message: "takes objects with the number of an item and its state (done or not_done)",
};
/// Somebody who belongs to a household or an enterprise.
pub static PERSON: Shape = Shape {
    members: &[must("name", Line), may("relation", Line), may("phone", Line), may("id_number", Line)],
    message: "takes objects with a name",
};
/// A visit to the holder of a register.
pub static VISITED: Shape = Shape {
    members: &[may("visit", Document), must("at", Line), may("by", Line), may("note", Line)],
    message: "takes objects with a time (at), and the visit where it is a document",
};
/// A matter on the agenda of a meeting.
pub static MATTER: Shape = Shape {
    members: &[must("matter", Line), may("case", Document), may("by", Line)],
    message: "takes objects with a matter, and the case where there is one",
};
/// Somebody who was at a meeting, or excused.
pub static ATTENDED: Shape = Shape {
    members: &[must("name", Line), may("unit", Line), may("role", Line)],
    message: "takes objects with a name",
};
/// What a meeting decided to have done; it names the case that it became, or the decision.
pub static ACTION: Shape = Shape {
    members: &[
        must("what", Line),
        may("case", Document),
        may("decision", Line),
        may("unit", Line),
        may("by", Line),
        may("due", Line),
    ],
    message: "takes objects with what is to be done, and for which case, by whom and when where that is known",
};

impl Shape {
    /// Whether an item has this shape.
    pub fn fits(&self, item: &str) -> bool {
        let Ok(object) = serde_json::from_str::<Map<String, Json>>(item) else { return false };
        self.members.iter().all(|member| match object.get(member.name) {
            None | Some(Json::Null) => !member.required,
            Some(value) => member.takes.fits(value),
        })
    }
}

impl Takes {
    fn fits(&self, value: &Json) -> bool {
        match self {
            Line => value.as_str().is_some_and(line),
            OneOf(values) => value.as_str().is_some_and(|text| values.contains(&text)),
            Count => value.as_u64().is_some_and(|count| count <= u64::from(u32::MAX)),
            Place => value.as_str().is_some_and(|text| {
                [6, 9, 12].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
            }),
            Document => value.as_str().is_some_and(|text| text.parse::<DocumentId>().is_ok()),
        }
    }
}

fn line(text: &str) -> bool {
    let chars = text.chars().count();
    chars > 0 && chars <= limits::MAX_LINE_CHARS && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_needs_what_its_shape_requires_and_keeps_what_it_does_not_know() {
        assert!(CALLBACK.fits(r#"{"answer":"satisfied","by":"向明","mood":["good"]}"#));
        for bad in [
            "satisfied",
            "[]",
            r#"{"answer":"satisfied"}"#,
            r#"{"answer":"content","by":"向明"}"#,
            r#"{"answer":"satisfied","by":7}"#,
            r#"{"answer":"satisfied","by":""}"#,
        ] {
            assert!(!CALLBACK.fits(bad), "{bad}");
        }
        assert!(OUTCOME.fits(r#"{"what":"publicity","count":30}"#));
        assert!(!OUTCOME.fits(r#"{"what":"publicity","count":-1}"#));
        assert!(!LINK.fits(r#"{"to":"the other one","relation":"group"}"#));
    }
}
