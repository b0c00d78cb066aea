//! The places of the desk that every page leads to, for those who may go there.
//!
//! Owns which places there are and in what order. A place stands here once its page is there.

use super::words::Words;
use crate::authorize::{Wish, authorize};
use crate::store::Person;

/// Id, address, and what somebody must be allowed to go there.
const PLACES: [(&str, &str, Wish); 5] = [
    ("inbox", "/inbox", Wish::Desk),
    ("conflicts", "/conflicts", Wish::Desk),
    ("cases", "/cases", Wish::Desk),
    ("supervision", "/supervision", Wish::Supervise),
    ("admin", "/admin", Wish::Inspect),
];

/// A place as a page links to it.
pub(super) struct Place {
    pub(super) href: &'static str,
    pub(super) name: String,
    /// For `aria-current`: `page` on the place itself, `true` on a page below it.
    pub(super) current: Option<&'static str>,
}

/// The places of a person, seen from this address.
pub(super) fn places(person: &Person, here: &str, w: &Words<'_>) -> Vec<Place> {
    let accounts = !authorize(person, Wish::Supervise, None)
        && w.pack.is_some_and(|pack| pack.accounting_units().contains(&person.unit.as_str()));
    let own = accounts.then_some(("accounts", "/supervision/accounts", Wish::Desk));
    let allowed = PLACES.into_iter().chain(own).filter(|(_, _, wish)| authorize(person, *wish, None));
    let place = |(id, href, _): (&str, &'static str, Wish)| Place {
        href,
        name: w.t(&format!("place-{id}")),
        current: match here.strip_prefix(href) {
            // The desk opens with the inbox.
            None if here == "/" && id == "inbox" => Some("page"),
            Some("") => Some("page"),
            Some(below) if below.starts_with(['/', '?']) => Some("true"),
            _ => None,
        },
    };
    allowed.map(place).collect()
}
