//! What a pack says about supervision, as others ask for it.
//!
//! Owns the asking. Never counts; that is `supervision`.

use jiff::SignedDuration;

use super::Pack;
use super::rules::{CommandRule, Who};
use crate::supervision::RateRule;

/// How spot checks are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawRule {
    /// Its id in the pack.
    pub id: String,
    /// The population: closed in so many days before the cut-off.
    pub days: u32,
    /// At most so many.
    pub size: u32,
    /// Between the commitment of the seed and the cut-off.
    pub notice: SignedDuration,
    /// Who of a supervising unit may draw and inspect.
    pub roles: Vec<String>,
    /// What it rests on.
    pub basis: String,
}

/// What inspectors are shown as possible false resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signals {
    /// Raised again within so many days of closing.
    pub repeat_days: u32,
    /// In which fields a repeat is the same.
    pub repeat_by: Vec<Vec<RepeatField>>,
    /// Whether a photo under two cases is shown.
    pub reused_photo: bool,
    /// Claims of a unit on account day: at least so many, and at least this percentage of its week's.
    pub bulk: (u32, u32),
    /// What it rests on.
    pub basis: String,
}

/// A field in which two cases can be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepeatField {
    /// The household's register.
    Household,
    /// The responsible subject.
    Subject,
    /// The place.
    Place,
    /// The category.
    Category,
}

impl RepeatField {
    /// The field of this schema name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "household" => Self::Household,
            "subject" => Self::Subject,
            "place" => Self::Place,
            "category" => Self::Category,
            _ => return None,
        })
    }

    /// Its schema name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Subject => "subject",
            Self::Place => "place",
            Self::Category => "category",
        }
    }
}

impl Pack {
    /// Whether somebody of this unit supervises the district.
    pub fn is_supervisor(&self, unit: &str) -> bool {
        self.rules.audience.supervisors.iter().any(|u| u.get_ref() == unit)
    }

    /// Whether the pack lets supervisors give a command: for that it is enough that they look at the case.
    pub fn gives_supervisors(&self, command: &str) -> bool {
        let theirs = |rule: &&CommandRule| rule.who.contains(&Who::Supervisor);
        self.rules.commands.iter().filter(theirs).any(|rule| rule.name.get_ref().code() == command)
    }

    /// Whether inspectors and leaders of this unit may look at any case at the desk, compartments apart.
    pub fn oversees(&self, unit: &str) -> bool {
        self.rules.supervision.iter().flat_map(|rule| &rule.oversight).any(|u| u.get_ref() == unit)
    }

    /// The unit that sees a compartment.
    pub fn compartment_unit(&self, id: &str) -> Option<&str> {
        self.compartment(id).map(|compartment| compartment.unit.get_ref().as_str())
    }

    /// The compartments of a unit.
    pub fn compartments_of(&self, unit: &str) -> impl Iterator<Item = &str> {
        let of = self.rules.compartments.iter().filter(move |c| c.unit.get_ref() == unit);
        of.map(|compartment| compartment.id.get_ref().as_str())
    }

    /// Due within this is nearly due.
    pub fn near(&self) -> SignedDuration {
        let three_days = SignedDuration::from_hours(72);
        self.rules.supervision.as_ref().map_or(three_days, |rule| rule.near)
    }

    /// The draws of the pack, in its order.
    pub fn draws(&self) -> impl Iterator<Item = DrawRule> {
        self.rules.draws.iter().map(|rule| DrawRule {
            id: rule.id.get_ref().clone(),
            days: rule.days,
            size: rule.size,
            notice: rule.notice,
            roles: rule.roles.clone(),
            basis: rule.basis.clone(),
        })
    }

    /// What inspectors are shown; nothing where the pack has no signals.
    pub fn signals(&self) -> Option<Signals> {
        let rule = self.rules.signals.as_ref()?;
        let fields =
            |by: &super::rules::Name| by.get_ref().split('+').filter_map(RepeatField::named).collect();
        Some(Signals {
            repeat_days: rule.repeat_days,
            repeat_by: rule.repeat_by.iter().map(fields).collect(),
            reused_photo: rule.reused_photo,
            bulk: (rule.bulk.least, rule.bulk.percent),
            basis: rule.basis.clone(),
        })
    }

    /// Clusters: cases of one place and category raised within so many days, from so many on; and the basis.
    pub fn clusters(&self) -> Option<(u32, u32, &str)> {
        self.rules.clusters.as_ref().map(|rule| (rule.days, rule.least, rule.basis.as_str()))
    }

    /// The rates that call for an interview.
    pub fn interviews(&self) -> impl Iterator<Item = RateRule> {
        self.rules.interviews.iter().map(|rule| RateRule {
            id: rule.id.get_ref().clone(),
            rate: *rule.measure.get_ref(),
            below: rule.below,
            above: rule.above,
            least: rule.least,
            basis: rule.basis.clone(),
        })
    }

    /// What the red and black list rests on; nothing where the pack has none.
    pub fn list_basis(&self) -> Option<&str> {
        self.rules.list.as_ref().map(|rule| rule.basis.as_str())
    }

    /// What the account rests on; nothing where the pack has none.
    pub fn account_basis(&self) -> Option<&str> {
        self.rules.account.as_ref().map(|rule| rule.basis.as_str())
    }
}
