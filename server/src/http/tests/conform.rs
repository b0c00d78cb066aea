//! Whether an answer is what the API's document says it is: a validator of the few words of JSON Schema in use.

use serde_json::Value as Json;

use super::world::Answer;

/// Panics if the document does not describe this answer.
pub(super) fn holds(document: &Json, method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or(path);
    let paths = document["paths"].as_object().expect("paths");
    let Some((_, methods)) = paths.iter().find(|(template, _)| fits(template, path)) else { return };
    let operation = &methods[method.to_lowercase()];
    let status = answer.status.as_str();
    let response = &operation["responses"][status];
    assert!(response.is_object(), "{method} {path}: {status} is not described: {}", answer.text);
    let (_, content) =
        response["content"].as_object().and_then(|content| content.iter().next()).expect("content");
    check(document, &content["schema"], &answer.json(), path);
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part.starts_with('{') || part == given => {}
            _ => return false,
        }
    }
}

fn check(document: &Json, schema: &Json, value: &Json, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        let named = &document["components"]["schemas"][name];
        assert!(named.is_object(), "there is no schema {name}");
        return check(document, named, value, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        if !value.is_null() {
            check(document, &any[0], value, at);
        }
        return;
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value} is none of {allowed:?}");
    }
    let right = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        other => panic!("{at}: the validator does not know {other:?}"),
    };
    assert!(right, "{at}: {value} is not {schema}");
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, at);
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        assert!(value.get(name).is_some(), "{at}: {name} is missing in {value}");
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let described = &schema["properties"][name];
        assert!(
            described.is_object() || schema["additionalProperties"] != false,
            "{at}: {name} is not described"
        );
        if described.is_object() {
            check(document, described, member, &format!("{at}.{name}"));
        }
    }
}
