//! The filters of lists as they stand in an address: what they ask, and how they are written again.
//!
//! Owns the names in the address, which saved filters and links from other pages rely on. Whatever is not in the
//! district's lists asks for nothing that is there.

use doorstep_policy::Reach;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use serde::Deserialize;

use super::naming;
use super::words::Words;
use crate::finding::{After, Ask, Mark, NOBODY, Order, Tag, Typed, typed};
use crate::keys::Keys;
use crate::limits::{DAY_MS, HOUR_MS};
use crate::pipeline::timestamp;
use crate::store::Person;

/// Beijing is so far ahead of universal time.
const BEIJING_MS: Millis = 8 * HOUR_MS;

/// What a list shows. Every part may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    /// Words, initials, a whole name or number.
    pub(super) q: String,
    /// Code or name of the responsible unit.
    pub(super) unit: String,
    /// Code or name of a place: it and what lies within.
    pub(super) place: String,
    pub(super) category: String,
    pub(super) step: String,
    /// `open`, `claimed`, `verified` or `closed`.
    pub(super) stage: String,
    pub(super) urgency: String,
    pub(super) channel: String,
    /// `overdue`, `today`, `soon` or `week`.
    pub(super) due: String,
    /// Anything: only what is in conflict.
    pub(super) disputed: String,
    /// Anything: only what is this person's turn; of what is to be signed or verified, what they may.
    pub(super) mine: String,
    /// `registered`, `due` or `updated`.
    pub(super) order: String,
}

/// The spans that `due` takes.
pub(super) const DUE: [&str; 4] = ["overdue", "today", "soon", "week"];
/// The orders.
pub(super) const ORDERS: [&str; 3] = ["registered", "due", "updated"];
/// The stages of a case.
pub(super) const STAGES: [&str; 4] = ["open", "claimed", "verified", "closed"];

impl Filter {
    /// The parts with their names in the address, in the order in which people read them.
    fn parts(&self) -> [(&'static str, &str); 12] {
        [
            ("q", &self.q),
            ("unit", &self.unit),
            ("place", &self.place),
            ("category", &self.category),
            ("step", &self.step),
            ("stage", &self.stage),
            ("urgency", &self.urgency),
            ("channel", &self.channel),
            ("due", &self.due),
            ("disputed", &self.disputed),
            ("mine", &self.mine),
            ("order", &self.order),
        ]
    }

    /// What is set for one of them.
    pub(super) fn value(&self, name: &str) -> &str {
        self.parts().into_iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.trim())
    }

    /// As a query of an address, without what is empty.
    pub(super) fn query(&self) -> String {
        let given = self.parts().into_iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", escaped(value.trim()))).collect();
        pairs.join("&")
    }

    /// How many filters are set, the order and the words apart.
    pub(super) fn set(&self) -> usize {
        let set = self
            .parts()
            .into_iter()
            .filter(|(name, value)| !value.trim().is_empty() && !["q", "order"].contains(name));
        set.count()
    }

    /// A query read back, for instance of a saved filter.
    pub(super) fn of_query(query: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%&=+".contains(&byte);
        let each = query
            .bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
        let address =
            axum::http::Uri::try_from(format!("/?{}", each.collect::<String>())).unwrap_or_default();
        axum::extract::Query::try_from_uri(&address)
            .map(|axum::extract::Query(filter)| filter)
            .unwrap_or_default()
    }

    /// What was typed into the search box.
    pub(super) fn typed(&self, person: &Person, keys: &Keys) -> Option<Typed> {
        typed(&self.q, &person.district, keys)
    }

    /// The question, without what the person may see, which the pipeline adds.
    pub(super) fn ask(&self, person: &Person, typed: Option<&Typed>, w: &Words<'_>) -> Ask {
        let of = |mark, value: &str| Tag::of(&person.district, mark, value);
        let mut all: Vec<Vec<Tag>> = Vec::new();
        let codes = [
            (Mark::Category, &self.category),
            (Mark::Step, &self.step),
            (Mark::Stage, &self.stage),
            (Mark::Urgency, &self.urgency),
            (Mark::Channel, &self.channel),
        ];
        all.extend(
            codes.into_iter().filter(|(_, code)| !code.is_empty()).map(|(mark, code)| vec![of(mark, code)]),
        );
        if let Some(unit) = unit_code(&self.unit, w) {
            all.push(vec![of(Mark::Unit, &unit)]);
        }
        if let Some(place) = unit_code(&self.place, w) {
            all.push(within(&place, w).iter().map(|unit| of(Mark::Place, unit)).collect());
        }
        if !self.disputed.is_empty() {
            all.push(vec![of(Mark::Disputed, "")]);
        }
        let asked = match self.step.as_str() {
            "sign" => to_sign(person, w),
            "verify" => to_verify(person, w),
            _ => None,
        };
        let asked = asked.filter(|_| !self.mine.is_empty()).unwrap_or_else(|| match self.mine.is_empty() {
            true => Ask::default(),
            false => turns(person, w),
        });
        all.extend(asked.all);
        let (due_from, due_before) = span(&self.due, w.now);
        let order = match self.order.as_str() {
            "due" => Order::Due,
            "updated" => Order::Updated,
            "registered" => Order::Registered,
            // Whoever asks what is due wants it in that order.
            _ if !self.due.is_empty() => Order::Due,
            _ => Order::Registered,
        };
        Ask {
            all,
            none: asked.none,
            lacks: asked.lacks,
            words: typed.map(|typed| typed.expr.clone()),
            due_from,
            due_before,
            order,
            ..Ask::default()
        }
    }
}

