//! Supervision at the centre: what is stuck and where, draws for spot checks, accounts, rates, signals.
//!
//! Owns who may do which of it, and the acts that go into the journal. What follows for one case is a command on it and
//! goes through `pipeline` like any other; nothing here touches a document.

mod accounts;
mod acts;
mod board;
mod draws;
mod ranking;
pub mod recount;
mod signals;

use doorstep_policy::Pack;
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;

use crate::authorize::{Wish, authorize, names};
use crate::store::oversight::Scope;
use crate::store::{Person, StoreError};

pub use accounts::{AccountView, AccountsView, Piece};
pub use acts::Act;
pub use board::{Board, Ledger};
pub use draws::{Done, DrawView, Drawn};
pub use ranking::{Month, Published, RatesView};
pub use signals::{ClusterView, SignalsView};

/// Why an act of supervision was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SupervisionError {
    /// Absent or forbidden: they look alike.
    #[error("there is no such thing, or it is not yours")]
    NotFound,
    /// Its time has not come.
    #[error("this can be done from a later time on")]
    NotYet(Millis),
    /// It was done before, and is done once.
    #[error("this has been done")]
    Done,
    /// An account without what the pack asks for.
    #[error("an account of claims needs evidence")]
    Evidence(u32),
    /// Something that must be written is missing.
    #[error("a reason is missing")]
    Reason,
    /// Policy refused the command on the case.
    #[error("{message}")]
    Refused {
        /// The rule.
        rule: String,
        /// In words.
        message: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody may do in supervision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Sees the whole district, compartments apart.
    pub whole: bool,
    /// Draws, inspects, judges accounts, publishes.
    pub acts: bool,
}

impl Rights {
    /// The rights of a person.
    pub fn of(person: &Person, pack: &Pack) -> Self {
        let sees = authorize(person, Wish::Supervise, None);
        let district = person.unit == pack.district() || person.unit == pack.desk();
        let head = matches!(person.role, Role::Leader | Role::Inspector);
        Rights {
            whole: sees && (district || pack.oversees(&person.unit)),
            acts: sees && head && (person.unit == pack.district() || pack.is_supervisor(&person.unit)),
        }
    }
}

/// Which open cases a person may count: the whole district, or what lies below their unit; never those about
/// themselves or their unit.
pub(crate) fn scope(person: &Person, pack: &Pack, now: Millis) -> Scope {
    let below = || {
        let mut units: Vec<String> = pack
            .units()
            .filter(|unit| pack.is_within(&unit.code, &person.unit))
            .map(|unit| unit.code.clone())
            .collect();
        units.dedup();
        units
    };
    let except = names(person, pack).into_iter().collect();
    let near = i64::try_from(pack.near().as_millis()).unwrap_or(Millis::MAX);
    Scope {
        district: person.district.clone(),
        units: (!Rights::of(person, pack).whole).then(below),
        except,
        now,
        near: now.saturating_add(near),
    }
}
