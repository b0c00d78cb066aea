//! The fields of each kind of document, their classes and types. Constant: replicas must agree on it.
//!
//! A field is never renamed or retyped. A field is one scalar: what must be decided together (a
//! place and its coordinates) is one canonical string, never several keys.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// The kinds of document that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 诉求: what somebody asks for.
    Case,
    /// 走访: one round of visits, with outcomes even where no case arises.
    Visit,
}

/// How concurrent writes of a field are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The CRDT's own merge is right.
    Merge,
    /// The stricter value stands until an explicit lowering.
    Severest,
    /// The later value stands, by corrected time, then hash.
    Latest,
    /// A person decides; the case does not settle meanwhile.
    Review,
    /// Append only.
    Sign,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Collaborative prose (an Automerge text).
    Text,
    /// One line of at most [`limits::MAX_LINE_CHARS`] characters.
    Line,
    /// A code of lower-case letters, digits and `_-.`; the pack says which exist.
    Code,
    /// A division code of 6, 9 or 12 digits.
    Place,
    /// One of these, mildest first.
    Level(&'static [&'static str]),
    /// A list that grows only.
    Items,
    /// A set of short labels.
    Labels,
}

/// Who may write. Judged by the session's role, at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the domain")]
pub enum Role {
    Worker,
    Handler,
    Reviewer,
    Leader,
    Inspector,
    Admin,
    Auditor,
}

impl Role {
    /// Every role, as documented.
    pub const ALL: [Role; 7] = [
        Role::Worker,
        Role::Handler,
        Role::Reviewer,
        Role::Leader,
        Role::Inspector,
        Role::Admin,
        Role::Auditor,
    ];

    /// The role's name on the command line and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Worker => "worker",
            Role::Handler => "handler",
            Role::Reviewer => "reviewer",
            Role::Leader => "leader",
            Role::Inspector => "inspector",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// May write case documents at all.
    pub const fn writes(self) -> bool {
        !matches!(self, Role::Auditor)
    }

    /// May resolve conflicts and lower severities: acts of review.
    pub const fn reviews(self) -> bool {
        matches!(self, Role::Reviewer | Role::Leader | Role::Admin)
    }
}

/// The specification behind a [`Field`].
#[derive(Debug)]
pub struct Spec {
    /// The schema name, such as `person.name`.
    pub name: &'static str,
    /// The kind of document that has it.
    pub kind: Kind,
    /// How concurrent writes are settled.
    pub class: Class,
    /// What it holds.
    pub ty: Type,
    /// Counter of the genesis operation that made the container (or the text or list itself).
    pub(crate) container: u64,
}

/// A field of the schema.
#[derive(Clone, Copy)]
pub struct Field(&'static Spec);

/// Containers of genesis, by the counter of the operation that makes each. Every kind has all.
pub(crate) mod container {
    pub(crate) const REVIEW: u64 = 1;
    pub(crate) const SEVEREST: u64 = 2;
    pub(crate) const LATEST: u64 = 3;
    pub(crate) const RECORDS: u64 = 4;
    pub(crate) const PROSE: u64 = 5;
    pub(crate) const TAGS: u64 = 6;
    pub(crate) const LOG: u64 = 7;
    pub(crate) const ATTACHMENTS: u64 = 8;
    pub(crate) const SIGNATURES: u64 = 9;
    pub(crate) const LINKS: u64 = 10;
}

/// Characters that end a line or turn the direction of writing without being control characters: a line
/// with them reads otherwise than it is.
const DISGUISES: [char; 11] = [
    '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
    '\u{2067}', '\u{2068}', '\u{2069}',
];

/// Urgency, mildest first.
pub const URGENCY: &[&str] = &["normal", "soon", "urgent", "danger"];
/// Severity (轻重), mildest first.
pub const SEVERITY: &[&str] = &["light", "medium", "heavy"];

const fn spec(name: &'static str, kind: Kind, class: Class, ty: Type) -> Spec {
    let container = match (class, ty) {
        (_, Type::Text) => container::PROSE,
        (_, Type::Labels) => container::TAGS,
        (Class::Sign, _) => container::SIGNATURES,
        (Class::Severest, _) => container::SEVEREST,
        (Class::Latest, _) => container::LATEST,
        (_, Type::Items) => match name.as_bytes() {
            b"log" => container::LOG,
            b"attachments" => container::ATTACHMENTS,
            _ => container::LINKS,
        },
        _ => container::REVIEW,
    };
    Spec { name, kind, class, ty, container }
}

use Class::{Latest, Merge, Review, Severest, Sign};
use Type::{Code, Items, Labels, Level, Line, Place, Text};

static CASE: &[Spec] = &[
    spec("title", Kind::Case, Latest, Line),
    spec("description", Kind::Case, Merge, Text),
    spec("category", Kind::Case, Review, Code),
    spec("severity", Kind::Case, Severest, Level(SEVERITY)),
    spec("urgency", Kind::Case, Severest, Level(URGENCY)),
    spec("place", Kind::Case, Review, Place),
    spec("subject", Kind::Case, Review, Line),
    spec("person.name", Kind::Case, Review, Line),
    spec("person.phone", Kind::Case, Latest, Line),
    spec("person.id_number", Kind::Case, Review, Line),
    spec("household", Kind::Case, Review, Line),
    spec("channel", Kind::Case, Latest, Code),
    spec("contact_phone", Kind::Case, Latest, Line),
    spec("visit_time", Kind::Case, Latest, Line),
    spec("tags", Kind::Case, Merge, Labels),
    spec("log", Kind::Case, Merge, Items),
    spec("attachments", Kind::Case, Merge, Items),
    spec("outcome", Kind::Case, Review, Line),
    spec("signatures", Kind::Case, Sign, Items),
];

static VISIT: &[Spec] = &[
    spec("title", Kind::Visit, Latest, Line),
    spec("description", Kind::Visit, Merge, Text),
    spec("place", Kind::Visit, Review, Place),
    spec("household", Kind::Visit, Review, Line),
    spec("format", Kind::Visit, Latest, Code),
    spec("visited_at", Kind::Visit, Latest, Line),
    spec("outcome", Kind::Visit, Review, Line),
    spec("tags", Kind::Visit, Merge, Labels),
    spec("log", Kind::Visit, Merge, Items),
    spec("attachments", Kind::Visit, Merge, Items),
    spec("cases", Kind::Visit, Merge, Items),
    spec("signatures", Kind::Visit, Sign, Items),
];

impl Kind {
    /// Every kind of this build.
    pub const ALL: [Kind; 2] = [Kind::Case, Kind::Visit];

    /// `case` or `visit`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Case => "case",
            Kind::Visit => "visit",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The fields, in the order in which people read them.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        match self {
            Kind::Case => CASE,
            Kind::Visit => VISIT,
        }
        .iter()
        .map(Field)
    }

    /// The field of this name.
    pub fn field(self, name: &str) -> Option<Field> {
        self.fields().find(|field| field.name == name)
    }
}

