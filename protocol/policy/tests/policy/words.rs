//! That everything a check can say is said in both languages: every wording of the source stands in the files, and what it
//! names is given to it; and every problem that the other tests meet is Chinese for who reads Chinese.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use doorstep_policy::{LANGUAGES, Problem, check, embedded_bazhou};

/// Every problem has words of its own in Chinese, with every place in them filled, and English is what it carries.
pub(crate) fn said_in_chinese(problem: &Problem) {
    let chinese = problem.in_language("zh-CN");
    for (text, english) in [(&chinese.message, &problem.message), (&chinese.remedy, &problem.remedy)] {
        assert!(text.chars().any(|c| ('一'..='鿿').contains(&c)), "not in Chinese: {text:?} for {problem:?}");
        assert!(text != english, "said in English: {problem:?}");
        assert!(!text.contains(['⟦', '{']) || english.contains('{'), "unfilled: {text}");
    }
    assert!(!problem.message.contains('⟦') && !problem.remedy.contains('⟦'), "unfilled: {problem:?}");
    assert_eq!(&problem.in_language("en"), problem);
    let places = |p: &Problem| (p.file.clone(), p.line, p.column, p.code.clone());
    assert_eq!(places(&chinese), places(problem));
}

/// The sources that say something.
fn sources() -> Vec<(PathBuf, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the source is there").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let text = fs::read_to_string(entry.path()).expect("source is text");
                let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or("").to_owned();
                if code.contains("crate::said::") || entry.path().ends_with("src/said.rs") {
                    found.push((entry.path(), code));
                }
            }
        }
    }
    found
}

/// What stands in quotation marks after each of these words.
fn quoted<'t>(text: &'t str, after: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(after).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
}

/// Whether the word at this place is not the end of a longer one.
fn alone(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_.".contains(c))
}

/// The ids of wordings in a source.
fn ids(code: &str) -> impl Iterator<Item = &str> {
    let calls = ["said(", "Word("].into_iter().flat_map(|call| code.match_indices(call));
    let alone = calls.filter(|(at, _)| alone(code, *at));
    alone.filter_map(|(at, call)| code[at + call.len()..].trim_start().strip_prefix('"')?.split('"').next())
}

/// Ids with the names that their wordings hold.
fn wordings(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("strings").join(language);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in fs::read_dir(folder).expect("the words are there").flatten() {
        let text = fs::read_to_string(file.path()).expect("words are text");
        let mut last = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (id, words) = line.split_once(" = ").expect("a wording is one line");
            if !id.starts_with(' ') {
                assert!(!found.contains_key(id), "{language}: {id} is there twice");
                id.clone_into(&mut last);
            }
            let names = words.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next());
            found.entry(last.clone()).or_default().extend(names.map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_source_says_what_the_files_have_words_for_and_nothing_else() {
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (path, code) in sources() {
        let by_id = |text: &str| text.trim_start().starts_with('"');
        let calls = code.match_indices("said(").filter(|(at, _)| alone(&code, *at));
        let loose = calls.filter(|(at, call)| !by_id(&code[at + call.len()..])).count();
        // The definition, and the three that take a word, a name or a joint.
        let own = if path.ends_with("src/said.rs") { 3 } else { 0 };
        assert_eq!(loose, own, "{}: a wording is named by its id", path.display());
        said.extend(ids(&code).map(str::to_owned));
    }
    for language in LANGUAGES {
        let words: BTreeSet<String> = wordings(language).into_keys().collect();
        let differ: Vec<&String> = said.symmetric_difference(&words).collect();
        assert!(differ.is_empty(), "{language}: in the source or in the files only: {differ:?}");
    }
}

#[test]
fn whatever_a_wording_names_is_given_to_it_where_it_is_said() {
    let wordings = LANGUAGES.map(wordings);
    let given = [".with(", ".name(", ".word(", ".say(", ".list(", ".words(", ".names("];
    let mut lacking = Vec::new();
    for (path, code) in sources() {
        let names: BTreeSet<&str> = given.iter().flat_map(|call| quoted(&code, call)).collect();
        for id in ids(&code) {
            let wanted = wordings.iter().filter_map(|words| words.get(id)).flatten();
            let missing = wanted.filter(|name| !names.contains(name.as_str()));
            lacking.extend(missing.map(|name| format!("{}: {id} without ${name}", path.display())));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn a_clerk_reads_what_is_wrong_and_what_to_write_instead() {
    let mut files = embedded_bazhou();
    let policy = files.0.get_mut("policy.toml").expect("a pack has rules");
    *policy = policy.replacen("beyond = [\"leader\"]", "beyond = [\"leeder\"]", 1);
    let problem = check(&files)[0].in_language("zh-CN");
    assert_eq!(problem.message, "没有“leeder”这个角色（role）");
    let remedy = "改为以下之一：worker、handler、reviewer、leader、inspector、admin、auditor";
    assert_eq!(problem.remedy, remedy);
    let read: Problem =
        serde_json::from_value(serde_json::to_value(&problem).expect("it is plain")).expect("it reads back");
    assert_eq!((&read.message, &read.in_language("en").message), (&problem.message, &problem.message));
    let names: Vec<String> = match serde_json::to_value(&problem).expect("it is plain") {
        serde_json::Value::Object(object) => object.keys().cloned().collect(),
        other => panic!("{other}"),
    };
    assert_eq!(names, ["code", "column", "file", "line", "message", "remedy"]);
}
