//! What a person writes for a unit, a colleague or a case, as the code that it stands for.
//!
//! People know names and the numbers on pages; codes and ids are for programs. What names nothing, or more than one thing,
//! is `None`: the form says so and keeps what was typed.

use doorstep_protocol::{DocumentId, WorkerId};
use unicode_normalization::UnicodeNormalization;

use super::words::Words;
use crate::finding::{Ask, Expr, Order};
use crate::http::App;
use crate::http::error::Problem;
use crate::limits;
use crate::store::{Person, Store};

/// As it is compared: one form for each character, no space around it.
fn plain(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_owned()
}

/// The one that all of them are.
fn only<T: PartialEq>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// A unit by its code, its whole name, or both as lists show them.
pub(super) fn unit(text: &str, w: &Words<'_>) -> Option<String> {
    let (text, pack) = (plain(text), w.pack?);
    let code = text.rsplit(' ').next().unwrap_or(&text);
    let by_code = pack.units().find(|unit| unit.code == code).map(|unit| unit.code.clone());
    by_code.or_else(|| only(pack.units().filter(|unit| unit.name == text).map(|unit| unit.code.clone())))
}

/// A category by its code or its name.
pub(super) fn category(text: &str, w: &Words<'_>) -> Option<String> {
    let (text, pack) = (plain(text), w.pack?);
    let known = pack.categories().iter().map(|category| category.code.clone());
    only(known.filter(|code| *code == text || w.named("category", code) == text))
}

/// Somebody of these by number, or by a name that only one of them has.
pub(super) fn worker(text: &str, people: &[Person]) -> Option<WorkerId> {
    let text = plain(text);
    let by_number = text.parse().ok().filter(|worker| people.iter().any(|person| person.worker == *worker));
    by_number.or_else(|| only(people.iter().filter(|person| person.name == text).map(|person| person.worker)))
}

/// A case that the person may see, by its id, its address, or the number on every page.
pub(super) async fn case<S: Store>(
    app: &App<S>,
    person: &Person,
    text: &str,
) -> Result<Option<DocumentId>, Problem> {
    let text = plain(text).to_lowercase();
    let last = text.rsplit('/').next().unwrap_or(&text);
    if let Ok(id) = last.parse() {
        return Ok(Some(id));
    }
    let Some((_, end)) = last.split_once('-').filter(|(day, end)| day.len() == 8 && end.len() == 6) else {
        return Ok(None);
    };
    let words = Some(Expr::Word(format!("w{end}")));
    let ask = Ask { words, order: Order::Registered, limit: limits::LIST_ROWS, ..Ask::default() };
    let found = app.centre.find(person, super::filter::KIND, ask, None).await?;
    let numbered = found.hits.iter().filter(|hit| hit.row.number() == last);
    Ok(only(numbered.map(|hit| hit.row.document)))
}
