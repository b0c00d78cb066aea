//! Lists of a pack against its names: grades, crosswalks, campaigns, coverage plans, values in conditions.
//!
//! Owns what must fit before figures and coverage may rest on a list. Never judges a rule.

use super::Names;
use crate::Level;
use crate::pack::rules::{Coverage, Name};
use crate::problem::Problem;
use crate::said::{Word, said};

/// What the schema lets the two fields of a grade hold.
pub(crate) const SEVERITIES: [&str; 4] = ["", "light", "medium", "heavy"];
pub(crate) const URGENCIES: [&str; 5] = ["", "normal", "soon", "urgent", "danger"];

impl Names<'_> {
    pub(super) fn lists(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique(Word("kind-grade"), rules.grades.iter().map(|g| &g.id), problems);
        self.unique(Word("kind-crosswalk"), rules.crosswalks.iter().map(|c| &c.id), problems);
        self.unique(Word("kind-campaign"), rules.campaigns.iter().map(|c| &c.id), problems);
        self.unique(Word("kind-coverage"), rules.coverages.iter().map(|c| &c.id), problems);
        for grade in &rules.grades {
            self.listed(Word("kind-severity"), &grade.severity, &SEVERITIES, problems);
            self.listed(Word("kind-urgency"), &grade.urgency, &URGENCIES, problems);
        }
        let categories: Vec<&str> = rules.pack.categories.iter().map(|c| c.get_ref().as_str()).collect();
        for walk in &rules.crosswalks {
            for codes in walk.map.values() {
                self.listed(Word("kind-category"), codes, &categories, problems);
            }
            if walk.map.len() != walk.of {
                let said = said("crosswalk-count").name("crosswalk", walk.id.get_ref());
                let said = said.with("has", walk.map.len()).with("of", walk.of);
                problems.push(self.source.at(walk.id.span(), "crosswalk-count", said));
            }
        }
        for campaign in rules.campaigns.iter().filter(|c| c.from >= c.to) {
            let said = said("period").word("what", Word("kind-campaign")).name("name", campaign.id.get_ref());
            problems.push(self.source.at(campaign.id.span(), "period", said));
        }
        for coverage in &rules.coverages {
            self.coverage(coverage, problems);
        }
        self.visits(problems);
        self.compared(problems);
    }

    fn coverage(&self, coverage: &Coverage, problems: &mut Vec<Problem>) {
        let places: Vec<&Name> = coverage.teams.iter().flat_map(|t| &t.places).collect();
        for place in &places {
            let village = self.units.latest(place.get_ref()).map(|u| u.level == Level::Village);
            if !village.unwrap_or(!self.units.lacks(place.get_ref())) {
                let said = said("unknown-village").name("unit", place.get_ref());
                problems.push(self.source.at(place.span(), "unknown-unit", said));
            }
        }
        for lead in coverage.teams.iter().map(|t| &t.lead) {
            self.known_unit(lead, problems);
        }
        self.unique(Word("kind-place"), places.iter().copied(), problems);
        self.unique(Word("kind-team"), coverage.teams.iter().map(|t| &t.id), problems);
        if places.len() != coverage.of {
            let said = said("coverage-count").name("coverage", coverage.id.get_ref());
            let said = said.with("has", places.len()).with("of", coverage.of);
            problems.push(self.source.at(coverage.id.span(), "coverage-count", said));
        }
        if coverage.from >= coverage.to {
            let said = said("period").word("what", Word("kind-coverage")).name("name", coverage.id.get_ref());
            problems.push(self.source.at(coverage.id.span(), "period", said));
        }
    }

    /// Modes that coverage plans name must exist, and so must channels of what meetings bring.
    fn visits(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique(Word("kind-visit"), rules.visits.iter().map(|v| &v.id), problems);
        self.unique(Word("kind-meeting"), rules.meetings.iter().map(|m| &m.id), problems);
        let modes: Vec<&str> = rules.visits.iter().map(|v| v.id.get_ref().as_str()).collect();
        for mode in rules.coverages.iter().filter_map(|c| c.mode.as_ref()) {
            self.listed(Word("kind-visit"), std::slice::from_ref(mode), &modes, problems);
        }
        let channels: Vec<&str> = rules.pack.channels.iter().map(|c| c.get_ref().as_str()).collect();
        for meeting in rules.meetings.iter().filter(|_| !channels.is_empty()) {
            self.listed(Word("kind-channel"), std::slice::from_ref(&meeting.channel), &channels, problems);
        }
    }

    /// A condition that compares a field with what no case has there is a typing error: it would never hold, and nobody
    /// would see why.
    fn compared(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique(Word("kind-channel"), rules.pack.channels.iter(), problems);
        let channels: Vec<&str> = rules.pack.channels.iter().map(|c| c.get_ref().as_str()).collect();
        let lists: [(&str, Word, &[&str]); 3] = [
            ("channel", Word("kind-channel"), &channels),
            ("severity", Word("kind-severity"), &SEVERITIES),
            ("urgency", Word("kind-urgency"), &URGENCIES),
        ];
        for condition in rules.read_conditions() {
            let literals = condition.equals();
            let of =
                |field: &str| literals.get(field).into_iter().flatten().filter(|value| !value.is_empty());
            for (field, what, known) in lists.into_iter().filter(|(.., known)| !known.is_empty()) {
                for value in of(field).filter(|value| !known.contains(&value.as_str())) {
                    let said = if field == "channel" {
                        said("unlisted-channel").name("value", value)
                    } else {
                        let known = known.iter().filter(|known| !known.is_empty());
                        said("unheld-value").word("what", what).name("value", value).list("known", known)
                    };
                    let at = condition.find(value, self.source);
                    problems.push(self.source.at(at, "unknown-value", said));
                }
            }
            // A subject may be anybody's name; what looks like a code of the district must be one.
            let district = rules.pack.district.get_ref().as_str();
            let coded = of("subject").filter(|value| value.starts_with(district)).chain(of("town"));
            for value in coded.filter(|value| self.units.lacks(value)) {
                let at = condition.find(value, self.source);
                let said = said("unknown-unit").name("unit", value);
                problems.push(self.source.at(at, "unknown-unit", said));
            }
        }
    }

    fn listed(&self, what: Word, names: &[Name], known: &[&str], problems: &mut Vec<Problem>) {
        for name in names.iter().filter(|n| !known.contains(&n.get_ref().as_str())) {
            let said = said("unknown-value").word("what", what).name("value", name.get_ref());
            let known = known.iter().filter(|known| !known.is_empty());
            problems.push(self.source.at(name.span(), "unknown-value", said.list("known", known)));
        }
    }
}
