//! The weekly account (报账制): when it is due, and where one stands.
//!
//! Owns the weeks and the states. Never says what is true in an account; evidence is checked by people.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::Pack;
use crate::clock::{at_hour, beijing_date};

/// One week of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// The account day as the pack names it, whether it is worked or not: the week's name.
    pub day: Date,
    /// First instant of what the account is about: the due time of the week before.
    pub from: Timestamp,
    /// By when it is due; moved to the working day before where the day itself is off.
    pub due: Timestamp,
    /// Years whose calendar is not known.
    pub provisional: bool,
}

/// Where a unit's account of a week stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Not due yet, and not there.
    Awaited,
    /// Due, and not there.
    Missing,
    /// There in time.
    Submitted,
    /// There, after it was due.
    Late,
    /// Sent back with a reason: to be given again.
    Returned,
    /// Accepted by whoever supervises.
    Accepted,
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Awaited, Self::Missing, Self::Submitted, Self::Late, Self::Returned, Self::Accepted];

    /// The code as in JSON and in string files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Missing => "missing",
            Self::Submitted => "submitted",
            Self::Late => "late",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }
}

/// What was done about one account, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// The unit gave it.
    Submitted(Timestamp),
    /// A supervisor sent it back.
    Returned(Timestamp),
    /// A supervisor accepted it.
    Accepted(Timestamp),
}

impl AccountState {
    /// Where an account stands after these acts. One that was first given late stays late until it is accepted.
    pub fn after(acts: &[Account], week: &Week, now: Timestamp) -> Self {
        let first = acts.iter().find_map(|act| match act {
            Account::Submitted(at) => Some(*at),
            Account::Returned(_) | Account::Accepted(_) => None,
        });
        match acts.last() {
            None if now <= week.due => Self::Awaited,
            None => Self::Missing,
            Some(Account::Accepted(_)) => Self::Accepted,
            Some(Account::Returned(_)) => Self::Returned,
            Some(Account::Submitted(_)) if first.is_some_and(|at| at > week.due) => Self::Late,
            Some(Account::Submitted(_)) => Self::Submitted,
        }
    }
}

impl Pack {
    /// The week of accounts that an instant falls into: the one that is due next.
    pub fn account_week(&self, at: Timestamp) -> Option<Week> {
        let rule = self.rules().account.as_ref()?;
        let wanted = rule.weekday.get_ref().civil();
        let mut day = beijing_date(at);
        while day.weekday() != wanted {
            day = day.tomorrow().ok()?;
        }
        // The day moved before this instant: the next one is due.
        let week = self.week_of(day, rule.until)?;
        if week.due >= at { Some(week) } else { self.week_of(plus(day, 7)?, rule.until) }
    }

    /// The week of accounts with this account day.
    pub fn account_week_of(&self, day: Date) -> Option<Week> {
        let rule = self.rules().account.as_ref()?;
        (day.weekday() == rule.weekday.get_ref().civil()).then(|| self.week_of(day, rule.until)).flatten()
    }

    fn week_of(&self, day: Date, until: Time) -> Option<Week> {
        let (worked, provisional) = self.worked_on_or_before(day)?;
        let (before, _) = self.worked_on_or_before(plus(day, -7)?)?;
        Some(Week { day, from: at_hour(before, until), due: at_hour(worked, until), provisional })
    }

    /// The day itself, or the last working day of the six before it; the day itself where all are off.
    fn worked_on_or_before(&self, day: Date) -> Option<(Date, bool)> {
        let provisional = !self.calendar().covers(day.year());
        let mut worked = day;
        for _ in 0..6 {
            if self.calendar().is_working_day(worked) {
                return Some((worked, provisional));
            }
            worked = worked.yesterday().ok()?;
        }
        Some((day, provisional))
    }

    /// The units that account, by code.
    pub fn accounting_units(&self) -> Vec<&str> {
        let Some(rule) = &self.rules().account else { return Vec::new() };
        let centres = &self.rules().intake.centres;
        let of = |name: &'_ toml::Spanned<String>| match name.get_ref().as_str() {
            "centres" => centres.values().map(|c| c.get_ref().clone()).collect(),
            code => vec![code.to_owned()],
        };
        let wanted: std::collections::BTreeSet<String> = rule.units.iter().flat_map(of).collect();
        let known = |code: &String| self.units_ref().latest(code).map(|unit| unit.code.as_str());
        wanted.iter().filter_map(known).collect()
    }

    /// Pieces of evidence that an account of a week with claims needs.
    pub fn account_evidence(&self) -> u32 {
        self.rules().account.as_ref().map_or(0, |rule| rule.evidence)
    }
}

fn plus(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::SignedDuration::from_hours(24 * days)).ok()
}