/// Cases that wait for a signature which this person may give; `None` for whoever gives none.
pub(super) fn to_sign(person: &Person, w: &Words<'_>) -> Option<Ask> {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let signs = w.pack?.signs((&person.unit, person.role.name()), timestamp(w.now));
    let lacks: Vec<Tag> = signs.iter().map(|(role, _)| of(Mark::Signed, role)).collect();
    let reach = signs.into_iter().map(|(_, reach)| reach).reduce(Reach::or)?;
    let mut all = vec![vec![of(Mark::Step, "sign")]];
    all.extend(within_reach(person, reach));
    let none = vec![of(Mark::SignsNot, &person.worker.to_string())];
    Some(Ask { all, none, lacks, order: Order::Due, ..Ask::default() })
}

/// Cases that somebody claims are resolved and that this person may verify; `None` for whoever verifies none.
pub(super) fn to_verify(person: &Person, w: &Words<'_>) -> Option<Ask> {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let pack = w.pack?;
    let reach = pack.verifies((&person.unit, person.role.name()), timestamp(w.now));
    let mut all = vec![vec![of(Mark::Step, "verify")]];
    all.extend(within_reach(person, reach.clone()));
    let own = (!pack.handlers_verify()).then(|| of(Mark::Unit, &person.unit));
    (!reach.is_empty()).then(|| Ask {
        all,
        none: own.into_iter().collect(),
        order: Order::Due,
        ..Ask::default()
    })
}

fn within_reach(person: &Person, reach: Reach) -> Option<Vec<Tag>> {
    match reach {
        Reach::Everywhere => None,
        Reach::Of(units) => {
            Some(units.iter().map(|unit| Tag::of(&person.district, Mark::Unit, unit)).collect())
        }
    }
}

/// What is a person's turn and can be done by them: what somebody else verifies waits for that.
pub(super) fn turns(person: &Person, w: &Words<'_>) -> Ask {
    let verify = w.pack.is_some_and(|pack| !pack.handlers_verify());
    let none = verify.then(|| Tag::of(&person.district, Mark::Step, "verify"));
    Ask { all: turn(person).to_vec(), none: none.into_iter().collect(), ..Ask::default() }
}

/// What is a person's turn: entrusted to them, or to their unit and nobody in it.
pub(super) fn turn(person: &Person) -> [Vec<Tag>; 2] {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let me = of(Mark::Worker, &person.worker.to_string());
    [vec![of(Mark::Unit, &person.unit), me], vec![me, of(Mark::Worker, NOBODY)]]
}

/// From when and before when something is due. A day is one of Beijing.
pub(super) fn span(due: &str, now: Millis) -> (Option<Millis>, Option<Millis>) {
    let day = (now + BEIJING_MS).div_euclid(DAY_MS) * DAY_MS - BEIJING_MS;
    match due {
        "overdue" => (None, Some(now)),
        "today" => (Some(now), Some(day + DAY_MS)),
        "soon" => (Some(now), Some(day + 4 * DAY_MS)),
        "week" => (Some(now), Some(day + 8 * DAY_MS)),
        "" => (None, None),
        _ => (Some(now), Some(now)),
    }
}

/// A unit by code or name. What is neither stays as it is, and finds nothing.
fn unit_code(text: &str, w: &Words<'_>) -> Option<String> {
    w.pack?;
    let text = text.trim();
    (!text.is_empty()).then(|| naming::unit(text, w).unwrap_or_else(|_| text.to_owned()))
}

/// A place and every place within it.
fn within(place: &str, w: &Words<'_>) -> Vec<String> {
    let below =
        w.pack.into_iter().flat_map(|pack| pack.units().filter(|unit| pack.is_within(&unit.code, place)));
    let mut all: Vec<String> = below.map(|unit| unit.code.clone()).chain([place.to_owned()]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A page's end as it stands in an address, and back.
pub(super) fn after_text(after: After) -> String {
    format!("{}.{}", after.at, after.document)
}

pub(super) fn after_of(text: &str) -> Option<After> {
    let (at, document) = text.split_once('.')?;
    Some(After { at: at.parse().ok()?, document: document.parse().ok()? })
}

/// A value as it stands in a query.
fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let each = text
        .bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    each.collect()
}

/// Lists of cases.
pub(super) const KIND: Kind = Kind::Case;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_back_as_it_was_written() {
        let filter = Filter {
            q: "水沟 & 'x'".into(),
            unit: "511902105".into(),
            due: "overdue".into(),
            mine: "1".into(),
            ..Filter::default()
        };
        assert_eq!(Filter::of_query(&filter.query()), filter);
        assert_eq!(filter.set(), 3);
        assert_eq!(Filter::of_query("nonsense=%ff&<script>='1'&due=").set(), 0);
    }

    #[test]
    fn a_day_ends_at_midnight_in_beijing() {
        // 21 November 2026, 18:00 in Beijing.
        let now = 1_795_255_200_000;
        assert_eq!(span("today", now), (Some(now), Some(now + 6 * HOUR_MS)));
        // 23:59 there, 15:59 universal.
        assert_eq!(span("today", now + 6 * HOUR_MS - 60_000).1, Some(now + 6 * HOUR_MS));
    }
}
