//! One example for each kind of mistake that loads and cannot be meant, or that a parser would name in its own words: the
//! first problem is that one, at its place, with a remedy that says what to write.

use doorstep_policy::{PackFiles, Problem, check};

use crate::story::changed;
use crate::words::said_in_chinese;

pub(crate) const POLICY: &str = "policy.toml";
pub(crate) const CASES: &str = "examples/deadlines.toml";

/// The first problem, and the text that it points at.
pub(crate) fn first(files: &PackFiles) -> (Problem, String) {
    let problems = check(files);
    problems.iter().for_each(said_in_chinese);
    let problem = problems.into_iter().next().expect("the pack has a mistake");
    let text = files.0.get(&problem.file).map_or("", String::as_str);
    let line = text.lines().nth(problem.line as usize - 1).unwrap_or("");
    let pointed = line.chars().skip(problem.column as usize - 1).collect();
    (problem, pointed)
}

/// A file, what is changed in it, and the code, place and words of the first problem.
pub(crate) type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

pub(crate) fn each(rows: &[Row<'_>]) {
    let mut wrong = Vec::new();
    for (file, from, to, code, pointed, says) in rows {
        let (problem, at) = first(&changed(file, from, to));
        let said = format!("{} — {}", problem.message, problem.remedy);
        if problem.code != *code || !at.starts_with(pointed) || !said.contains(says) || problem.file != *file
        {
            wrong.push(format!("{to:?}: at {at:?} {problem:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn roles_fields_and_arguments_that_nobody_has() {
    each(&[
        (POLICY, "beyond = [\"leader\"]", "beyond = [\"leeder\"]", "unknown-value", "\"leeder\"", "no role"),
        (POLICY, "roles = [\"worker\", \"handler\"]", "roles = []", "empty-list", "[]", "empty"),
        (POLICY, "roles = [\"leader\"]", "roles = [\"chief\"]", "unknown-value", "\"chief\"", "inspector"),
        (
            POLICY,
            "roles = [\"worker\", \"handler\"]",
            "roles = [\"worker\", \"hander\"]",
            "unknown-value",
            "\"hander\"",
            "no role",
        ),
        (
            POLICY,
            "notice = \"PT10M\"\nroles = [\"inspector\"",
            "notice = \"PT10M\"\nroles = [\"inspecter\"",
            "unknown-value",
            "\"inspecter\"",
            "no role",
        ),
        (
            POLICY,
            "tighten_to_review = []",
            "tighten_to_review = [\"urgensy\"]",
            "unknown-value",
            "\"urgensy\"",
            "no field",
        ),
        (CASES, "by_role = \"", "by_role = \"x", "unknown-value", "\"x", "no role"),
        (CASES, "category = ", "categroy = ", "unknown-field", "categroy", "no case has a field"),
        (
            CASES,
            "category = \"",
            "household = \"1\", category = \"",
            "unknown-field",
            "household",
            "the pack does not read",
        ),
        (CASES, "category = \"", "category = \"x", "unknown-value", "\"x", "there is no category"),
        (CASES, "reason = ", "raeson = ", "unknown-argument", "raeson", "no command is told"),
        (
            "examples/closing.toml",
            "hidden = [\"511902101200\"]",
            "hidden = [\"511902101\", \"511902101299\"]",
            "unknown-unit",
            "\"511902101299\"",
            "units.csv",
        ),
        (
            "examples/closing.toml",
            "id = \"not-satisfied-and-not-repaired\"",
            "id = \"four-signatures-callback-look-back\"",
            "duplicate",
            "\"four",
            "already",
        ),
    ]);
}

#[test]
fn rules_that_cannot_both_be_meant() {
    each(&[
        (
            POLICY,
            "511902001 = \"511902001-centre\"",
            "511902001 = \"511902002-centre\"",
            "mixed-up",
            "\"511902002-centre\"",
            "although there is 511902001-centre",
        ),
        (
            "examples/closing.toml",
            "role = \"handler\", worker",
            "role = \"hander\", worker",
            "unknown-value",
            "\"hander\"",
            "nobody signs as",
        ),
        (
            POLICY,
            "to = 2022-01-01T00:00:00+08:00",
            "to = 2022-03-01T00:00:00+08:00",
            "period-overlap",
            "\"area-2022\"",
            "overlap",
        ),
        (POLICY, "from = \"department\"\nto", "from = \"town\"\nto", "no-escalation", "", ""),
        (
            POLICY,
            "from = \"district\"\nto",
            "from = \"town\"\nto",
            "duplicate",
            "\"town\"",
            "escalates to two units",
        ),
        (
            POLICY,
            "with = [\"511902-water\"]",
            "with = [\"511902-water\", \"town\"]",
            "duplicate",
            "\"town\"",
            "together with itself",
        ),
        (
            POLICY,
            "else_unit = \"511902-supervision\"",
            "else_unit = \"intake\"",
            "same-unit",
            "\"intake\"",
            "nobody else asks",
        ),
        (POLICY, "max = \"P3D\"", "max = \"PT1M\"", "settle-order", "\"urgency", "longer than `quiet`"),
        (
            POLICY,
            "at = \"100%\", act = \"supervise\"",
            "at = \"70%\", act = \"supervise\"",
            "ladder-order",
            "\"70%\"",
            "order the steps by time",
        ),
        (
            POLICY,
            "measure = \"overdue\", weight",
            "measure = \"redo\", weight",
            "duplicate",
            "[list]",
            "twice",
        ),
        (
            POLICY,
            "district = \"511902\"",
            "district = \"511902105\"",
            "unknown-unit",
            "\"511902105\"",
            "no district",
        ),
    ]);
}

#[test]
fn rules_that_take_everything_or_nothing_are_the_first_problem() {
    let danger = "when = \"urgency == 'danger' && category == 'water'\"";
    let problems = check(&changed(POLICY, danger, "when = \"true\""));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let said = &problems[0].message;
    assert!(
        said.starts_with("route \"danger-water\" takes every case of") && said.contains("\"town\""),
        "{said}"
    );
    // What ends later is named as long; a place goes to whoever is above it then, an office to nobody.
    for (unit, ends) in [("511902-discipline", true), ("511902-intake", true), ("511902105-centre", false)] {
        let mut files = changed(POLICY, "[settle]", "[settle]");
        let units = files.0.get_mut("units.csv").expect("the units");
        let line =
            units.lines().find(|line| line.starts_with(&format!("{unit},"))).expect("a unit").to_owned();
        let cells: Vec<&str> = line.split(',').collect();
        *units = units.replacen(&line, &format!("{},,2030-01-01", cells[..4].join(",")), 1);
        let problems = check(&files);
        let found = problems.iter().find(|problem| problem.code == "ended-unit");
        assert_eq!(found.is_some(), ends, "{unit}: {problems:?}");
        assert!(found.is_none_or(|problem| problem.message.contains("2030-01-01")), "{found:?}");
    }
    let amend = "name = \"amend\"\nwho = [\"intake\", \"district\"]";
    each(&[
        (
            POLICY,
            amend,
            &format!("{amend}\nwhen = \"category == 'water' && category == 'roads'\""),
            "dead-rule",
            "\"category",
            "nobody may ever give",
        ),
        (
            POLICY,
            "urgent = \"urgency in ['urgent', 'danger']\"",
            "urgent = \"urgency == ''&& urgency == 'soon'\"",
            "dead-rule",
            "\"urgency",
            "no case is ever urgent",
        ),
        (
            POLICY,
            "[[campaign]]",
            "[[grade]]\nid = \"a\"\nseverity = [\"heavy\", \"light\"]\nurgency = [\"soon\"]\nbasis = \"GJ-1\"\n\n[[grade]]\nid = \"b\"\nseverity = [\"light\"]\nurgency = [\"soon\"]\nbasis = \"GJ-1\"\n\n[[campaign]]",
            "shadowed-rule",
            "\"b\"",
            "never given",
        ),
    ]);
}

#[test]
fn conditions_say_what_is_wrong_in_words_of_ours() {
    let from = "when = \"urgency == 'danger' && category == 'water'\"";
    each(&[
        (POLICY, from, "when = \"\"", "cel-syntax", "\"\"", "the condition is empty"),
        (POLICY, from, "when = \"urgency = 'danger'\"", "cel-syntax", "= 'danger'", "compare with =="),
        (
            POLICY,
            from,
            "when = \"urgency == 'danger\"",
            "cel-syntax",
            "'danger",
            "close every quotation mark",
        ),
        (POLICY, from, "when = \"(urgency == 'danger'\"", "cel-syntax", "", "close every bracket"),
        (
            POLICY,
            from,
            "when = \"urgency == 'danger' and category == 'water'\"",
            "cel-syntax",
            "and category",
            "join comparisons with &&",
        ),
        (
            POLICY,
            from,
            "when = \"urgency == 'danger' && severity == 3\"",
            "cel-type",
            "\"urgency",
            "joins a text and a number",
        ),
        (
            POLICY,
            from,
            "when = \"urgency == 'danger' && category in ['water', 7]\"",
            "cel-type",
            "\"urgency",
            "other than texts",
        ),
        (
            POLICY,
            from,
            "when = \"urgency == 'danger' && category == 'watr'\"",
            "unknown-value",
            "watr'",
            "no category",
        ),
    ]);
}

#[test]
fn toml_says_what_is_wrong_in_words_of_ours() {
    each(&[
        (POLICY, "[settle]", "[settle", "toml", "", "closing bracket"),
        (POLICY, "limit = 2", "limit = 2\nlimit = 2", "toml", "limit", "twice"),
        (POLICY, "limit = 2", "limit =", "toml", "", "no value"),
        (POLICY, "limit = 2", "limits = 2", "toml", "limits", "write \"limit\", or another of"),
        (POLICY, "limit = 2\n", "", "toml", "[referral]", "this table lacks `limit`"),
        (POLICY, "every = \"month\"", "every = \"fortnight\"", "toml", "\"fortnight\"", "none of the words"),
        (POLICY, "witness = true", "witness = \"yes\"", "toml", "\"yes\"", "true or false"),
        (POLICY, "beyond = [\"leader\"]", "beyond = \"leader\"", "toml", "\"leader\"", "a list in brackets"),
        (POLICY, "any = { hours = 24 }", "any = 24", "toml", "24", "exactly one entry"),
        (POLICY, "any = { hours = 24 }", "any = { hours = 24, days = 1 }", "toml", "", "exactly one entry"),
        (CASES, "expect = {", "expct = {", "toml", "expct", "expect"),
    ]);
}

/// What a pack names must be there on the day from which it is in force, and whoever must act must have a role that acts.
#[test]
fn units_that_are_gone_and_reviews_that_nobody_ends() {
    for (unit, row) in [
        ("511902-discipline", "511902-discipline,"),
        ("511902105-centre", "511902105-centre,"),
        ("511902-leader", "511902-leader,"),
        ("511902-supervision", "511902-supervision,"),
        ("511902-justice", "511902-justice,"),
    ] {
        let mut files = changed(POLICY, "[settle]", "[settle]");
        let units = files.0.get_mut("units.csv").expect("the units");
        let line = units.lines().find(|line| line.starts_with(row)).expect("a unit").to_owned();
        let cells: Vec<&str> = line.split(',').collect();
        *units = units.replacen(&line, &format!("{},,2020-01-01", cells[..4].join(",")), 1);
        let (problem, at) = first(&files);
        assert_eq!((problem.code.as_str(), problem.file.as_str()), ("ended-unit", POLICY), "{problem:?}");
        assert!(at.starts_with(&format!("\"{unit}\"")) && problem.message.contains("2020-01-01"), "{at}");
    }
    let amend = "name = \"amend\"\nwho = [\"intake\", \"district\"]\nroles = [\"reviewer\", \"leader\"]";
    let nobody = amend.replace("\"reviewer\", \"leader\"", "\"auditor\"");
    each(&[(POLICY, amend, &nobody, "stuck", "\"amend\"", "amend")]);
}

#[test]
fn an_event_without_an_end_a_name_that_is_there_twice_and_what_a_remedy_proposes() {
    let mut files = changed(POLICY, "[settle]", "[settle]");
    let file = "calendars/cn-2026.ics";
    let calendar = files.0.get_mut(file).expect("a calendar");
    let end = calendar.lines().find(|line| line.starts_with("DTEND")).expect("an end").to_owned();
    *calendar = calendar.replacen(&format!("{end}\n"), "", 1).replacen(&format!("{end}\r\n"), "", 1);
    let (problem, _) = first(&files);
    assert_eq!((problem.code.as_str(), problem.file.as_str()), ("calendar-event", file));
    assert!(problem.message.contains("counts as one day"), "{problem:?}");
    let twice = changed(POLICY, "\"water\", \"roads\"", "\"water\", \"water\", \"roads\"");
    let found: Vec<Problem> = check(&twice);
    assert_eq!(found.len(), 1, "said once: {found:?}");
    let short = changed(POLICY, "repeat = \"P7D\"", "repeat = \"PT1M\"");
    assert!(!first(&short).0.remedy.contains("PT30M"));
    // Why a command was refused stands there in Chinese too.
    let refused = "expect = { refused = \"verify.own\" }";
    let differs = check(&changed("examples/closing.toml", refused, "expect = { step = \"sign\" }"));
    let differs = differs.iter().find(|p| p.code == "example-differs").expect("it is refused");
    assert!(
        differs.message.contains("whoever was in charge or claimed it does not verify it"),
        "{differs:?}"
    );
    let chinese = differs.in_language("zh-CN").message;
    assert!(
        chinese.contains("经办人、办结人不能核实自己办的件") && !chinese.contains("whoever"),
        "{chinese}"
    );
}

#[test]
fn a_lead_that_escapes_from_its_compartment_and_a_day_that_does_not_exist() {
    let when = "when = \"category == 'conduct'\"";
    let narrowed = |more: &str| format!("when = \"category == 'conduct' && {more}\"");
    let (danger, scan) = (narrowed("urgency != 'danger'"), narrowed("channel != 'scan'"));
    let (heavy, named) = (narrowed("severity == 'heavy'"), narrowed("subject != ''"));
    let code = "compartment-escapes";
    each(&[
        (POLICY, when, &danger, code, "\"discipline\"", "urgency is \"danger\""),
        (POLICY, when, &scan, code, "\"discipline\"", "channel is \"scan\""),
        (POLICY, when, &heavy, code, "\"discipline\"", "category alone"),
        (POLICY, when, &named, code, "\"discipline\"", "subject"),
        (
            POLICY,
            "effective_from = 2021-01-01T00:00:00+08:00",
            "effective_from = 2021-02-30T00:00:00+08:00",
            "toml",
            "2021-02-30",
            "no such day",
        ),
    ]);
}