impl std::ops::Deref for Field {
    type Target = Spec;
    fn deref(&self) -> &Spec {
        self.0
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.name) == (other.kind, other.name)
    }
}
impl Eq for Field {}
impl PartialOrd for Field {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Field {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.kind, self.name).cmp(&(other.kind, other.name))
    }
}
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.name(), self.name)
    }
}

impl Field {
    /// Written as one scalar, whose words conflicts are derived from.
    pub fn is_word(self) -> bool {
        matches!(self.class, Class::Review | Class::Severest | Class::Latest)
    }

    /// The roles that may write it.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(|role| role.writes())
    }

    /// Whether a value fits the field's type; the message says what would.
    pub fn check(self, value: &str) -> Result<(), &'static str> {
        let code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        match self.ty {
            Type::Line if value.chars().count() > limits::MAX_LINE_CHARS => {
                Err("takes at most 500 characters")
            }
            Type::Line if value.chars().any(|c| c.is_control() || DISGUISES.contains(&c)) => {
                Err("takes one line, without control characters")
            }
            Type::Code if value.is_empty() || value.len() > 64 || !value.bytes().all(code) => {
                Err("takes a code of at most 64 lower-case letters, digits, '_', '-' and '.'")
            }
            Type::Place
                if ![6, 9, 12].contains(&value.len()) || !value.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Err("takes a division code of 6, 9 or 12 digits")
            }
            Type::Level(levels) if !levels.contains(&value) => Err(match self.name {
                "urgency" => "takes normal, soon, urgent or danger",
                _ => "takes light, medium or heavy",
            }),
            Type::Text if value.chars().count() > limits::MAX_TEXT_CHARS => {
                Err("takes at most 4,000 characters")
            }
            Type::Items if value.len() > limits::MAX_ITEM_BYTES => Err("takes items of at most 16 KiB"),
            Type::Labels if value.is_empty() || value.chars().count() > 64 => {
                Err("takes labels of 1 to 64 characters")
            }
            _ => Ok(()),
        }
    }

    /// Rank of a severest field's value; unset is 0. Unknown text ranks above all: fail towards danger.
    pub fn severity(self, value: Option<&str>) -> usize {
        let Type::Level(levels) = self.ty else { return 0 };
        value.map_or(0, |value| levels.iter().position(|level| *level == value).map_or(usize::MAX, |n| n + 1))
    }

    /// The type's name in `schema`.
    pub fn type_name(self) -> String {
        match self.ty {
            Type::Text => "text".into(),
            Type::Line => "line".into(),
            Type::Code => "code".into(),
            Type::Place => "place".into(),
            Type::Level(levels) => format!("enum({})", levels.join("|")),
            Type::Items => "items".into(),
            Type::Labels => "labels".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_contract_has_them_all() {
        let names: Vec<_> = Kind::Case.fields().map(|f| f.name).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        for name in "title description category severity urgency place subject person.name person.phone \
                     person.id_number household channel contact_phone tags log attachments outcome signatures"
            .split_whitespace()
        {
            assert!(Kind::Case.field(name).is_some(), "{name}");
        }
    }

    #[test]
    fn values_are_checked_by_type() {
        let field = |name| Kind::Case.field(name).expect("in the schema");
        assert!(field("place").check("511902104").is_ok());
        assert!(field("place").check("51190210").is_err());
        assert!(field("urgency").check("later").is_err());
        assert!(field("category").check("Water").is_err());
        assert_eq!(field("urgency").severity(Some("no such level")), usize::MAX);
    }
}
