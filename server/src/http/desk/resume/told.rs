//! What a kept form says, as its sender knows it: no code of the form's own, names instead of numbers.

use doorstep_protocol::{DeviceId, DocumentId};

use crate::absences;
use crate::http::App;
use crate::http::desk::words::Words;
use crate::http::desk::{leave, listed};
use crate::http::error::Problem;
use crate::pipeline::named_worker;
use crate::store::{Person, Store};

/// Fields that only the form itself knows.
const SILENT: [&str; 6] = ["here", "command", "query", "inside", "held", "key"];

/// What people call the form that goes to an address.
pub(super) fn form(to: &str, w: &Words<'_>) -> String {
    const FORMS: [(&str, &str); 16] = [
        ("/supervision/ledger", "supervision-tab-ledger"),
        ("/supervision/draws", "supervision-tab-draws"),
        ("/supervision/accounts", "supervision-tab-accounts"),
        ("/supervision/rates", "supervision-tab-rates"),
        ("/supervision/signals", "supervision-tab-signals"),
        ("/admin/people", "admin-people"),
        ("/admin/devices", "admin-devices"),
        ("/admin/packs", "admin-packs"),
        ("/admin/refused", "admin-refused"),
        ("/admin/hooks", "admin-hooks"),
        ("/admin/backups", "admin-backups"),
        ("/admin", "admin-health"),
        ("/account/leave", "leave-title"),
        ("/leave", "leave-others"),
        ("/cases/filters", "kept-title"),
        ("/conflicts", "queue-title"),
    ];
    let of_case = match to.rsplit('/').next() {
        Some("hand-over") => return w.command("hand_over"),
        Some("reveal") => "reveal-title",
        _ => "release",
    };
    let known = FORMS.into_iter().find(|(root, _)| to.starts_with(root));
    w.t(known.map_or(of_case, |(_, id)| id))
}

/// Name and value of what was typed or chosen.
pub(super) async fn lines<S: Store>(
    app: &App<S>,
    person: &Person,
    (to, fields): (&str, &[(String, String)]),
    w: &Words<'_>,
) -> Result<Vec<(String, String)>, Problem> {
    let people = app.centre.store().people(&person.district).await?;
    let mut lines = Vec::new();
    // Whom or what the address names.
    for part in to.split('/') {
        if to.starts_with("/supervision/draws/")
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && !part.is_empty()
        {
            lines.push((w.t("draw-col"), part.to_owned()));
        }
        if let Ok(device) = part.parse::<DeviceId>() {
            lines.push((w.t("kept-device"), device_of(app, person, (device, &people), w).await?));
        }
        // Of a conflict the field stands behind the case.
        let (part, field) = part.split_once('.').map_or((part, None), |(part, field)| (part, Some(field)));
        if let Some(worker) = part.strip_prefix('w').and_then(|number| number.parse().ok()) {
            lines.push((label("worker", w), named_worker(&people, worker)));
        } else if part.parse::<DocumentId>().is_ok() {
            lines.push((label("case", w), case(app, person, part, w).await));
            lines.extend(field.map(|field| (label("field", w), w.field(field))));
        }
    }
    for (name, value) in fields {
        if SILENT.contains(&&**name) || value.trim().is_empty() {
            continue;
        }
        let line = match name.as_str() {
            // Leave goes by a number of the store's; of other forms it is their own.
            "id" if to.ends_with("/leave/end") => leave_of(app, person, (value, &people), w).await?,
            "id" => None,
            "case" => Some((label("case", w), case(app, person, value, w).await)),
            name if name.contains('.') => {
                // A box of an account: a case, and a file of it that is shown for it.
                let document = name.split('.').next().unwrap_or(name);
                Some((w.t("account-evidence"), case(app, person, document, w).await))
            }
            "name" if to == "/cases/filters" => Some((w.t("filter-keep-name"), value.clone())),
            "words" => Some((w.t("draw-words"), value.clone())),
            name => Some((label(name, w), said(to, (name, value), (&people, w)))),
        };
        lines.extend(line);
    }
    Ok(lines)
}

fn label(name: &str, w: &Words<'_>) -> String {
    let named = Some(w.named("kept", name)).filter(|said| said != name);
    named.unwrap_or_else(|| w.field(name))
}

/// The title of a case that they may see.
async fn case<S: Store>(app: &App<S>, person: &Person, number: &str, w: &Words<'_>) -> String {
    let gone = || w.t("kept-case-gone");
    let Ok(document) = number.parse::<DocumentId>() else { return gone() };
    let view = app.centre.view(person, document).await;
    view.map_or_else(|_| gone(), |view| listed::title(&view.row, w).plain().to_owned())
}

