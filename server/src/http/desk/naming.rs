//! What a person writes for a unit, a colleague or a case, as the code that it stands for.
//!
//! People know names and the numbers on pages; codes and ids are for programs. What names nothing, or more than one thing,
//! is answered with what it could be, and the form keeps what was typed. Texts are compared as a search compares them.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Pack, Unit};
use doorstep_protocol::{DocumentId, WorkerId};

use super::words::Words;
use crate::finding::{Ask, Order, normal, typed};
use crate::http::App;
use crate::http::error::Problem;
use crate::limits;
use crate::pipeline::timestamp;
use crate::store::{Person, Store};

/// Why a text is not the name of one thing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// Nothing is called that; what is called something like it.
    Nothing(Vec<String>),
    /// All of these are.
    Several(Vec<String>),
}

impl Unnamed {
    /// Told to whoever wrote it, with what they can write instead. `kind` is `unit`, `worker` or `case`.
    pub(super) fn told(&self, kind: &str, text: &str, w: &Words<'_>) -> String {
        let (id, could_be) = match self {
            Unnamed::Nothing(like) if like.is_empty() => ("unknown", like),
            Unnamed::Nothing(like) => ("alike", like),
            Unnamed::Several(all) => ("several", all),
        };
        let id = format!("arg-{kind}-{id}");
        self.listed(&id, (could_be, text), w)
    }

    /// The same where it is a filter of a list that several units answer to.
    pub(super) fn filters(&self, text: &str, w: &Words<'_>) -> String {
        let (Unnamed::Nothing(could_be) | Unnamed::Several(could_be)) = self;
        self.listed("filter-several", (could_be, text), w)
    }

    fn listed(&self, id: &str, (could_be, text): (&[String], &str), w: &Words<'_>) -> String {
        let list: Vec<&str> = could_be.iter().take(limits::VALUES_NAMED).map(String::as_str).collect();
        let list = list.join(&w.t("and-separator"));
        w.with(id, &[("text", text), ("list", &list)])
    }
}

/// As it is compared: one form for each character, no space around it.
fn plain(text: &str) -> String {
    normal(text).trim().to_owned()
}

/// Codes by each name that their units go by, or ever went by.
fn by_name<'a>(units: impl Iterator<Item = &'a Unit>) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut codes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for unit in units {
        for name in unit.names() {
            codes.entry(plain(&name)).or_default().insert(&unit.code);
        }
    }
    codes
}

/// Those that stand now, by their codes.
fn standing<'a>(pack: &'a Pack, w: &Words<'_>) -> BTreeMap<&'a str, &'a Unit> {
    let now = timestamp(w.now);
    pack.units().filter(|unit| unit.exists_at(now)).map(|unit| (unit.code.as_str(), unit)).collect()
}

/// A unit as it is told from others of its name, and as it may be written: above it, its name, its code.
fn whole(code: &str, pack: &Pack, w: &Words<'_>) -> String {
    let above = pack.units_above(code).first().copied().filter(|above| *above != pack.district());
    let above = above.map(|above| format!("{} ", w.unit(above))).unwrap_or_default();
    format!("{above}{} {code}", w.unit(code))
}

