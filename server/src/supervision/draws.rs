//! Draws for spot checks: committed, drawn, inspected.
//!
//! A draw's seed is fixed, and its digest published, before anybody knows what will have been closed at the cut-off; at
//! the draw somebody says words that whoever fixed the seed could not know. Handlers learn of it by the finding.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use doorstep_policy::supervision::{commitment, draw, population_digest};
use doorstep_policy::{DrawRule, Pack};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, WorkerId};

use super::acts::{Act, DRAW, Entry, busy};
use super::{Rights, SupervisionError};
use crate::clock::random;
use crate::limits;
use crate::pipeline::Centre;
use crate::store::oversight::Period;
use crate::store::{Kept, Person, Store};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// A draw, as whoever may draw sees it.
#[derive(Clone, Debug)]
pub struct DrawView {
    /// Its number: that of the act in the journal.
    pub n: u64,
    /// The rule of the pack.
    pub rule: String,
    /// Among the cases of this compartment alone.
    pub compartment: Option<String>,
    /// Cases closed in this period.
    pub period: Period,
    /// At most so many.
    pub size: u32,
    /// Digest of the seed, published when it was fixed.
    pub commitment: String,
    /// Who fixed it, and when.
    pub committed: (WorkerId, Millis),
    /// What came of it.
    pub done: Option<Done>,
}

/// A draw that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// The seed.
    pub seed: String,
    /// Words that were said at the draw.
    pub words: String,
    /// By whom, and when.
    pub by: (WorkerId, Millis),
    /// Every case of the population.
    pub population: Vec<DocumentId>,
    /// Their digest.
    pub digest: String,
    /// Those drawn, in order.
    pub drawn: Vec<Drawn>,
}

/// A case that was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The case.
    pub document: DocumentId,
    /// Whether its resolution holds, and when that was found.
    pub found: Option<(bool, Millis)>,
}

/// Draws from acts of the journal, by number.
pub(crate) fn of(entries: &[Entry]) -> BTreeMap<u64, DrawView> {
    let mut draws: BTreeMap<u64, DrawView> = BTreeMap::new();
    let mut seeds: BTreeMap<u64, &String> = BTreeMap::new();
    for Entry { row, act } in entries {
        let Ok(n) = row.topic.parse::<u64>() else { continue };
        match act {
            Act::DrawCommitted { rule, compartment, from, to, size, commitment, seed, .. } => {
                seeds.insert(n, seed);
                let view = DrawView {
                    n,
                    rule: rule.clone(),
                    compartment: compartment.clone(),
                    period: Period { from: *from, to: *to },
                    size: *size,
                    commitment: commitment.clone(),
                    committed: (row.worker, row.at),
                    done: None,
                };
                draws.insert(n, view);
            }
            Act::DrawDone { words, population, digest, drawn, .. } => {
                if let (Some(view), Some(seed)) = (draws.get_mut(&n), seeds.get(&n)) {
                    view.done = Some(Done {
                        seed: (*seed).clone(),
                        words: words.clone(),
                        by: (row.worker, row.at),
                        population: population.clone(),
                        digest: digest.clone(),
                        drawn: drawn.iter().map(|d| Drawn { document: *d, found: None }).collect(),
                    });
                }
            }
            Act::Inspected { document, holds, .. } => {
                let done = draws.get_mut(&n).and_then(|view| view.done.as_mut());
                let drawn = done.and_then(|done| done.drawn.iter_mut().find(|d| d.document == *document));
                if let Some(drawn) = drawn {
                    drawn.found = Some((*holds, row.at));
                }
            }
            _ => {}
        }
    }
    draws
}

/// Whether somebody may draw by this rule, among the cases of this compartment or of none.
fn may(person: &Person, pack: &Pack, rule: &DrawRule, compartment: Option<&str>) -> bool {
    let role = rule.roles.iter().any(|role| role == person.role.name());
    let stands = match compartment {
        None => Rights::of(person, pack).acts,
        Some(id) => pack.compartment_unit(id) == Some(person.unit.as_str()),
    };
    role && stands && person.ended.is_none()
}

