//! Signing a case at its page: a form for each signature that this person may give now.
//!
//! Whether a signature would count, policy says. What was shown is what is signed: the form carries its digest.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_policy::Signable;
use doorstep_protocol::{DocumentId, Hash};

use super::act::{ARG, Act, Acts, Field, Typed};
use super::case::shown;
use super::words::Words;
use super::{Frame, Visitor};
use crate::http::App;
use crate::http::error::Problem;
use crate::pipeline::{DeskError, Sign, SignOff};
use crate::store::Store;

/// What such a form gives as the name of its command.
pub(super) const NAME: &str = "sign";
/// The argument that says what was shown.
const DIGEST: &str = "digest";

/// Puts the signatures that may be given among what may be done, and beside it those that the case forbids.
pub(super) fn offer(acts: &mut Acts, off: &SignOff, (w, typed): (&Words<'_>, Option<&Typed>)) {
    let mut forms = Vec::new();
    for one in &off.offers {
        let name = w.with("act-sign", &[("role", &w.named("signature", &one.role))]);
        match &one.refused {
            None => forms.push(form(one, name, off, (w, typed))),
            // What somebody never signs is no news to them.
            Some(no) if no.rule == "signature.standing" => {}
            Some(no) => acts.not_now.push((name, w.forbids(&no.rule, NAME))),
        }
    }
    // Where somebody is asked to sign, that comes first.
    acts.open.splice(0..0, forms);
}

fn form(one: &Signable, name: String, off: &SignOff, (w, typed): (&Words<'_>, Option<&Typed>)) -> Act {
    let typed = typed.filter(|typed| typed.name == NAME && typed.args.get("role") == Some(&one.role));
    let value = |name: &str| typed.and_then(|typed| typed.args.get(name)).cloned().unwrap_or_default();
    let field = |name: &str, choices: Vec<(String, String, bool)>| Field {
        name: format!("{ARG}{name}"),
        label: w.t(&format!("{ARG}{name}")),
        optional: true,
        value: value(name),
        choices,
        hint: None,
        known: None,
    };
    let paper = value("paper");
    let papers = off.papers.iter().map(|(hash, name)| {
        let hash = hash.to_string();
        let chosen = hash == paper;
        (hash, name.clone(), chosen)
    });
    let papers: Vec<_> = papers.collect();
    let mut fields = Vec::new();
    if one.brought {
        if !papers.is_empty() {
            fields.push(field("paper", papers));
        }
        fields.push(field("witness", Vec::new()));
    }
    let hidden = [("role", one.role.clone()), (DIGEST, off.digest.to_string())];
    Act {
        code: NAME,
        anchor: format!("{NAME}-{}", one.role),
        name,
        id: None,
        again: typed.is_some(),
        hidden: hidden.map(|(name, value)| (format!("{ARG}{name}"), value)).into(),
        fields,
    }
}

/// Signs. What is refused, or has changed since it was read, shows the page again with what was typed.
pub(super) async fn submit<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    document: DocumentId,
    typed: Typed,
) -> Result<Response, Problem> {
    let arg = |name: &str| typed.args.get(name).cloned();
    let hash = |name: &str| arg(name).map(|text| text.parse::<Hash>()).transpose();
    let read = hash("paper").and_then(|paper| Ok((paper, hash(DIGEST)?)));
    let Ok((paper, Some(digest))) = read else {
        return Err(Problem::unprocessable("command.large", "This form is not as the desk gave it."));
    };
    let role = arg("role").unwrap_or_default();
    let sign = Sign { role, digest, paper, witness: arg("witness") };
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let error = match app.centre.sign(&visitor.signed.person, document, sign).await {
        Ok(_) => return Ok(Redirect::to(&format!("/cases/{document}?done=signed")).into_response()),
        Err(DeskError::Stale) => frame.w.t("error-sign-stale"),
        Err(DeskError::Refused { code, .. })
            if code.starts_with("signature.") || code == "centre.recovering" =>
        {
            frame.w.refusal(&code, NAME)
        }
        Err(error) => return Err(error.into()),
    };
    drop(frame);
    let said = (None, Some((error, "acts")), StatusCode::CONFLICT);
    shown(app, visitor, (document, None), said, Some(&typed)).await
}
