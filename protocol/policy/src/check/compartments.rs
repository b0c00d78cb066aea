//! Leads that escape: a category lies in a compartment, but not with every urgency, severity, channel or subject.
//!
//! Owns nothing of a compartment's own soundness. Tries one field after the other, starting from a case that lies inside.

use crate::problem::{Problem, Source};
use crate::said::said;
use crate::{FieldView, Pack, Projection};

/// Reports, for each category that a compartment's condition asks for, the first value that leads out of it.
pub(super) fn check(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    let values = values(pack);
    for compartment in &pack.rules().compartments {
        let id = compartment.id.get_ref();
        let inside = |case: &Projection| pack.compartment_of(case).is_some_and(|of| of.id.get_ref() == id);
        for category in pack.categories() {
            let plain = case(&[("category", &category.code)]);
            let from = std::iter::once(plain.clone()).chain(variants(&plain, &values).map(|(.., case)| case));
            let Some(base) = from.into_iter().find(inside) else { continue };
            let others = pack.categories().iter().filter(|other| other.code != category.code);
            let elsewhere = |other: &str| {
                let mut case = base.clone();
                case.fields.insert("category".into(), FieldView::Is(other.to_owned()));
                pack.compartment_of(&case).is_some()
            };
            // Where every category lies inside, it is not the category that is kept close.
            if others.map(|other| other.code.as_str()).all(elsewhere) {
                continue;
            }
            let out = variants(&base, &values).find(|(.., case)| pack.compartment_of(case).is_none());
            let out = out.map(|(field, value, _)| (field.to_owned(), value));
            // Or it lies inside only where something is said that a case need not say.
            let more = base.fields.keys().find(|field| !plain.fields.contains_key(*field)).cloned();
            if let Some((field, value)) = out.or(more.map(|field| (field, String::new()))) {
                let said =
                    said("compartment-escapes").name("category", &category.code).name("compartment", id);
                let said = said.name("field", &field).name("value", &value);
                problems.push(source.at(compartment.id.span(), "compartment-escapes", said));
            }
        }
    }
}

fn case(fields: &[(&str, &str)]) -> Projection {
    let view = |(name, value): &(&str, &str)| ((*name).to_owned(), FieldView::Is((*value).to_owned()));
    Projection { kind: "case".into(), fields: fields.iter().map(view).collect(), ..Projection::default() }
}

/// The case with one field more, or otherwise.
fn variants<'a>(
    base: &'a Projection,
    values: &'a [(&'static str, Vec<String>)],
) -> impl Iterator<Item = (&'static str, String, Projection)> + 'a {
    values.iter().flat_map(move |(field, values)| {
        values.iter().map(move |value| {
            let mut case = base.clone();
            case.fields.insert((*field).to_owned(), FieldView::Is(value.clone()));
            (*field, value.clone(), case)
        })
    })
}

/// What can be said in the fields that a condition may ask for beside the category.
fn values(pack: &Pack) -> Vec<(&'static str, Vec<String>)> {
    let all = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let unit = pack.units().next().map(|unit| unit.code.clone());
    vec![
        ("urgency", all(&["normal", "soon", "urgent", "danger"])),
        ("severity", all(&["light", "medium", "heavy"])),
        ("channel", pack.channels().map(str::to_owned).collect()),
        ("subject", unit.into_iter().collect()),
    ]
}
