//! The weekly account (报账制): given by units with evidence, sent back or accepted by whoever supervises.
//!
//! Evidence is a file that has arrived under a case that was claimed in the week: nothing else counts. Who is missing is
//! shown as missing.

use doorstep_policy::Pack;
use doorstep_policy::supervision::{Account, AccountState, Week};
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash, WorkerId};
use jiff::civil::Date;

use super::acts::{ACCOUNT, Act, Entry, busy};
use super::{Rights, SupervisionError};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::pipeline::{Centre, timestamp};
use crate::store::arrivals::ArrivalRow;
use crate::store::oversight::Period;
use crate::store::{CaseRow, Kept, Person, Store};

/// A week of accounts, as somebody may see it.
#[derive(Clone, Debug)]
pub struct AccountsView {
    /// The week.
    pub week: Week,
    /// The accounts of the units that the person may see, by code.
    pub accounts: Vec<AccountView>,
    /// The person's unit, where it accounts and they may give its account now.
    pub own: Option<String>,
    /// Whether the person judges accounts.
    pub judges: bool,
}

/// One unit's account.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The unit.
    pub unit: String,
    /// Where it stands.
    pub state: AccountState,
    /// When it was last given, and by whom.
    pub given: Option<(WorkerId, Millis)>,
    /// Its evidence.
    pub evidence: Vec<(DocumentId, Hash)>,
    /// Cases claimed in the week, as it was given.
    pub claimed: Option<u64>,
    /// In the unit's own words.
    pub note: String,
    /// Why it was sent back.
    pub reason: Option<String>,
}

/// A case that was claimed in the week, with the files that can be shown for it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The case.
    pub row: CaseRow,
    /// Its files.
    pub files: Vec<ArrivalRow>,
}

fn account(entries: &[Entry], unit: &str, week: &Week, now: Millis) -> AccountView {
    let mut view = AccountView {
        unit: unit.to_owned(),
        state: AccountState::Awaited,
        given: None,
        evidence: Vec::new(),
        claimed: None,
        note: String::new(),
        reason: None,
    };
    let mut acts = Vec::new();
    for Entry { row, act } in entries {
        let at = timestamp(row.at);
        match act {
            Act::AccountSubmitted { evidence, claimed, note } if row.unit == unit => {
                acts.push(Account::Submitted(at));
                view.given = Some((row.worker, row.at));
                (view.evidence, view.note) = (evidence.clone(), note.clone());
                (view.claimed, view.reason) = (Some(*claimed), None);
            }
            Act::AccountReturned { unit: of, reason } if of == unit => {
                acts.push(Account::Returned(at));
                view.reason = Some(reason.clone());
            }
            Act::AccountAccepted { unit: of } if of == unit => acts.push(Account::Accepted(at)),
            _ => {}
        }
    }
    view.state = AccountState::after(&acts, week, timestamp(now));
    view
}

impl<S: Store> Centre<S> {
    /// The week with this account day; the one that is due next where none is named.
    pub fn account_week(&self, district: &str, day: Option<Date>) -> Result<Week, SupervisionError> {
        let pack = self.pack(district)?;
        let week = match day {
            Some(day) => pack.account_week_of(day),
            None => pack.account_week(timestamp(self.now())),
        };
        week.ok_or(SupervisionError::NotFound)
    }

    /// Whether there are accounts that a person sees.
    pub fn sees_accounts(&self, person: &Person) -> Kept<bool> {
        let pack = self.pack(&person.district)?;
        let whole = Rights::of(person, &pack).whole;
        let mut units = pack.accounting_units().into_iter();
        let seen = units.any(|unit| whole || pack.is_within(unit, &person.unit));
        Ok(seen && authorize(person, Wish::Desk, None) && pack.account_week(timestamp(self.now())).is_some())
    }

    /// The accounts of a week: all of them for whoever sees the district, else the person's own unit's.
    pub async fn accounts(
        &self,
        person: &Person,
        day: Option<Date>,
    ) -> Result<AccountsView, SupervisionError> {
        let pack = self.pack(&person.district)?;
        if !authorize(person, Wish::Desk, None) {
            return Err(SupervisionError::NotFound);
        }
        let (rights, week, now) =
            (Rights::of(person, &pack), self.account_week(&person.district, day)?, self.now());
        let entries = self.acts_of(&person.district, ACCOUNT, Some(&week.day.to_string())).await?;
        let units = pack.accounting_units();
        let seen = units.into_iter().filter(|unit| rights.whole || pack.is_within(unit, &person.unit));
        let accounts: Vec<AccountView> = seen.map(|unit| account(&entries, unit, &week, now)).collect();
        if accounts.is_empty() {
            return Err(SupervisionError::NotFound);
        }
        let mine = accounts.iter().find(|account| account.unit == person.unit);
        let own = mine.filter(|account| may_give(person, account.state)).map(|account| account.unit.clone());
        Ok(AccountsView { week, accounts, own, judges: rights.acts })
    }

