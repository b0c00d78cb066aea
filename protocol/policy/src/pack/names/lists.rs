//! Lists of a pack against its names: grades, crosswalks, campaigns, coverage plans, values in conditions.
//!
//! Owns what must fit before figures and coverage may rest on a list. Never judges a rule.

use super::Names;
use crate::Level;
use crate::pack::rules::{Coverage, Name};
use crate::problem::Problem;

/// What the schema lets the two fields of a grade hold.
pub(crate) const SEVERITIES: [&str; 4] = ["", "light", "medium", "heavy"];
pub(crate) const URGENCIES: [&str; 5] = ["", "normal", "soon", "urgent", "danger"];

impl Names<'_> {
    pub(super) fn lists(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique("grade", rules.grades.iter().map(|g| &g.id), problems);
        self.unique("crosswalk", rules.crosswalks.iter().map(|c| &c.id), problems);
        self.unique("campaign", rules.campaigns.iter().map(|c| &c.id), problems);
        self.unique("coverage", rules.coverages.iter().map(|c| &c.id), problems);
        for grade in &rules.grades {
            self.listed("severity", &grade.severity, &SEVERITIES, problems);
            self.listed("urgency", &grade.urgency, &URGENCIES, problems);
        }
        let categories: Vec<&str> = rules.pack.categories.iter().map(|c| c.get_ref().as_str()).collect();
        for walk in &rules.crosswalks {
            for codes in walk.map.values() {
                self.listed("category", codes, &categories, problems);
            }
            if walk.map.len() != walk.of {
                let message =
                    format!("crosswalk {:?} has {} of {} codes", walk.id.get_ref(), walk.map.len(), walk.of);
                let remedy = "map every code of the other list, or correct `of`";
                problems.push(self.source.at(walk.id.span(), "crosswalk-count", message, remedy));
            }
        }
        for campaign in rules.campaigns.iter().filter(|c| c.from >= c.to) {
            let message = format!("campaign {:?} ends before it begins", campaign.id.get_ref());
            problems.push(self.source.at(
                campaign.id.span(),
                "period",
                message,
                "`to` is the first instant after it",
            ));
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
                let message = format!("there is no village {:?} in units.csv", place.get_ref());
                let remedy = "correct the code; a coverage plan lists villages and communities";
                problems.push(self.source.at(place.span(), "unknown-unit", message, remedy));
            }
        }
        for lead in coverage.teams.iter().map(|t| &t.lead) {
            self.known_unit(lead, problems);
        }
        self.unique("place", places.iter().copied(), problems);
        self.unique("team", coverage.teams.iter().map(|t| &t.id), problems);
        if places.len() != coverage.of {
            let message = format!(
                "coverage {:?} lists {} of {} places",
                coverage.id.get_ref(),
                places.len(),
                coverage.of
            );
            let remedy = "list every place of the plan, or correct `of`";
            problems.push(self.source.at(coverage.id.span(), "coverage-count", message, remedy));
        }
        if coverage.from >= coverage.to {
            let message = format!("coverage {:?} ends before it begins", coverage.id.get_ref());
            let remedy = "`to` is the first instant after it";
            problems.push(self.source.at(coverage.id.span(), "period", message, remedy));
        }
    }

    /// Modes that coverage plans name must exist, and so must channels of what meetings bring.
    fn visits(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique("visit", rules.visits.iter().map(|v| &v.id), problems);
        self.unique("meeting", rules.meetings.iter().map(|m| &m.id), problems);
        let modes: Vec<&str> = rules.visits.iter().map(|v| v.id.get_ref().as_str()).collect();
        for mode in rules.coverages.iter().filter_map(|c| c.mode.as_ref()) {
            self.listed("visit", std::slice::from_ref(mode), &modes, problems);
        }
        let channels: Vec<&str> = rules.pack.channels.iter().map(|c| c.get_ref().as_str()).collect();
        for meeting in rules.meetings.iter().filter(|_| !channels.is_empty()) {
            self.listed("channel", std::slice::from_ref(&meeting.channel), &channels, problems);
        }
    }

    /// A condition that compares a field with what no case has there is a typing error: it would never hold, and nobody
    /// would see why.
    fn compared(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique("channel", rules.pack.channels.iter(), problems);
        let channels: Vec<&str> = rules.pack.channels.iter().map(|c| c.get_ref().as_str()).collect();
        let lists: [(&str, &[&str]); 3] =
            [("channel", &channels), ("severity", &SEVERITIES), ("urgency", &URGENCIES)];
        for condition in rules.read_conditions() {
            let literals = condition.equals();
            let of =
                |field: &str| literals.get(field).into_iter().flatten().filter(|value| !value.is_empty());
            for (field, known) in lists.into_iter().filter(|(_, known)| !known.is_empty()) {
                for value in of(field).filter(|value| !known.contains(&value.as_str())) {
                    let (message, remedy) = match field {
                        "channel" => (
                            format!("the pack has no channel {value:?}"),
                            "add it to `channels` in [pack], or correct the name".to_owned(),
                        ),
                        _ => {
                            let known: Vec<&str> = known.iter().copied().filter(|k| !k.is_empty()).collect();
                            (
                                format!("no case has the {field} {value:?}"),
                                format!("write one of {}", known.join(", ")),
                            )
                        }
                    };
                    let at = condition.find(value, self.source);
                    problems.push(self.source.at(at, "unknown-value", message, &remedy));
                }
            }
            // A subject may be anybody's name; what looks like a code of the district must be one.
            let district = rules.pack.district.get_ref().as_str();
            let coded = of("subject").filter(|value| value.starts_with(district)).chain(of("town"));
            for value in coded.filter(|value| self.units.lacks(value)) {
                let message = format!("there is no unit {value:?} in units.csv");
                let at = condition.find(value, self.source);
                problems.push(self.source.at(
                    at,
                    "unknown-unit",
                    message,
                    "correct the code, or add the unit",
                ));
            }
        }
    }

    fn listed(&self, what: &str, names: &[Name], known: &[&str], problems: &mut Vec<Problem>) {
        for name in names.iter().filter(|n| !known.contains(&n.get_ref().as_str())) {
            let message = format!("there is no {what} {:?}", name.get_ref());
            let remedy = format!("write one of {}", known.join(", "));
            problems.push(self.source.at(name.span(), "unknown-value", message, &remedy));
        }
    }
}
