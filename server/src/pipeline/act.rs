//! Commands of people on cases: refer, accept, claim, ... Policy decides, or refuses and names the rule.
//!
//! Given on a device or at the desk, by the same function. A command acts on the last decided
//! projection, never on a case that has not settled.

use std::collections::BTreeMap;

use doorstep_policy::{Actor, Cause, OWN_UNIT, Offer, Pack, Projection, STANDING_IN, offered};
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, WorkerId};
use sha2::{Digest, Sha256};

use super::case::{Case, timestamp};
use super::proofs::proofs;
use super::{Centre, Session, arguments, settle};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::store::{Aside, CaseRow, CommandRow, Kept, Person, Row, Store, StoreError};

/// Commands of whoever is set over the district, beside those that the pack gives to supervisors: for these it is enough to
/// look at the case.
const OVER: [&str; 2] = ["urge", "inspect"];

/// What of a case somebody had before them who gives a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsRead {
    /// All of it, at this version.
    Version(u64),
    /// What was decided last: what has come since may be read along, what has been decided since may not be missed.
    Decision(u32),
}

impl AsRead {
    fn stands(self, case: &Case) -> bool {
        match self {
            Self::Version(version) => version == case.row.version,
            Self::Decision(n) => case.decisions.last().is_none_or(|last| last.n == n),
        }
    }
}

/// The rule that refuses a command for another version of the case than stands.
pub const MOVED: &str = "command.moved";

/// The rule that refuses while the centre is recovering, and what it says.
pub(crate) const STILL_RECOVERING: (&str, &str) =
    ("centre.recovering", "the centre was restored and decides nothing yet; give the command again later");

const TAKEN: &str =
    "this number was given to another command; nothing was done, give it again with a new one";

const NONE: &str = "there is no such case, or it is not yours to act on";

impl<S: Store> Centre<S> {
    /// Decides on a command, once: repeating it gives the first answer.
    pub async fn act(&self, person: &Person, command: Command) -> Kept<ActOutcome> {
        self.act_at(person, command, None).await
    }

