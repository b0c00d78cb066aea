//! What the district's lists have for a field: places, subjects, categories; for whoever writes another value.

use super::words::Words;
use crate::pipeline::timestamp;

/// A value that a list of the district offers.
pub(super) struct Listed {
    pub(super) code: String,
    pub(super) name: String,
}

/// What a district's lists offer for another value.
pub(super) fn known(w: &Words<'_>, field: &str) -> Vec<Listed> {
    let Some(pack) = w.pack else { return Vec::new() };
    let now = timestamp(w.now);
    let units = |departments: bool| {
        let standing = pack.units().filter(move |unit| {
            let code = unit.code.bytes().all(|byte| byte.is_ascii_digit());
            unit.exists_at(now) && (departments || code)
        });
        standing.map(|unit| Listed { code: unit.code.clone(), name: unit.name.clone() }).collect()
    };
    match field {
        "place" => units(false),
        "subject" => units(true),
        "category" => {
            let listed = |code: &str| Listed { code: code.to_owned(), name: w.named("category", code) };
            pack.categories().iter().map(|category| listed(&category.code)).collect()
        }
        _ => Vec::new(),
    }
}
