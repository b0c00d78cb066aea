//! What a pack lists beside its rules, as others ask for it: grades, crosswalks, campaigns.
//!
//! Owns the asking. Never decides; a campaign is a cohort of figures.

use jiff::Timestamp;

use super::Pack;

/// A cohort of its own, by time of registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its id in the pack.
    pub id: String,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// What it rests on.
    pub basis: String,
}

impl Pack {
    /// The grade that severity and urgency make together (轻重缓急); empty where the pack has none for them.
    pub fn grade(&self, severity: &str, urgency: &str) -> &str {
        let named = |names: &[super::rules::Name], value: &str| names.iter().any(|n| n.get_ref() == value);
        let of = |g: &&super::rules::Grade| named(&g.severity, severity) && named(&g.urgency, urgency);
        self.rules.grades.iter().find(of).map_or("", |g| g.id.get_ref())
    }

    /// The category of this pack that another list's code proposes; `None` where the crosswalk does not know it.
    pub fn crosswalk(&self, list: &str, code: &str) -> Option<&str> {
        let list = self.rules.crosswalks.iter().find(|c| c.id.get_ref() == list)?;
        let (_, codes) = list.map.iter().find(|(other, _)| other.get_ref() == code)?;
        codes.first().map(|c| c.get_ref().as_str())
    }

    /// The codes of another list that a category of this pack is counted under.
    pub fn counted_under(&self, list: &str, category: &str) -> Vec<&str> {
        let list = self.rules.crosswalks.iter().find(|c| c.id.get_ref() == list);
        let under = list.into_iter().flat_map(|c| &c.map);
        let under = under.filter(|(_, codes)| codes.iter().any(|c| c.get_ref() == category));
        under.map(|(other, _)| other.get_ref().as_str()).collect()
    }

    /// Campaigns in the order of the pack.
    pub fn campaigns(&self) -> impl Iterator<Item = Campaign> {
        self.rules.campaigns.iter().map(|c| Campaign {
            id: c.id.get_ref().clone(),
            from: c.from,
            to: c.to,
            basis: c.basis.clone(),
        })
    }
}