/// Whose device it is, where it is of their district.
async fn device_of<S: Store>(
    app: &App<S>,
    me: &Person,
    (device, people): (DeviceId, &[Person]),
    w: &Words<'_>,
) -> Result<String, Problem> {
    let row = app.centre.store().device(device).await?.filter(|row| row.district == me.district);
    let whose = row.map(|row| named_worker(people, row.worker));
    let args = [("who", whose.as_deref().unwrap_or_default()), ("device", &device.to_string())];
    Ok(w.with("kept-device-of", &args))
}

/// Whose leave it is and how long, where it is one that they may end.
async fn leave_of<S: Store>(
    app: &App<S>,
    me: &Person,
    (id, people): (&str, &[Person]),
    w: &Words<'_>,
) -> Result<Option<(String, String)>, Problem> {
    let rows = app.centre.store().absences(&me.district, w.now).await?;
    let theirs = |worker| {
        let of = people.iter().find(|of| of.worker == worker);
        of.zip(w.pack).is_some_and(|(of, pack)| absences::may(me, of, pack))
    };
    let row = rows.iter().find(|row| row.id.to_string() == id && theirs(row.worker));
    Ok(row.map(|row| {
        let span = [row.from, row.until].map(|at| w.when(at).plain());
        let args = [("who", &*named_worker(people, row.worker)), ("from", &*span[0]), ("until", &*span[1])];
        (w.t("kept-leave"), w.with("kept-leave-of", &args))
    }))
}

/// What stands in a field, as people know it: names of people, units, rules and buttons, days and months.
fn said(to: &str, (name, value): (&str, &str), (people, w): (&[Person], &Words<'_>)) -> String {
    let person = || value.parse().ok().map(|worker| named_worker(people, worker));
    let button = |id: String| Some(w.t(&id)).filter(|said| !said.contains(&id));
    let said = match name {
        "worker" | "deputy" | "for" => person(),
        "field" => Some(w.field(value)),
        "role" => Some(w.named("role", value)),
        "unit" | "category" | "place" | "severity" | "urgency" => {
            Some(w.value(name, Some(value)).plain().to_owned())
        }
        "result" => Some(w.named("choice", value)),
        "rule" => {
            Some(w.named(if to.starts_with("/supervision/draws") { "draw" } else { "interview" }, value))
        }
        "month" => Some(w.month(value)),
        "verdict" => button(format!("account-{value}")),
        "what" => {
            let kind = ["/conflicts", "/admin/devices", "/admin/people", "/admin/packs", "/admin/refused"]
                .iter()
                .position(|root| to.starts_with(root));
            kind.and_then(|at| {
                let id = format!("{}-{value}", ["work", "device", "person", "pack", "refused"][at]);
                // With what it comes to, where the page that it was pressed on says so.
                let hint = button(format!("{id}-hint")).map(|hint| format!(" — {hint}")).unwrap_or_default();
                button(id).map(|said| said + &hint)
            })
        }
        "from" | "until" | "week" => leave::span(value, value).map(|(from, _)| w.day(from).plain()),
        _ => None,
    };
    said.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::SILENT;
    use crate::http::strings::{Lang, Strings};
    use crate::policies::Packs;

    /// Names of all fields in forms of these templates that are sent.
    fn fields(folder: &Path, found: &mut BTreeSet<String>) {
        // These keep what was typed themselves, ask for a password, or send files.
        const APART: [&str; 8] =
            ["acts", "sign-in", "account", "base", "conflict", "practice", "resume", "admin-packs"];
        for entry in fs::read_dir(folder).expect("templates").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                fields(&entry, found);
                continue;
            }
            let name = entry.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            if APART.contains(&&*name) {
                continue;
            }
            let text = fs::read_to_string(&entry).expect("a template");
            let forms = text.split("<form method=\"post\"").skip(1);
            for form in forms.map(|form| form.split("</form>").next().unwrap_or(form)) {
                let names = form.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(names.filter(|name| !name.contains("{{")).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_field_of_a_form_that_is_kept_has_words() {
        let mut found = BTreeSet::new();
        fields(&Path::new(env!("CARGO_MANIFEST_DIR")).join("console/templates"), &mut found);
        assert!(found.contains("month") && found.contains("deputy") && found.len() > 15, "{found:?}");
        let strings = Strings::of(&Packs::default());
        for name in found.iter().filter(|name| !SILENT.contains(&&***name) && *name != "id") {
            for lang in [Lang::Zh, Lang::En] {
                let said =
                    ["kept", "field"].map(|kind| strings.desk(lang).get(&format!("{kind}-{name}"), &[]));
                assert!(said.iter().any(Option::is_some), "{name} has no words");
            }
        }
    }
}
