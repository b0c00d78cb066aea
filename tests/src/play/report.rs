//! Playing all stories: servers, progress, timelines, invariants, the answer as text and as JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::packs::{self, PlayedPack};
use super::perform;
use super::process::{Binaries, Scratch, Serve, Server};
use super::stage::{Place, Stage};
use super::story::Story;
use super::strings::Strings;
use super::timeline::{self, Entry};

/// How stories are played.
#[derive(Clone, Debug)]
pub struct Options {
    /// The quiet time of the servers.
    pub settle: String,
    /// Whether progress is shown and timelines are printed as they come.
    pub tell: bool,
}

/// One story's result.
#[derive(Clone, Debug, Serialize)]
pub struct StoryResult {
    /// The story.
    pub id: String,
    /// Every expectation held.
    pub ok: bool,
    /// What happened.
    pub timeline: Vec<Entry>,
    /// Why it did not hold, with file and line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl StoryResult {
    fn failed(story: &Story, failure: &str) -> Self {
        let failure = Some(format!("{}: {failure}", story.path.display()));
        StoryResult { id: story.id.clone(), ok: false, timeline: Vec::new(), failure }
    }
}

/// One invariant, over all servers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Invariant {
    /// Its number.
    pub id: u64,
    /// What it says.
    pub name: String,
    /// Items looked at.
    pub checked: u64,
    /// Items that break it.
    pub failed: u64,
    /// Some of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Json>,
}

/// All results, and the server that is still there.
#[derive(Debug)]
pub struct Played {
    /// By story.
    pub stories: Vec<StoryResult>,
    /// By number.
    pub invariants: Vec<Invariant>,
    /// The server with the stories that use packs as they stand.
    pub server: Option<Server>,
    /// A token of a person at the desk of that server.
    pub token: Option<String>,
    /// Everything that was made; gone when dropped.
    pub scratch: Scratch,
}

impl Played {
    /// Every expectation held, and every invariant over at least one item.
    pub fn ok(&self) -> bool {
        let holds = |invariant: &Invariant| invariant.failed == 0 && invariant.checked > 0;
        self.stories.iter().all(|story| story.ok)
            && self.invariants.len() == 10
            && self.invariants.iter().all(holds)
    }

    /// The answer for scripts.
    pub fn json(&self) -> Json {
        json!({ "stories": self.stories, "invariants": self.invariants })
    }
}

/// Stories with the same packs share a server; a story with an overlay has one of its own.
struct Group<'a> {
    stories: Vec<&'a Story>,
    packs: Vec<PathBuf>,
}

/// Plays stories. An error means that nothing could be played.
pub fn stories(stories: &[Story], options: &Options, strings: &Strings) -> Result<Played, String> {
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("play")?;
    let groups = groups(stories, &scratch.path(""))?;
    let steps = stories.iter().map(|story| story.file.step.len() as u64).sum();
    let bar = bar(options, steps);
    let mut played =
        Played { stories: Vec::new(), invariants: Vec::new(), server: None, token: None, scratch };
    for (n, group) in groups.iter().enumerate() {
        let data = played.scratch.path(&format!("data-{n}"));
        let serve = Serve {
            data,
            packs: group.packs.clone(),
            settle: Some(options.settle.clone()),
            ..Serve::default()
        };
        let mut server = match Server::start(&binaries, &serve) {
            Ok(server) => server,
            Err(error) => {
                played.stories.extend(group.stories.iter().map(|story| StoryResult::failed(story, &error)));
                continue;
            }
        };
        for story in &group.stories {
            bar.set_message(strings.pick(&story.file.title).to_owned());
            let (result, token) =
                play(story, (&server, &binaries), (strings, &played.scratch.path("")), &bar);
            if options.tell {
                bar.suspend(|| tell(story, &result, strings));
            }
            played.stories.push(result);
            if n == 0 {
                played.token = token.or(played.token);
            }
        }
        verify(&server, &mut played.invariants)?;
        if n == 0 {
            played.server = Some(server);
        } else if server.stop(Duration::from_secs(20)) != 0 {
            return Err("a server did not stop in good order".into());
        }
    }
    bar.finish_and_clear();
    played.stories.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(played)
}

fn bar(options: &Options, steps: u64) -> ProgressBar {
    let bar = if options.tell { ProgressBar::new(steps) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}").expect("a constant template");
    bar.with_style(style)
}

