//! Kinds of document, and what a field is: its class, its type, who may write it. Constant: replicas must agree.
//!
//! A field is one scalar: what must be decided together (a place and its coordinates) is one canonical
//! string, never several keys.

mod containers;
mod fields;
pub mod shape;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;
pub(crate) use containers::{Holds, at_counter, container, newest, of as containers_of};
use shape::Shape;

/// The kinds of document that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 诉求: what somebody asks for.
    Case,
    /// 走访: one round of visits, with outcomes even where no case arises.
    Visit,
    /// 一户一册、一企一册: what is known of one household or enterprise.
    Register,
    /// A council, joint meeting, reception or round table, with what it decided to have done.
    Meeting,
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
    /// One of these.
    Choice(&'static [&'static str]),
    /// A list that grows only.
    Items,
    /// A list that grows only, of JSON objects with members of their own.
    Entries(&'static Shape),
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
    /// Counter of the operation that made the container (or the text or list itself).
    pub(crate) container: u64,
}

/// A field of the schema.
#[derive(Clone, Copy)]
pub struct Field(&'static Spec);

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

impl Kind {
    /// Every kind of this build.
    pub const ALL: [Kind; 4] = [Kind::Case, Kind::Visit, Kind::Register, Kind::Meeting];

    /// Its name on the command line and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Case => "case",
            Kind::Visit => "visit",
            Kind::Register => "register",
            Kind::Meeting => "meeting",
        }
    }

    /// The document schema that brought it; devices before it are not given any.
    pub const fn since(self) -> u16 {
        match self {
            Kind::Case | Kind::Visit => 1,
            Kind::Register | Kind::Meeting => 2,
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The fields, in the order in which people read them.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        fields::of(self).iter().map(Field)
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
            Type::Choice(values) if !values.contains(&value) => Err(match self.name {
                "holder" => "takes household or enterprise",
                _ => "takes one of its values",
            }),
            Type::Text if value.chars().count() > limits::MAX_TEXT_CHARS => {
                Err("takes at most 4,000 characters")
            }
            Type::Items | Type::Entries(_) if value.len() > limits::MAX_ITEM_BYTES => {
                Err("takes items of at most 16 KiB")
            }
            Type::Entries(shape) if !shape.fits(value) => Err(shape.message),
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
            Type::Choice(values) => format!("enum({})", values.join("|")),
            Type::Items => "items".into(),
            Type::Entries(shape) => {
                let name = |m: &shape::Member| format!("{}{}", m.name, if m.required { "" } else { "?" });
                let members: Vec<String> = shape.members.iter().map(name).collect();
                format!("items({})", members.join(","))
            }
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
