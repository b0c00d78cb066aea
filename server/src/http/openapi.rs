//! The API's own description (OpenAPI 3.1), put together from the same table as the router.
//!
//! A schema stands beside the shape that it describes; tests hold every answer against it.

use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};
use serde_json::{Map, Value as Json, json};

use super::App;
use super::error::{Kind, PROBLEM_JSON};
use crate::store::Store;

/// One method on one address: what answers it, and its description.
pub(super) struct Endpoint<S> {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) route: MethodRouter<App<S>>,
    pub(super) operation: Operation,
}

impl<S: Store> Endpoint<S> {
    /// A read.
    pub(super) fn get<H: Handler<T, App<S>>, T: 'static>(
        path: &'static str,
        handler: H,
        operation: Operation,
    ) -> Self {
        Endpoint { path, method: "get", route: get(handler), operation }
    }

    /// An act.
    pub(super) fn post<H: Handler<T, App<S>>, T: 'static>(
        path: &'static str,
        handler: H,
        operation: Operation,
    ) -> Self {
        Endpoint { path, method: "post", route: post(handler), operation }
    }
}

/// What one endpoint takes and gives.
pub(super) struct Operation {
    summary: &'static str,
    query: Vec<Json>,
    body: Option<Json>,
    gives: Json,
    refusals: &'static [Kind],
    signed: bool,
}

/// An operation for somebody signed in.
pub(super) fn operation(summary: &'static str, gives: Json, refusals: &'static [Kind]) -> Operation {
    Operation { summary, query: Vec::new(), body: None, gives, refusals, signed: true }
}

impl Operation {
    /// Takes this body.
    pub(super) fn takes(mut self, body: Json) -> Self {
        self.body = Some(body);
        self
    }

    /// Takes this in the query.
    pub(super) fn asks(mut self, name: &str, schema: &Json, description: &str) -> Self {
        self.query.push(json!({"name": name, "in": "query", "required": false, "schema": schema, "description": description}));
        self
    }

    /// For anybody.
    pub(super) fn open(mut self) -> Self {
        self.signed = false;
        self
    }

    fn document(&self, path: &str, method: &str) -> Json {
        let ids = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path = |name| json!({"name": name, "in": "path", "required": true, "schema": text()});
        let header = |name, about| {
            let schema = json!({"type": "string", "maxLength": 255});
            json!({"name": name, "in": "header", "required": false, "schema": schema, "description": about})
        };
        let own = match method {
            "get" => header("If-None-Match", "The ETag of an answer that the caller has."),
            _ => header(
                "Idempotency-Key",
                "Sent again within a day with the same request, it has the first answer.",
            ),
        };
        let parameters: Vec<Json> = ids.map(in_path).chain(self.query.iter().cloned()).chain([own]).collect();
        let mut responses = Map::new();
        if method == "get" {
            responses.insert("304".into(), json!({"description": "As the caller has it."}));
        } else {
            let content = json!({PROBLEM_JSON: {"schema": named("Problem")}});
            let said = "The key was used for another request.";
            responses.insert("422".into(), json!({"description": said, "content": content}));
        }
        let content = json!({"application/json": {"schema": self.gives}});
        responses.insert("200".into(), json!({"description": self.summary, "content": content}));
        let signed = self.signed.then_some(&Kind::Unauthorised);
        let large = self.body.as_ref().map(|_| &Kind::TooLarge);
        for kind in
            self.refusals.iter().chain(signed).chain(large).chain([&Kind::Internal, &Kind::Unavailable])
        {
            let status = kind.status();
            let said = status.canonical_reason().unwrap_or("Problem");
            let content = json!({PROBLEM_JSON: {"schema": named("Problem")}});
            responses.insert(status.as_str().to_owned(), json!({"description": said, "content": content}));
        }
        let id = path.trim_start_matches("/api/").replace(['/', '.'], "_").replace(['{', '}'], "");
        let mut document = json!({
            "operationId": format!("{method}_{id}"),
            "summary": self.summary,
            "parameters": parameters,
            "responses": responses,
            "security": if self.signed { json!([{"bearer": []}, {"desk": []}]) } else { json!([]) },
        });
        if let Some(body) = &self.body {
            document["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": body}}});
        }
        document
    }
}

/// The whole document.
pub(super) fn document<S>(endpoints: &[Endpoint<S>], schemas: &Json) -> Json {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let methods = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        methods[endpoint.method] = endpoint.operation.document(endpoint.path, endpoint.method);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorstep",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Casework of a district. Absent and forbidden look alike (404). Identity and telephone numbers are masked.",
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "desk": {
                    "type": "apiKey", "in": "cookie", "name": super::auth::COOKIE,
                    "description": "The desk's cookie. What changes something must also send the form key as X-Form-Key.",
                },
            },
        },
    })
}

/// A text.
pub(super) fn text() -> Json {
    json!({"type": "string"})
}

/// A time, RFC 3339.
pub(super) fn time() -> Json {
    json!({"type": "string", "format": "date-time"})
}

/// A change's hash.
pub(super) fn hash() -> Json {
    json!({"type": "string", "pattern": "^[0-9a-f]{64}$"})
}

/// A whole number.
pub(super) fn number() -> Json {
    json!({"type": "integer"})
}

/// A number that need not be whole.
pub(super) fn fraction() -> Json {
    json!({"type": "number"})
}

/// True or false.
pub(super) fn flag() -> Json {
    json!({"type": "boolean"})
}

/// One of these texts.
pub(super) fn one_of(texts: &[&str]) -> Json {
    json!({"type": "string", "enum": texts})
}

/// Any object.
pub(super) fn any_object() -> Json {
    json!({"type": "object"})
}

/// Several of a shape.
pub(super) fn list(of: &Json) -> Json {
    json!({"type": "array", "items": of})
}

/// A shape or null.
pub(super) fn nullable(of: &Json) -> Json {
    json!({"anyOf": [of, {"type": "null"}]})
}

/// A shape of `components`.
pub(super) fn named(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An object with exactly these members, all of them there.
pub(super) fn object(members: &[(&str, Json)]) -> Json {
    request(members, &[])
}

/// An object with members that must be there and members that may be.
pub(super) fn request(required: &[(&str, Json)], optional: &[(&str, Json)]) -> Json {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let all = required.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let properties: Map<String, Json> = all.collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}