/// A unit by its code, its whole name, or both as lists show them.
pub(super) fn unit(text: &str, w: &Words<'_>) -> Result<String, Unnamed> {
    let text = plain(text);
    let Some(pack) = w.pack else { return Err(Unnamed::Nothing(Vec::new())) };
    let (before, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", &text));
    let mut coded = pack.units().filter(|unit| {
        plain(&unit.code) == last && (before.is_empty() || before.trim_end().ends_with(&plain(&unit.name)))
    });
    if let Some(unit) = coded.next() {
        return Ok(unit.code.clone());
    }
    let standing = by_name(standing(pack, w).into_values());
    // People go on using the name of a unit that is no more, but not where it is another's now.
    let found = standing.get(&text).cloned().or_else(|| by_name(pack.units()).remove(&text));
    let listed = |codes: BTreeSet<&str>| codes.into_iter().map(|code| whole(code, pack, w)).collect();
    match found {
        Some(codes) if codes.len() == 1 => Ok(codes.into_iter().collect()),
        Some(codes) => Err(Unnamed::Several(listed(codes))),
        None if text.is_empty() => Err(Unnamed::Nothing(Vec::new())),
        None => {
            let like = standing.iter().filter(|(name, _)| name.contains(&text));
            let like: BTreeSet<&str> = like.flat_map(|(_, codes)| codes.iter().copied()).collect();
            Err(Unnamed::Nothing(listed(like)))
        }
    }
}

/// The units that stand now, for a form's list: what it writes into the field, and what tells it from others. Each is found
/// again by what is written: its name, with the code where the name is not enough.
pub(super) fn units(w: &Words<'_>) -> Vec<(String, String)> {
    let Some(pack) = w.pack else { return Vec::new() };
    let all = standing(pack, w);
    let names = by_name(all.values().copied());
    let listed = all.iter().map(|(code, unit)| match names.get(&plain(&unit.name)).map(BTreeSet::len) {
        Some(1) => (unit.name.clone(), (*code).to_owned()),
        _ => (format!("{} {code}", unit.name), whole(code, pack, w)),
    });
    listed.collect()
}

/// A category by its code or its name.
pub(super) fn category(text: &str, w: &Words<'_>) -> Option<String> {
    let (text, pack) = (plain(text), w.pack?);
    let known = pack.categories().iter().map(|category| category.code.clone());
    let mut found = known.filter(|code| plain(code) == text || plain(&w.named("category", code)) == text);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Somebody of these by number, or by a name that only one of them has.
pub(super) fn worker(text: &str, people: &[Person]) -> Result<WorkerId, Unnamed> {
    let text = plain(text);
    if let Some(person) = people.iter().find(|person| plain(&person.worker.to_string()) == text) {
        return Ok(person.worker);
    }
    let named: Vec<&Person> = people.iter().filter(|person| plain(&person.name) == text).collect();
    let listed = |person: &&Person| format!("{} {}", person.name, person.worker);
    match named[..] {
        [one] => Ok(one.worker),
        [] => Err(Unnamed::Nothing(Vec::new())),
        _ => Err(Unnamed::Several(named.iter().map(listed).collect())),
    }
}

/// A case that the person may see, by its id, its address, or the number on every page.
pub(super) async fn case<S: Store>(
    app: &App<S>,
    person: &Person,
    text: &str,
) -> Result<Result<DocumentId, Unnamed>, Problem> {
    let nothing = || Ok(Err(Unnamed::Nothing(Vec::new())));
    let text = plain(text);
    let last = text.rsplit('/').next().unwrap_or(&text);
    if let Ok(id) = last.parse() {
        return Ok(Ok(id));
    }
    let numbered = last.split_once('-').is_some_and(|(day, end)| day.len() == 8 && end.len() == 6);
    let Some(typed) = typed(last, &person.district, app.centre.keys()).filter(|_| numbered) else {
        return nothing();
    };
    let words = Some(typed.expr.clone());
    let ask = Ask { words, order: Order::Registered, limit: limits::LIST_ROWS, ..Ask::default() };
    let found = app.centre.find(person, super::filter::KIND, ask, Some(&typed)).await?;
    let mut hits = found.hits.iter().filter(|hit| hit.row.number() == last);
    // Two of one number are as good as none: the number says no more about either.
    match (hits.next(), hits.next()) {
        (Some(hit), None) => Ok(Ok(hit.row.document)),
        _ => nothing(),
    }
}

#[cfg(test)]
mod tests {
    use doorstep_policy::embedded_bazhou;

    use super::*;
    use crate::http::strings::{Lang, Strings};
    use crate::policies::Packs;

    const NOW: i64 = 1_795_255_200_000;

    /// In the built-in district, as of November 2026.
    fn said(check: impl Fn(&Words<'_>)) {
        let pack = Pack::load(&embedded_bazhou()).expect("the embedded pack loads");
        let strings = Strings::of(&Packs::default());
        let desk = strings.desk(Lang::Zh);
        check(&Words {
            lang: Lang::Zh,
            desk,
            record: desk,
            district: None,
            pack: Some(&pack),
            now: NOW,
            people: Default::default(),
        });
    }

    #[test]
    fn whatever_a_list_writes_is_found_again() {
        said(|w| {
            let pack = w.pack.expect("a pack");
            let listed = units(w);
            assert_eq!(listed.len(), standing(pack, w).len(), "every unit that stands is listed");
            assert!(
                listed.iter().any(|(_, other)| other.contains(' ')),
                "some are told apart by what is above"
            );
            let found: BTreeSet<String> = listed
                .iter()
                .map(|(written, _)| unit(written, w).unwrap_or_else(|no| panic!("{written}: {no:?}")))
                .collect();
            assert_eq!(found.len(), listed.len(), "each is another one");
        });
    }

    #[test]
    fn a_name_of_two_units_is_answered_with_both_and_each_answer_is_found() {
        said(|w| {
            let Err(Unnamed::Several(both)) = unit("宝珠村民委员会", w) else {
                panic!("two have that name")
            };
            assert_eq!(both.len(), 2);
            for one in &both {
                let code = unit(one, w).expect("as it was told");
                assert!(one.ends_with(&code), "{one}: {code}");
            }
            assert!(Unnamed::Several(both.clone()).told("unit", "宝珠村民委员会", w).contains(&both[1]));
            assert_eq!(unit("宝珠村", w), Err(Unnamed::Several(both.clone())), "as people call them");
            let Err(Unnamed::Nothing(like)) = unit("宝珠", w) else { panic!("no unit has that name") };
            assert_eq!(like, both);
            assert_eq!(unit("住建局", w).as_deref(), Ok("511902-housing"));
            assert_eq!(unit("没有这个单位", w), Err(Unnamed::Nothing(Vec::new())));
        });
    }

    #[test]
    fn a_code_beside_another_units_name_is_not_taken_for_either() {
        said(|w| {
            assert_eq!(unit(" 化成镇　511902104 ", w).as_deref(), Ok("511902104"));
            assert_eq!(unit("曾口镇 511902105", w).as_deref(), Ok("511902105"));
            assert_eq!(unit("５１１９０２１０５", w).as_deref(), Ok("511902105"));
            assert_eq!(unit("化成镇 511902105", w), Err(Unnamed::Nothing(Vec::new())));
        });
    }
}