    /// Cases of the person's unit and of what lies in its town that were claimed in the week, with their files.
    pub async fn account_pieces(&self, person: &Person, week: &Week) -> Kept<Vec<Piece>> {
        let pack = self.pack(&person.district)?;
        let period =
            Period { from: week.from.as_millisecond(), to: week.due.as_millisecond().max(self.now()) };
        let units = accounted(&pack, &person.unit);
        let claimed = self.store().claimed_by(&person.district, &units, period).await?;
        let mut pieces = Vec::new();
        for document in claimed.into_iter().take(limits::LIST_ROWS) {
            let Some(row) = self.store().row(document).await? else { continue };
            if authorize(person, Wish::Look, Some((&row, &pack))) {
                let files = self.store().arrivals(document).await?;
                pieces.push(Piece { row, files });
            }
        }
        Ok(pieces)
    }

    /// Gives the account of the person's unit.
    pub async fn submit_account(
        &self,
        person: &Person,
        day: Date,
        evidence: Vec<(DocumentId, Hash)>,
        note: &str,
    ) -> Result<(), SupervisionError> {
        let pack = self.pack(&person.district)?;
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let view = self.accounts(person, Some(day)).await?;
            // Of a week that has not begun there is nothing to give account of.
            if timestamp(self.now()) < view.week.from {
                return Err(SupervisionError::NotYet(view.week.from.as_millisecond()));
            }
            if view.own.is_none() {
                let given = view.accounts.iter().any(|account| account.unit == person.unit);
                return Err(if given { SupervisionError::Done } else { SupervisionError::NotFound });
            }
            let pieces = self.account_pieces(person, &view.week).await?;
            let there = |(document, hash): &(DocumentId, Hash)| {
                let piece = pieces.iter().find(|piece| piece.row.document == *document);
                piece.is_some_and(|piece| piece.files.iter().any(|file| file.hash == *hash))
            };
            let mut evidence: Vec<_> = evidence.iter().copied().filter(there).collect();
            evidence.sort_unstable();
            evidence.dedup();
            let wanted = pack.account_evidence();
            if !pieces.is_empty() && evidence.len() < wanted as usize {
                return Err(SupervisionError::Evidence(wanted));
            }
            let (claimed, note) = (pieces.len() as u64, note.trim().to_owned());
            let act = Act::AccountSubmitted { evidence, claimed, note };
            if self.record(person, (ACCOUNT, &day.to_string()), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    /// Accepts an account that was given, or sends it back with a reason.
    pub async fn judge_account(
        &self,
        person: &Person,
        (day, unit): (Date, &str),
        back: Option<&str>,
    ) -> Result<(), SupervisionError> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let view = self.accounts(person, Some(day)).await?;
            let account = view.accounts.iter().find(|account| account.unit == unit).filter(|_| view.judges);
            let account = account.ok_or(SupervisionError::NotFound)?;
            if !matches!(account.state, AccountState::Submitted | AccountState::Late) {
                return Err(SupervisionError::Done);
            }
            let unit = unit.to_owned();
            let act = match back.map(str::trim) {
                Some("") => return Err(SupervisionError::Reason),
                Some(reason) => Act::AccountReturned { unit, reason: reason.to_owned() },
                None => Act::AccountAccepted { unit },
            };
            if self.record(person, (ACCOUNT, &day.to_string()), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }
}

fn may_give(person: &Person, state: AccountState) -> bool {
    let role = matches!(person.role, Role::Handler | Role::Reviewer | Role::Leader);
    role && matches!(state, AccountState::Awaited | AccountState::Missing | AccountState::Returned)
}

/// The units whose claims an accounting unit answers for: itself, and where it stands beside or over others of its
/// town, these.
fn accounted(pack: &Pack, unit: &str) -> Vec<String> {
    let town = pack.town_of(unit).unwrap_or(unit).to_owned();
    let mut units: Vec<String> = pack
        .units()
        .filter(|of| of.code == unit || pack.is_within(&of.code, &town))
        .map(|of| of.code.clone())
        .collect();
    units.dedup();
    units
}