fn groups<'a>(stories: &'a [Story], scratch: &Path) -> Result<Vec<Group<'a>>, String> {
    let mut plain = Group { stories: Vec::new(), packs: Vec::new() };
    let mut districts: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut others = Vec::new();
    for story in stories {
        let folder = packs::folder(story, scratch)?;
        let district = PlayedPack::read(&folder, "en")?.district;
        let same = districts.get(&district).is_none_or(|other| same_place(other, &folder));
        if story.file.overlay.is_some() || !same {
            others.push(Group { stories: vec![story], packs: vec![folder] });
            continue;
        }
        districts.entry(district).or_insert(folder);
        plain.stories.push(story);
    }
    plain.packs = districts.into_values().collect();
    let all = std::iter::once(plain).chain(others);
    Ok(all.filter(|group| !group.stories.is_empty()).collect())
}

fn same_place(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok() == b.canonicalize().ok()
}

fn play(
    story: &Story,
    (server, binaries): (&Server, &Binaries),
    (strings, folder): (&Strings, &Path),
    bar: &ProgressBar,
) -> (StoryResult, Option<String>) {
    let pack = match packs::folder(story, folder).and_then(|pack| PlayedPack::read(&pack, strings.language)) {
        Ok(pack) => pack,
        Err(error) => return (StoryResult::failed(story, &error), None),
    };
    let place = Place { server, binaries, pack: &pack, strings, folder };
    let mut stage = match Stage::set(story, &place) {
        Ok(stage) => stage,
        Err(error) => return (StoryResult::failed(story, &error), None),
    };
    let mut result = StoryResult { id: story.id.clone(), ok: false, timeline: Vec::new(), failure: None };
    for (n, step) in story.file.step.iter().enumerate() {
        if let Err(error) = perform::step(&mut stage, step.get_ref()) {
            result.failure = Some(format!("{}: {error}", story.place(n)));
            break;
        }
        bar.inc(1);
    }
    result.ok = result.failure.is_none();
    result.timeline = std::mem::take(&mut stage.timeline);
    let token = server.token(&stage.workers[story.file.desk.get_ref()]).ok();
    (result, token)
}

fn tell(story: &Story, result: &StoryResult, strings: &Strings) {
    let title = strings.pick(&story.file.title);
    eprintln!("\n── {title}\n   {}\n   {}\n", strings.pick(&story.file.about), strings.with("clocks", &[]));
    eprint!("{}", timeline::plain(&result.timeline));
    match &result.failure {
        None => eprintln!("  {:19}  {}", "", strings.with("story-ok", &[])),
        Some(failure) => eprintln!("  {:19}  {}", "", strings.with("story-failed", &[("failure", failure)])),
    }
}

/// Adds what `doorstep verify` says of a server.
fn verify(server: &Server, all: &mut Vec<Invariant>) -> Result<(), String> {
    let output = server.beside(&["verify"])?;
    let list = output.json["invariants"].as_array().ok_or_else(|| format!("verify: {}", output.told()))?;
    for one in list {
        let id = one["id"].as_u64().unwrap_or_default();
        let number = |name: &str| one[name].as_u64().unwrap_or_default();
        if !all.iter().any(|invariant| invariant.id == id) {
            let name = one["name"].as_str().unwrap_or_default().to_owned();
            all.push(Invariant { id, name, ..Invariant::default() });
        }
        let sum = all.iter_mut().find(|invariant| invariant.id == id).expect("it was just added");
        sum.checked += number("checked");
        sum.failed += number("failed");
        sum.examples.extend(one["examples"].as_array().into_iter().flatten().cloned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invariant_that_checked_nothing_counts_as_failed() {
        let invariant = |id| Invariant { id, checked: 1, ..Invariant::default() };
        let story = StoryResult { id: "a".into(), ok: true, timeline: Vec::new(), failure: None };
        let mut played = Played {
            stories: vec![story],
            invariants: (1..=10).map(invariant).collect(),
            server: None,
            token: None,
            scratch: Scratch::new("report").expect("a temporary folder"),
        };
        assert!(played.ok());
        played.invariants[6].checked = 0;
        assert!(!played.ok());
        played.invariants[6] = Invariant { failed: 1, ..invariant(7) };
        assert!(!played.ok());
        played.invariants[6].failed = 0;
        played.stories[0].ok = false;
        assert!(!played.ok());
    }
}
