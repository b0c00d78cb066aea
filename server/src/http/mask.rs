//! Fields as they are shown over HTTP: what is masked, masked, in texts and in JSON.
//!
//! Pure. Revealing is not offered here.

use serde_json::Value as Json;

pub(super) use crate::mask::is_masked;
use crate::mask::masked;

/// A field's value as it is shown.
pub(super) fn shown(field: &str, value: &str) -> String {
    if is_masked(field) { masked(value) } else { value.to_owned() }
}

/// A field of a case's JSON view as it is shown; every value of a dispute too.
pub(super) fn json(field: &str, value: Json) -> Json {
    if !is_masked(field) {
        return value;
    }
    match value {
        Json::String(text) => Json::String(masked(&text)),
        Json::Array(items) => Json::Array(items.into_iter().map(|item| json(field, item)).collect()),
        Json::Object(members) => {
            Json::Object(members.into_iter().map(|(name, value)| (name, json(field, value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn the_middle_is_masked() {
        assert_eq!(masked("510902199001011234"), "510***********1234");
        assert_eq!(masked("13800138000"), "138****8000");
        assert_eq!(masked("5281234"), "*****34");
        assert_eq!(masked("110"), "***");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn every_side_of_a_dispute_is_masked() {
        let disputed = value!({"disputed": ["510902199001011234", null]});
        assert_eq!(
            json("person.id_number", disputed.clone()),
            value!({"disputed": ["510***********1234", null]})
        );
        assert_eq!(json("place", disputed.clone()), disputed);
    }
}
