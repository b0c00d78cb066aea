//! A case as a line of a list: what, where, whose turn, by when.

use super::words::{Due, Shown, When, Words};
use crate::finding::{Hit, due};
use crate::store::CaseRow;

/// A case as a line.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) title: Shown,
    pub(super) person: Option<String>,
    pub(super) category: Shown,
    pub(super) place: Shown,
    pub(super) unit: String,
    pub(super) step: String,
    pub(super) due: Option<Due>,
    pub(super) registered: When,
    /// Urgent or dangerous, in words.
    pub(super) urgency: Option<String>,
    pub(super) danger: bool,
    pub(super) disputed: bool,
}

impl Line {
    /// The line of something found.
    pub(super) fn of(hit: &Hit, w: &Words<'_>) -> Self {
        let person = Some(hit.gist.person.clone()).filter(|person| !person.is_empty());
        Line { person, ..Line::of_row(&hit.row, w) }
    }

    /// The line of a case of which nobody asked whose it is.
    pub(super) fn of_row(row: &CaseRow, w: &Words<'_>) -> Self {
        let urgency = row.urgency.as_deref().filter(|urgency| *urgency != "normal");
        Line {
            href: format!("/cases/{}", row.document),
            number: row.number(),
            title: title(row, w),
            person: None,
            category: value(row, "category", row.category.as_deref(), w),
            // Lists show it without its name: what is disputed says so itself.
            place: match row.conflicts.contains("place") {
                true => w.own(&w.t("place-disputed")),
                false => w.value("place", row.place.as_deref()),
            },
            unit: row.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            step: row.step.as_deref().map(|step| w.named("step", step)).unwrap_or_default(),
            due: due(row).map(|due| w.due(due)),
            registered: w.when(row.registered),
            urgency: urgency.map(|urgency| w.named("urgency", urgency)),
            danger: row.urgent,
            disputed: !row.conflicts.is_empty(),
        }
    }
}

/// A case's title, or a word for its absence.
pub(super) fn title(row: &CaseRow, w: &Words<'_>) -> Shown {
    w.title(row.title.as_deref())
}

/// A field of the row, or a word for its dispute.
pub(super) fn value(row: &CaseRow, field: &str, value: Option<&str>, w: &Words<'_>) -> Shown {
    if row.conflicts.contains(field) { w.own(&w.t("value-disputed")) } else { w.value(field, value) }
}
