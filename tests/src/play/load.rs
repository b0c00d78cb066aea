//! Reading stories: a bad file is told with file, line and what is wrong, before anything is started.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use super::story::{File, Step, Story};

/// A story that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadStory {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for BadStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// All stories of a folder, by name; or of one file.
pub fn load_all(path: &Path) -> Result<Vec<Story>, Vec<BadStory>> {
    let bad = |message: String| vec![BadStory { file: path.to_owned(), line: 1, message }];
    let mut files = Vec::new();
    if path.is_file() {
        files.push(path.to_owned());
    } else {
        let entries = std::fs::read_dir(path).map_err(|error| bad(error.to_string()))?;
        let paths = entries.flatten().map(|entry| entry.path());
        files
            .extend(paths.filter(|path| path.is_file() && path.extension().is_some_and(|ext| ext == "toml")));
    }
    files.sort();
    if files.is_empty() {
        return Err(bad("no story (*.toml) is here".into()));
    }
    let (mut stories, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match load(&file) {
            Ok(story) => stories.push(story),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(stories) } else { Err(problems) }
}

fn load(path: &Path) -> Result<Story, Vec<BadStory>> {
    let bad = |line: usize, message: String| BadStory { file: path.to_owned(), line, message };
    let text = std::fs::read_to_string(path).map_err(|error| vec![bad(1, error.to_string())])?;
    let line_of = |byte: usize| text[..byte.min(text.len())].matches('\n').count() + 1;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        vec![bad(line, error.message().trim().to_owned())]
    })?;
    let mut problems = Vec::new();
    let folder = path.parent().unwrap_or(Path::new("."));
    for needed in [Some(&file.pack.join("policy.toml")), file.overlay.as_ref()].into_iter().flatten() {
        if !folder.join(needed).is_file() {
            problems.push(bad(1, format!("there is no file {}", folder.join(needed).display())));
        }
    }
    if !file.person.contains_key(file.desk.get_ref()) {
        problems.push(bad(
            line_of(file.desk.span().start),
            format!("nobody is called {:?}", file.desk.get_ref()),
        ));
    }
    for (name, person) in &file.device {
        if !file.person.contains_key(person.get_ref()) {
            let line = line_of(person.span().start);
            problems.push(bad(
                line,
                format!("device {name:?} belongs to {:?}, and nobody is called so", person.get_ref()),
            ));
        }
    }
    let mut known = BTreeSet::new();
    for step in &file.step {
        let found = check(&file, step.get_ref(), &mut known);
        problems.extend(found.into_iter().map(|message| bad(line_of(step.span().start), message)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let lines = file.step.iter().map(|step| line_of(step.span().start)).collect();
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Story { id, path: path.to_owned(), file, lines })
}

fn check(file: &File, step: &Step, known: &mut BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    let verbs = step.verbs();
    let [verb] = verbs[..] else {
        return vec![format!(
            "a step has one verb of new, edit, act, checkout, sync, settled, until, resolve, later, expect; this one has {}",
            if verbs.is_empty() { "none".into() } else { verbs.join(", ") }
        )];
    };
    let needs: &[(&str, bool)] = match verb {
        "new" | "edit" => &[("device", step.device.is_some())],
        "act" => &[("device", step.device.is_some()), ("command", step.command.is_some())],
        "checkout" => &[("device", step.device.is_some()), ("lasts", step.lasts.is_some())],
        "resolve" => &[("field", step.field.is_some()), ("reason", step.reason.is_some())],
        "later" => &[
            ("after", step.after.is_some()),
            ("that", step.that.is_some()),
            ("device", step.device.is_some()),
        ],
        "until" | "expect" => &[("that", step.that.is_some())],
        _ => &[],
    };
    problems.extend(needs.iter().filter(|(_, is)| !is).map(|(name, _)| format!("{verb} needs {name:?}")));
    for device in step.device.iter().chain(step.sync.iter().flatten()) {
        if !file.device.contains_key(device) {
            problems.push(format!("there is no device {device:?}"));
        }
    }
    for person in step.by.iter().filter(|person| !file.person.contains_key(*person)) {
        problems.push(format!("nobody is called {person:?}"));
    }
    for duration in [&step.within, &step.after, &step.lasts].into_iter().flatten() {
        if duration.parse::<jiff::SignedDuration>().is_err() && days(duration).is_none() {
            problems.push(format!("{duration:?} is not an ISO 8601 duration such as PT20S or P40D"));
        }
    }
    for document in step.documents().filter(|document| !known.contains(*document)) {
        problems.push(format!("no step before this one makes {document:?}"));
    }
    known.extend(step.new.clone());
    problems
}

/// An ISO 8601 duration in seconds; days have 24 hours.
pub(super) fn days(text: &str) -> Option<jiff::SignedDuration> {
    let span: jiff::Span = text.parse().ok()?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    span.to_duration(days).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(steps: &str) -> Vec<String> {
        let head = "title = { zh = 'a', en = 'a' }\nabout = { zh = 'a', en = 'a' }\npack = 'p'\ndesk = 'x'\n\
                    begins = 2026-01-01T00:00:00+08:00\n[person.x]\nname = 'x'\nunit = '1'\nrole = 'reviewer'\n\
                    [device]\nd = 'x'\n";
        let file: File = toml::from_str(&format!("{head}{steps}")).expect("a story of the right shape");
        let mut known = BTreeSet::new();
        file.step.iter().flat_map(|step| check(&file, step.get_ref(), &mut known)).collect()
    }

    #[test]
    fn a_step_has_one_verb_and_names_what_exists() {
        assert!(
            problems("[[step]]\nnew = 'a'\ndevice = 'd'\n[[step]]\nedit = 'a'\ndevice = 'd'\n").is_empty()
        );
        assert!(problems("[[step]]\nnew = 'a'\nedit = 'a'\n")[0].contains("new, edit"));
        assert!(problems("[[step]]\nat = 2026-01-01T00:00:00+08:00\n")[0].contains("none"));
        assert_eq!(
            problems("[[step]]\nedit = 'b'\ndevice = 'e'\n"),
            ["there is no device \"e\"", "no step before this one makes \"b\""]
        );
        assert_eq!(problems("[[step]]\nnew = 'b'\n"), ["new needs \"device\""]);
        assert!(problems("[[step]]\nsync = ['d']\nwithin = 'soon'\n")[0].contains("ISO 8601"));
    }

    #[test]
    fn a_bad_file_is_told_with_its_line() {
        let folder = crate::play::process::Scratch::new("stories").expect("a temporary folder");
        let file = folder.path("bad.toml");
        std::fs::write(&file, "title = { zh = 'a', en = 'b' }\nnonsense = 1\n").expect("written");
        let problems = load_all(&file).expect_err("it is bad");
        assert_eq!((problems[0].line, problems.len()), (2, 1), "{problems:?}");
        assert!(problems[0].message.contains("nonsense"));
    }
}
