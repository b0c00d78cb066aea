//! What the centre adds to a command: what it knows of the cases and workers that the command names.
//!
//! A caller's own word for any of it is dropped. Of a case that the person may not see nothing is said, as if it were not
//! there; of a worker only what the command needs.

use std::collections::BTreeMap;

use doorstep_policy::{Directive, Pack, STANDING_IN};
use doorstep_protocol::documents::{Kind, Role, is_blank};
use doorstep_protocol::wire::Command;
use doorstep_protocol::{DocumentId, WorkerId};

use super::Centre;
use super::case::{Case, timestamp};
use crate::authorize::{Wish, authorize, concerns};
use crate::finding::{key_form, normal};
use crate::limits;
use crate::store::{CaseRow, Kept, Person, Store};

/// Arguments that name a case or a worker; what is known of them goes under `NAME.WHAT`.
const CASES: [&str; 2] = ["lead", "of"];
const WITNESS: &str = "witness";
const WORKERS: [&str; 2] = ["worker", "deputy"];

/// Arguments that are numbers.
const NUMBERS: [&str; 3] = ["days", "attempts", "count"];

type Args = BTreeMap<String, String>;

impl<S: Store> Centre<S> {
    /// The arguments that policy decides on.
    pub(super) async fn arguments(
        &self,
        person: &Person,
        (case, pack): (&Case, &Pack),
        command: &Command,
    ) -> Kept<Args> {
        let centres_own = |key: &str| {
            CASES
                .iter()
                .chain(&WORKERS)
                .chain([&STANDING_IN])
                .any(|name| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        };
        // What nobody can see says nothing.
        let given = command.args.iter().filter(|(key, text)| !centres_own(key) && !is_blank(text));
        let mut args: Args = given.cloned().collect();
        for name in NUMBERS {
            if let Some(number) = args.get_mut(name) {
                // Digits as an input method for Chinese writes them are digits.
                *number = normal(number.trim());
            }
        }
        for name in CASES {
            self.about_case(person, (case, pack), name, &mut args).await?;
        }
        if args.contains_key(WITNESS) {
            // Nobody is their own witness, by whatever name, nor is whoever has the case or claimed it.
            let life = case.decisions.last().map(|last| &last.life);
            let theirs = life.into_iter().flat_map(|life| [&life.claimed_by, &life.worker]).flatten();
            let theirs = theirs.filter_map(|worker| worker.parse().ok()).collect();
            let people = self.store.persons(theirs).await?;
            let names = people.iter().chain([person]).flat_map(|of| [of.name.clone(), of.worker.to_string()]);
            let names: Vec<String> = names.map(|name| key_form(&name)).collect();
            args.retain(|key, value| key != WITNESS || !names.contains(&key_form(value)));
        }
        for name in WORKERS {
            self.about_worker((case, pack), name, &mut args).await?;
        }
        if command.name == "recuse" && self.is_last(person, (case, pack), &args).await? {
            args.insert(format!("{}.alone", WORKERS[0]), "yes".into());
        }
        Ok(args)
    }

    /// Whether nobody else who works here sees what is in a compartment once this one acts on it no more.
    async fn is_last(&self, person: &Person, (case, pack): (&Case, &Pack), args: &Args) -> Kept<bool> {
        if case.row.audience.as_ref().is_none_or(|audience| audience.compartment.is_none()) {
            return Ok(false);
        }
        let gone = args.get(WORKERS[0]).and_then(|id| id.parse().ok()).unwrap_or(person.worker);
        let people = self.store.people(&case.row.district).await?;
        let mut left = people.iter().filter(|other| other.worker != gone && other.ended.is_none());
        Ok(!left.any(|other| {
            other.role != Role::Auditor && authorize(other, Wish::Read, Some((&case.row, pack)))
        }))
    }

    async fn about_case(
        &self,
        person: &Person,
        (case, pack): (&Case, &Pack),
        name: &str,
        args: &mut Args,
    ) -> Kept<()> {
        let Some(id) = args.get(name).and_then(|id| id.trim().parse::<DocumentId>().ok()) else {
            return Ok(());
        };
        args.insert(name.to_owned(), id.to_string());
        let row = self.store.row(id).await?.filter(|row| row.kind == Kind::Case);
        let Some(row) = row.filter(|row| authorize(person, Wish::Read, Some((row, pack)))) else {
            return Ok(());
        };
        let mut say = |what: &str, value: String| args.insert(format!("{name}.{what}"), value);
        say("known", "yes".into());
        if let Some(compartment) = row.audience.and_then(|audience| audience.compartment) {
            say("compartment", compartment);
        }
        if name != "lead" {
            return Ok(());
        }
        say("registered", timestamp(row.registered).to_string());
        if let Some(above) = row.life.lead {
            say("lead", above);
        }
        let followers = self.followers(&case.row).await?;
        if followers > 0 {
            say("followers", followers.to_string());
        }
        Ok(())
    }

    /// How many cases follow this one. One that has gone into a compartment since follows nobody, and nobody is told of it.
    async fn followers(&self, of: &CaseRow) -> Kept<usize> {
        let lead = of.document.to_string();
        let mut followers = 0;
        for document in self.store.naming(of.document).await?.into_iter().take(limits::LIST_ROWS) {
            let row = self.store.row(document).await?;
            let open =
                |row: &CaseRow| row.audience.as_ref().is_none_or(|audience| audience.compartment.is_none());
            followers +=
                usize::from(row.is_some_and(|row| open(&row) && row.life.lead.as_ref() == Some(&lead)));
        }
        Ok(followers)
    }

    async fn about_worker(&self, (case, pack): (&Case, &Pack), name: &str, args: &mut Args) -> Kept<()> {
        let Some(worker) = args.get(name).and_then(|id| id.trim().parse::<WorkerId>().ok()) else {
            return Ok(());
        };
        args.insert(name.to_owned(), worker.to_string());
        let Some(named) = self.person(worker).await?.filter(|named| named.district == case.row.district)
        else {
            return Ok(());
        };
        let mut say = |what: &str, value: String| args.insert(format!("{name}.{what}"), value);
        if let Some(away) = self.away(&named.district, named.worker).await? {
            say("away", crate::absences::shown(away.until));
            say("deputy", away.deputy.to_string());
        }
        if concerns(&named, &case.row, pack) {
            say("concerned", "yes".into());
        }
        say("unit", named.unit);
        Ok(())
    }
}

/// Whether somebody who refers a case had it in the state that they name, and lost it to another referral that nobody
/// told them of. Whom it concerns never had it.
pub(super) fn saw_when_referring(case: &Case, pack: &Pack, person: &Person, command: &Command) -> bool {
    let seen = command.args.iter().find(|(key, _)| key == "seen").and_then(|(_, n)| n.parse::<u32>().ok());
    let open = case.row.audience.as_ref().is_some_and(|audience| audience.compartment.is_none());
    let Some(seen) = seen.filter(|_| open && command.name == "refer" && person.role.writes()) else {
        return false;
    };
    let had = |d: &doorstep_policy::Decision| {
        d.n == seen && d.audience.compartment.is_none() && d.audience.units.contains(&person.unit)
    };
    let crossed = case.decisions.iter().any(|d| d.n > seen && d.directive == Directive::Refer);
    let district = person.district == case.row.district && person.ended.is_none();
    district && crossed && !concerns(person, &case.row, pack) && case.decisions.iter().any(had)
}