    /// The same, if the case still stands as it was read. Where it does not, [`MOVED`] refuses, and that is not kept: the
    /// command may come again.
    pub async fn act_at(&self, person: &Person, command: Command, read: Option<AsRead>) -> Kept<ActOutcome> {
        if let Some(before) = self.store.command(command.id).await? {
            // An id is of one command: whoever gives it to another would take the first one's answer for that of the second.
            return Ok(if is_same(&before, person, &command) {
                outcome(&before)
            } else {
                refused("command.id", TAKEN)
            });
        }
        for _ in 0..limits::CAS_ATTEMPTS {
            if let Some(row) = Box::pin(self.attempt_act(person, (&command, read))).await? {
                return Ok(outcome(&row));
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }

    /// A command that came on a session: from whoever its person is now. A session may last for days.
    pub async fn act_on(&self, session: &Session, command: Command) -> Kept<ActOutcome> {
        match self.person(session.person.worker).await? {
            Some(person) => self.act(&person, command).await,
            None => Ok(refused("right.none", NONE)),
        }
    }

    /// What a person may do with a case now, and of the rest why not. Nothing where they may not write. In whose place they
    /// would, where that is not their own: `person` has the unit and role of `of` then ([`Centre::in_place_of`]).
    pub async fn offers(
        &self,
        person: &Person,
        (document, of): (DocumentId, Option<WorkerId>),
    ) -> Kept<Vec<Offer>> {
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Ok(Vec::new()) };
        let pack = &self.pack_of(&case)?;
        let about = (&case.row, &**pack);
        let looks = person.role.writes() && authorize(person, Wish::Look, Some(about));
        let may = !self.recovering() && looks;
        let offers = match case.decisions.last().filter(|_| may) {
            None => Vec::new(),
            Some(last) => {
                let worker = person.worker.to_string();
                // Whoever stands in for somebody is shown here with the other's unit.
                let own =
                    self.person(person.worker).await?.map_or_else(|| person.unit.clone(), |own| own.unit);
                let (unit, role) = (&person.unit, person.role.name());
                let of = of.map(|of| of.to_string());
                let actor = Actor { worker: &worker, unit, own_unit: &own, role, standing_in: of.as_deref() };
                let projection = Projection { proofs: proofs(&case), ..last.projection.clone() };
                let offers = offered(pack, &projection, &case.decisions, (actor, timestamp(self.now())));
                offers.into_iter().filter(|offer| may_give(person, offer.command, about)).collect()
            }
        };
        self.put_back(case);
        Ok(offers)
    }

    async fn attempt_act(
        &self,
        person: &Person,
        (command, read): (&Command, Option<AsRead>),
    ) -> Kept<Option<CommandRow>> {
        let own_unit = &person.unit;
        let (person, stands_in) = &self.acting(person, command).await?;
        let now = self.now();
        let row = |answer| CommandRow {
            id: command.id,
            worker: person.worker,
            document: command.document,
            name: command.name.clone(),
            said: Some(said(command)),
            answer,
        };
        let no = |rule: &str, message: &str| row(Err((rule.to_owned(), message.to_owned())));
        if self.recovering() {
            // Not kept: the command may come again, and is then decided.
            return Ok(Some(no(STILL_RECOVERING.0, STILL_RECOVERING.1)));
        }
        let (_guard, case) = self.take_stored(command.document).await?;
        // The same command may have come twice at once: the second waited here until the first was decided.
        if let Some(before) =
            self.store.command(command.id).await?.filter(|before| is_same(before, person, command))
        {
            if let Some(case) = case {
                self.put_back(case);
            }
            return Ok(Some(before));
        }
        let Some(mut case) = case else { return self.answer(no("right.none", NONE)).await.map(Some) };
        if read.is_some_and(|read| !read.stands(&case)) {
            self.put_back(case);
            return Ok(Some(no(MOVED, "the case has moved on since you read it")));
        }
        let pack = &self.pack_of(&case)?;
        let Some(projection) = case
            .decisions
            .last()
            .filter(|_| {
                let may = may_give(person, &command.name, (&case.row, pack));
                may || arguments::saw_when_referring(&case, pack, person, command)
            })
            .map(|last| Projection { proofs: proofs(&case), ..last.projection.clone() })
        else {
            self.put_back(case);
            return self.answer(no("right.none", NONE)).await.map(Some);
        };
        let mut args = self.arguments(person, (&case, pack), command).await?;
        if *stands_in {
            args.insert(OWN_UNIT.to_owned(), own_unit.clone());
        } else {
            // Nobody is shown as somebody's deputy who is not.
            args.remove(STANDING_IN);
        }
        let cause = Cause::Command {
            id: hex(&command.id),
            name: command.name.clone(),
            args,
            by_worker: person.worker.to_string(),
            by_unit: person.unit.clone(),
            by_role: person.role.name().to_owned(),
        };
        match case.decide(pack, &projection, cause, now) {
            Ok(Some(decision)) => {
                let answer = row(Ok(decision.n));
                let rows = vec![Row::Decision(Box::new(decision)), Row::Command(answer.clone())];
                settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
                let staged = case.stage(rows);
                Ok(self.commit(case, staged).await?.map(|_| answer))
            }
            Ok(None) => {
                self.put_back(case);
                self.answer(no("command.nothing", "the command changes nothing as the case stands"))
                    .await
                    .map(Some)
            }
            Err(refusal) => {
                self.put_back(case);
                self.answer(no(&refusal.rule, &refusal.message)).await.map(Some)
            }
        }
    }

    /// Who acts: somebody in the place of whoever they stand in for, where the command says so and it is so. And whether
    /// it is so.
    async fn acting(&self, person: &Person, command: &Command) -> Kept<(Person, bool)> {
        let of = command.args.iter().find(|(key, _)| key == STANDING_IN).and_then(|(_, of)| of.parse().ok());
        let standing = match of {
            Some(of) => self.in_place_of(person, (of, command.document)).await?,
            None => None,
        };
        let stands_in = standing.is_some();
        Ok((standing.unwrap_or_else(|| person.clone()), stands_in))
    }

    async fn answer(&self, row: CommandRow) -> Kept<CommandRow> {
        self.store.write(vec![Aside::Command(row.clone())]).await?;
        Ok(row)
    }

    /// Ends the checkouts of a case, for a reason, by somebody who may review.
    pub async fn release(&self, person: &Person, document: DocumentId, reason: &str) -> Kept<bool> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take_stored(document).await?;
            let Some(mut case) = case else { return Ok(false) };
            let pack = &self.pack_of(&case)?;
            let now = self.now();
            if !authorize(person, Wish::Review, Some((&case.row, pack))) || case.checkouts.is_empty() {
                self.put_back(case);
                return Ok(false);
            }
            let mut rows = Vec::new();
            for mut checkout in std::mem::take(&mut case.checkouts) {
                checkout.ended = Some(now);
                rows.push(Row::Checkout(checkout));
            }
            let key = format!("release/{document}/{now}");
            let value =
                serde_json::json!({ "worker": person.worker, "reason": reason, "at": now }).to_string();
            self.store.write(vec![Aside::Setting { key, value }]).await?;
            settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
            let staged = case.stage(rows);
            if self.commit(case, staged).await?.is_some() {
                return Ok(true);
            }
        }
        Err(StoreError::Failed("another writer was always first; try again".into()))
    }
}

/// Whether this is the command that was answered so.
fn is_same(before: &CommandRow, person: &Person, command: &Command) -> bool {
    (before.worker, before.document, before.name.as_str())
        == (person.worker, command.document, command.name.as_str())
        && before.said.is_none_or(|of| of == said(command))
}

fn may_give(person: &Person, name: &str, about: (&CaseRow, &Pack)) -> bool {
    let given =
        OVER.contains(&name) || about.1.is_supervisor(&person.unit) && about.1.gives_supervisors(name);
    let over = given && person.role.writes();
    authorize(person, Wish::Write, Some(about)) || over && authorize(person, Wish::Look, Some(about))
}

/// Digest of what a command says, in whatever order.
fn said(command: &Command) -> [u8; 32] {
    let args: BTreeMap<&str, &str> = command.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    Sha256::digest(serde_json::to_vec(&args).expect("a map of strings always serialises")).into()
}

fn outcome(row: &CommandRow) -> ActOutcome {
    match &row.answer {
        Ok(n) => ActOutcome::Decided { n: *n },
        Err((rule, message)) => refused(rule, message),
    }
}

fn refused(rule: &str, message: &str) -> ActOutcome {
    ActOutcome::Refused { rule: rule.to_owned(), message: message.to_owned() }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
