//! What a pack says about supervision against its names and against what the engine can count.
//!
//! Owns what must fit before a draw, an account or a list may rest on it.

use super::Names;
use crate::pack::supervision::RepeatField;
use crate::problem::Problem;
use crate::said::{Word, said};

impl Names<'_> {
    pub(super) fn supervision(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        self.unique(Word("kind-draw"), rules.draws.iter().map(|d| &d.id), problems);
        self.unique(Word("kind-interview"), rules.interviews.iter().map(|i| &i.id), problems);
        for by in rules.signals.iter().flat_map(|s| &s.repeat_by) {
            if let Some(wrong) = by.get_ref().split('+').find(|name| RepeatField::named(name).is_none()) {
                problems.push(self.source.at(
                    by.span(),
                    "unknown-field",
                    said("repeat-by").name("field", wrong),
                ));
            }
        }
        for rule in rules.interviews.iter().filter(|i| i.below.is_some() == i.above.is_some()) {
            let said = said("interview-bound").name("interview", rule.id.get_ref());
            problems.push(self.source.at(rule.id.span(), "interview-bound", said));
        }
        for unit in rules.supervision.iter().flat_map(|s| &s.oversight) {
            self.known_unit(unit, problems);
        }
        for unit in rules.account.iter().flat_map(|a| &a.units).filter(|u| u.get_ref() != "centres") {
            self.known_unit(unit, problems);
        }
    }
}