impl<S: Store> Centre<S> {
    /// The rules by which a person may draw now, each with the compartment that it is among.
    pub fn draw_rules(&self, person: &Person) -> Kept<Vec<(DrawRule, Option<String>)>> {
        let pack = self.pack(&person.district)?;
        let inside = pack.compartments_of(&person.unit).map(str::to_owned);
        let places: Vec<Option<String>> = std::iter::once(None).chain(inside.map(Some)).collect();
        let pairs =
            pack.draws().flat_map(|rule| places.iter().map(move |place| (rule.clone(), place.clone())));
        Ok(pairs.filter(|(rule, place)| may(person, &pack, rule, place.as_deref())).collect())
    }

    /// Whether there can be draws that a person sees.
    pub fn sees_draws(&self, person: &Person) -> Kept<bool> {
        let pack = self.pack(&person.district)?;
        Ok(Rights::of(person, &pack).whole || pack.compartments_of(&person.unit).next().is_some())
    }

    /// The draws that a person may see, the newest first.
    pub async fn draws(&self, person: &Person) -> Result<Vec<DrawView>, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let entries = self.acts_of(&person.district, DRAW, None).await?;
        let views = of(&entries).into_values().rev();
        Ok(views.filter(|view| sees(person, &pack, view)).collect())
    }

    /// One draw.
    pub async fn draw(&self, person: &Person, n: u64) -> Result<DrawView, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let entries = self.acts_of(&person.district, DRAW, Some(&n.to_string())).await?;
        let view = of(&entries).remove(&n).filter(|view| sees(person, &pack, view));
        view.ok_or(SupervisionError::NotFound)
    }

    /// Fixes a draw: its seed, its size and its cut-off. Where one of that rule is fixed and not drawn, it is that one.
    pub async fn commit_draw(
        &self,
        person: &Person,
        rule: &str,
        compartment: Option<&str>,
    ) -> Result<u64, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let rule = pack.draws().find(|known| known.id == rule).ok_or(SupervisionError::NotFound)?;
        if !may(person, &pack, &rule, compartment) {
            return Err(SupervisionError::NotFound);
        }
        // One at a time: with two, whoever draws could choose between two seeds.
        let entries = self.acts_of(&person.district, DRAW, None).await?;
        let same = |view: &&DrawView| view.rule == rule.id && view.compartment.as_deref() == compartment;
        if let Some(open) = of(&entries).values().filter(same).find(|view| view.done.is_none()) {
            return Ok(open.n);
        }
        let seed = HEXLOWER.encode(&random::<32>(&**self.source()));
        let notice = i64::try_from(rule.notice.as_millis()).unwrap_or(0);
        // To the second: closing times are read by the second.
        let to = (self.now() + notice + 999) / 1000 * 1000;
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let act = Act::DrawCommitted {
                rule: rule.id.clone(),
                policy: pack.id().to_owned(),
                compartment: compartment.map(str::to_owned),
                from: to - i64::from(rule.days) * DAY_MS,
                to,
                size: rule.size,
                commitment: commitment(&person.district, last + 1, &seed),
                seed: seed.clone(),
            };
            if self.record(person, (DRAW, &(last + 1).to_string()), &act, last).await? {
                return Ok(last + 1);
            }
        }
        Err(busy().into())
    }

    /// Draws: from what was closed before the cut-off, with the words that are said now.
    pub async fn reveal_draw(&self, person: &Person, n: u64, words: &str) -> Result<(), SupervisionError> {
        let words = words.trim();
        // They are what whoever fixed the seed could not know: without them the draw was made when it was fixed.
        if words.is_empty() {
            return Err(SupervisionError::Reason);
        }
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let view = self.may_draw(person, n).await?;
            if view.done.is_some() {
                return Err(SupervisionError::Done);
            }
            if self.now() < view.period.to {
                return Err(SupervisionError::NotYet(view.period.to));
            }
            let entries = self.acts_of(&person.district, DRAW, Some(&n.to_string())).await?;
            let seed = entries.iter().find_map(|entry| match &entry.act {
                Act::DrawCommitted { seed, .. } => Some(seed.clone()),
                _ => None,
            });
            let seed = seed.ok_or(SupervisionError::NotFound)?;
            let (population, seq) = self.population(person, &view).await?;
            let texts: Vec<String> = population.iter().map(ToString::to_string).collect();
            let ids = || texts.iter().map(String::as_str);
            let drawn = draw(&seed, words, ids(), view.size as usize);
            let drawn: Vec<DocumentId> = drawn.iter().filter_map(|id| id.parse().ok()).collect();
            let digest = population_digest(ids());
            let act =
                Act::DrawDone { words: words.to_owned(), population, digest, drawn, seq, at_cutoff: true };
            if self.record(person, (DRAW, &n.to_string()), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    /// What an inspection found of a drawn case: a command on the case, and an act of the draw.
    pub async fn inspect(
        &self,
        person: &Person,
        (n, document): (u64, DocumentId),
        (holds, reason): (bool, &str),
        id: [u8; 16],
    ) -> Result<(), SupervisionError> {
        let view = self.may_draw(person, n).await?;
        let done = view.done.ok_or(SupervisionError::NotFound)?;
        let drawn = done.drawn.iter().find(|drawn| drawn.document == document);
        match drawn {
            None => return Err(SupervisionError::NotFound),
            Some(drawn) if drawn.found.is_some() => return Err(SupervisionError::Done),
            Some(_) => {}
        }
        let result = if holds { "holds" } else { "false" };
        let mut args = vec![("result".to_owned(), result.to_owned()), ("draw".to_owned(), n.to_string())];
        if !reason.trim().is_empty() {
            args.push(("reason".to_owned(), reason.trim().to_owned()));
        }
        let command = Command { id, document, name: "inspect".to_owned(), args, made: self.now() };
        let decision = match self.act(person, command).await? {
            ActOutcome::Decided { n } => n,
            ActOutcome::Refused { rule, message } => return Err(SupervisionError::Refused { rule, message }),
        };
        let act = Act::Inspected { document, holds, decision };
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let view = self.may_draw(person, n).await?;
            let found = view
                .done
                .iter()
                .flat_map(|done| &done.drawn)
                .any(|d| d.document == document && d.found.is_some());
            if found || self.record(person, (DRAW, &n.to_string()), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    async fn may_draw(&self, person: &Person, n: u64) -> Result<DrawView, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let view = self.draw(person, n).await?;
        let rule = pack.draws().find(|rule| rule.id == view.rule).ok_or(SupervisionError::NotFound)?;
        let may = may(person, &pack, &rule, view.compartment.as_deref());
        if may { Ok(view) } else { Err(SupervisionError::NotFound) }
    }

    /// The population of a draw, and the feed's sequence up to which it was looked at: nothing came in between.
    async fn population(&self, person: &Person, view: &DrawView) -> Kept<(Vec<DocumentId>, u64)> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let before = self.store().head(&person.district).await?;
            let inside = view.compartment.as_deref();
            let found = self.store().closed_in(&person.district, view.period, inside).await?;
            if self.store().head(&person.district).await? == before {
                return Ok((found, before));
            }
        }
        Err(busy())
    }
}

/// Draws are seen by whoever supervises the whole district; those inside a compartment by its own unit alone.
fn sees(person: &Person, pack: &Pack, view: &DrawView) -> bool {
    match view.compartment.as_deref() {
        None => Rights::of(person, pack).whole,
        Some(id) => pack.compartment_unit(id) == Some(person.unit.as_str()),
    }
}
