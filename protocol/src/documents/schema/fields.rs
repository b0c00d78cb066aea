//! The fields of each kind, in the order in which people read them. Constant: replicas must agree on it.
//!
//! A field is never renamed, retyped, moved to another container or taken away; new ones are added. A field in
//! a container that exists needs nothing more; a new container needs a migration (`containers.rs`).

use super::Class::{Latest, Merge, Review, Severest, Sign};
use super::Type::{Choice, Code, Entries, Items, Labels, Level, Line, Place, Text};
use super::{Class, Kind, SEVERITY, Spec, Type, URGENCY, container, shape};

/// In the container that the class and the type say.
const fn spec(name: &'static str, kind: Kind, class: Class, ty: Type) -> Spec {
    let counter = match (class, ty) {
        (_, Type::Text) => container::PROSE,
        (_, Type::Labels) => container::TAGS,
        (Class::Sign, _) => container::SIGNATURES,
        (Class::Severest, _) => container::SEVEREST,
        (Class::Latest, _) => container::LATEST,
        (_, Type::Items | Type::Entries(_)) => match name.as_bytes() {
            b"log" => container::LOG,
            b"attachments" => container::ATTACHMENTS,
            _ => container::LINKS,
        },
        _ => container::REVIEW,
    };
    within(counter, name, kind, (class, ty))
}

/// In a container of its own.
const fn within(container: u64, name: &'static str, kind: Kind, (class, ty): (Class, Type)) -> Spec {
    Spec { name, kind, class, ty, container }
}

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
    within(11, "evidence", Kind::Case, (Merge, Entries(&shape::EVIDENCE))),
    spec("outcome", Kind::Case, Review, Line),
    within(13, "reply", Kind::Case, (Merge, Text)),
    spec("closure_note", Kind::Case, Review, Line),
    spec("signatures", Kind::Case, Sign, Items),
    within(12, "callback", Kind::Case, (Sign, Entries(&shape::CALLBACK))),
    spec("links", Kind::Case, Merge, Entries(&shape::LINK)),
];

static VISIT: &[Spec] = &[
    spec("title", Kind::Visit, Latest, Line),
    spec("description", Kind::Visit, Merge, Text),
    spec("place", Kind::Visit, Review, Place),
    spec("household", Kind::Visit, Review, Line),
    spec("subject", Kind::Visit, Review, Line),
    spec("mode", Kind::Visit, Latest, Code),
    spec("format", Kind::Visit, Latest, Code),
    spec("plan", Kind::Visit, Latest, Line),
    spec("team", Kind::Visit, Latest, Line),
    spec("leader", Kind::Visit, Latest, Line),
    spec("visited_at", Kind::Visit, Latest, Line),
    within(13, "villages", Kind::Visit, (Merge, Entries(&shape::VILLAGE))),
    within(12, "households", Kind::Visit, (Merge, Entries(&shape::HOUSEHOLD))),
    within(14, "firms", Kind::Visit, (Merge, Entries(&shape::FIRM))),
    within(15, "met", Kind::Visit, (Merge, Entries(&shape::MET))),
    spec("outcome", Kind::Visit, Review, Line),
    within(11, "outcomes", Kind::Visit, (Merge, Entries(&shape::OUTCOME))),
    within(16, "rectification", Kind::Visit, (Merge, Entries(&shape::TASK))),
    within(17, "progress", Kind::Visit, (Merge, Entries(&shape::PROGRESS))),
    spec("tags", Kind::Visit, Merge, Labels),
    spec("log", Kind::Visit, Merge, Items),
    spec("attachments", Kind::Visit, Merge, Items),
    spec("cases", Kind::Visit, Merge, Items),
    spec("signatures", Kind::Visit, Sign, Items),
];

static REGISTER: &[Spec] = &[
    spec("title", Kind::Register, Latest, Line),
    spec("holder", Kind::Register, Review, Choice(HOLDERS)),
    spec("name", Kind::Register, Review, Line),
    spec("household", Kind::Register, Review, Line),
    spec("place", Kind::Register, Review, Place),
    spec("address", Kind::Register, Latest, Line),
    spec("contact_phone", Kind::Register, Latest, Line),
    spec("contact_cadre", Kind::Register, Review, Line),
    spec("group", Kind::Register, Latest, Code),
    within(11, "members", Kind::Register, (Merge, Entries(&shape::PERSON))),
    spec("tags", Kind::Register, Merge, Labels),
    within(12, "visits", Kind::Register, (Merge, Entries(&shape::VISITED))),
    within(13, "help", Kind::Register, (Merge, Entries(&shape::OUTCOME))),
    spec("notes", Kind::Register, Merge, Text),
    spec("log", Kind::Register, Merge, Items),
    spec("attachments", Kind::Register, Merge, Items),
    spec("links", Kind::Register, Merge, Entries(&shape::LINK)),
];

static MEETING: &[Spec] = &[
    spec("title", Kind::Meeting, Latest, Line),
    spec("format", Kind::Meeting, Latest, Code),
    spec("place", Kind::Meeting, Review, Place),
    spec("subject", Kind::Meeting, Review, Line),
    spec("held_at", Kind::Meeting, Latest, Line),
    spec("chair", Kind::Meeting, Latest, Line),
    within(11, "agenda", Kind::Meeting, (Merge, Entries(&shape::MATTER))),
    within(12, "attendance", Kind::Meeting, (Merge, Entries(&shape::ATTENDED))),
    spec("minutes", Kind::Meeting, Merge, Text),
    within(13, "actions", Kind::Meeting, (Merge, Entries(&shape::ACTION))),
    spec("links", Kind::Meeting, Merge, Entries(&shape::LINK)),
    spec("tags", Kind::Meeting, Merge, Labels),
    spec("log", Kind::Meeting, Merge, Items),
    spec("attachments", Kind::Meeting, Merge, Items),
    spec("signatures", Kind::Meeting, Sign, Items),
];

/// Whose register it is (一户一册、一企一册).
const HOLDERS: &[&str] = &["household", "enterprise"];

/// The fields of a kind.
pub(super) const fn of(kind: Kind) -> &'static [Spec] {
    match kind {
        Kind::Case => CASE,
        Kind::Visit => VISIT,
        Kind::Register => REGISTER,
        Kind::Meeting => MEETING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::schema::containers::{Holds, at_counter};

    #[test]
    fn every_field_lies_in_a_container_that_holds_its_like_and_texts_and_lists_have_one_each() {
        for kind in Kind::ALL {
            let mut own = Vec::new();
            for spec in of(kind) {
                assert_eq!(spec.kind, kind);
                let holds = at_counter(kind, spec.container).expect("a container").holds;
                let wanted = match (spec.ty, spec.class) {
                    (Text, _) => Holds::Prose,
                    (Labels, _) => Holds::Labels,
                    (Items | Entries(_), _) => Holds::Items,
                    _ => Holds::Words,
                };
                assert_eq!(holds, wanted, "{}", spec.name);
                if holds != Holds::Words {
                    own.push(spec.container);
                }
            }
            let all = own.len();
            own.sort_unstable();
            own.dedup();
            assert_eq!(own.len(), all, "two fields of a {} share a text or a list", kind.name());
        }
    }
}
