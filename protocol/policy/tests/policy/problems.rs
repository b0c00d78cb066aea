//! What `check` finds: each with its file, line, column and a remedy.

use crate::story::changed;
use crate::words::said_in_chinese;
use doorstep_policy::{PackFiles, Problem, check};

/// The one problem of a code, with the text that its place points at.
fn find(files: &PackFiles, code: &str) -> (Problem, String) {
    let problems = check(files);
    problems.iter().for_each(said_in_chinese);
    let found = problems.iter().find(|p| p.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} among {problems:?}")).clone();
    let text = files.0.get(&found.file).map_or("", String::as_str);
    let line = text.lines().nth(found.line as usize - 1).unwrap_or("");
    let pointed: String = line.chars().skip(found.column as usize - 1).collect();
    assert!(!found.remedy.is_empty() && !found.message.is_empty());
    (found, pointed)
}

/// The pack with one text replaced; the problem must point at `pointed`.
fn expect(file: &str, from: &str, to: &str, code: &str, pointed: &str) -> Problem {
    let (problem, at) = find(&changed(file, from, to), code);
    assert!(at.starts_with(pointed), "{code} points at {at:?}: {problem:?}");
    problem
}

const POLICY: &str = "policy.toml";

#[test]
fn toml_that_does_not_parse_or_has_unknown_keys() {
    expect(POLICY, "[settle]", "[settle", "toml", "");
    expect(POLICY, "quiet = \"PT2M\"", "quite = \"PT2M\"", "toml", "quite");
    expect(POLICY, "quiet = \"PT2M\"", "quiet = \"P2M\"", "figure", "\"P2M\"");
    expect(POLICY, "at = \"75%\"", "at = \"175%\"", "figure", "\"175%\"");
}

#[test]
fn a_condition_that_does_not_parse_points_into_itself() {
    let from = "when = \"urgency == 'danger' && category == 'water'\"";
    expect(POLICY, from, "when = \"urgency == 'danger' && && true\"", "cel-syntax", "&& true");
    let to = "when = '''\nurgency == 'danger'\n&& category === 'water'\n'''";
    let problem = expect(POLICY, from, to, "cel-syntax", "= 'water'");
    assert!(problem.line > 10);
}

#[test]
fn a_condition_that_reads_or_calls_or_compares_what_it_must_not() {
    let from = "when = \"urgency == 'danger' && category == 'water'\"";
    expect(POLICY, from, "when = \"urgency == 'danger' && colour == 'red'\"", "cel-unknown-name", "colour");
    expect(POLICY, from, "when = \"category.matches('w.*')\"", "cel-function", "matches");
    expect(POLICY, from, "when = \"category\"", "cel-type", "\"category\"");
    expect(POLICY, "\"channel\"]", "\"person.name\"]", "personal-field", "\"person.name\"");
    expect(POLICY, "\"channel\"]", "\"colour\"]", "unknown-field", "\"colour\"");
    expect(POLICY, "\"subject\", \"severity\"", "\"severity\"", "reads-lack", "\"category\"");
}

#[test]
fn a_condition_that_compares_with_what_no_case_has() {
    let from = "when = \"urgency == 'danger' && category == 'water'\"";
    let wrong = |to: &str| changed(POLICY, from, &format!("when = \"{to}\""));
    for (to, code, pointed) in [
        ("urgency == 'dangre' && category == 'water'", "unknown-value", "dangre"),
        ("urgency == 'danger' && severity == 'heavey'", "unknown-value", "heavey"),
        ("urgency == 'danger' && subject == '511902-wtaer'", "unknown-unit", "511902-wtaer"),
        ("urgency == 'danger' && town == '511902999'", "unknown-unit", "511902999"),
    ] {
        let (problem, at) = find(&wrong(to), code);
        assert!(at.contains(pointed), "{to}: {problem:?} at {at}");
        assert!(problem.message.contains(pointed), "{problem:?}");
    }
    assert!(
        check(&wrong("urgency == 'danger' && subject == '张三'")).iter().all(|p| p.code != "unknown-unit")
    );
}

#[test]
fn names_that_lead_nowhere() {
    expect(
        POLICY,
        "with = [\"511902-water\"]",
        "with = [\"511902-pumps\"]",
        "unknown-unit",
        "\"511902-pumps\"",
    );
    expect(POLICY, "class = \"big\"", "class = \"huge\"", "unknown-class", "\"huge\"");
    expect(POLICY, "ladder = \"urgent\"", "ladder = \"snake\"", "unknown-ladder", "\"snake\"");
    let twice = "曾口镇,town,511902,,\n511902105,曾口乡,town,511902,2020-01-01,";
    expect("units.csv", "曾口镇,town,511902,,", twice, "units-row", "511902105,曾口乡");
    expect("units.csv", "曾口镇,town,511902,,", "曾口镇,town,511903,,", "unknown-unit", "511902105,");
    expect("units.csv", "曾口镇,town,511902,,", "曾口镇,hamlet,511902,,", "units-row", "hamlet");
    expect("units.csv", "曾口镇,town,511902,,", "曾口镇,town,511902,yesterday,", "units-row", "yesterday");
    expect("units.csv", "曾口镇,town,511902,,", "曾口镇,town,511902105,,", "units-loop", "511902105,");
}

#[test]
fn deadlines_and_ladders_with_holes() {
    let from = "due = { village = { days = 15 }, any = { days = 30 } }";
    expect(POLICY, from, "due = { village = { days = 15 } }", "no-deadline", "\"small\"");
    expect(POLICY, ", repeat = \"P7D\" }", " }", "ladder-runs-out", "\"standard\"");
    expect(POLICY, "at = \"100%+P3D\"", "at = \"60%\"", "ladder-order", "\"60%\"");
    expect(POLICY, "ladder = \"discipline\"", "ladder = \"standard\"", "compartment-leaks", "\"conduct\"");
    expect(
        POLICY,
        "from = \"village\"\nto = \"parent\"",
        "from = \"village\"\nto = \"511902105238\"",
        "escalation-down",
        "\"511902105238\"",
    );
    expect(POLICY, "from = \"village\"", "from = \"town\"", "no-escalation", "");
}

#[test]
fn rules_that_nobody_reaches() {
    let from = "when = \"severity == 'heavy' && category == 'water'\"";
    let dead = "when = \"severity == 'heavy' && severity == 'light'\"";
    expect(POLICY, from, dead, "dead-rule", "\"severity == 'heavy' && severity == 'light'\"");
    expect(POLICY, from, "when = \"category == 'watre'\"", "unknown-value", "watre'");
    let shadowed = "when = \"urgency == 'danger' && category == 'health'\"";
    let problem = expect(POLICY, from, shadowed, "shadowed-rule", "\"urgency == 'danger'");
    assert!(problem.message.contains("\"danger\""), "{}", problem.message);
    let from =
        "             'health', 'education', 'social_security', 'dispute', 'other']\n'''\nto = \"town\"";
    let to = "             'health', 'education', 'social_security', 'dispute']\n'''\nto = \"town\"";
    expect(POLICY, from, to, "unroutable-category", "\"other\"");
    let spare = "[[ladder]]\nid = \"spare\"\nbasis = \"\"\nstep = [{ id = \"o\", at = \"1%\", act = \"overdue\", repeat = \"P1D\" }]\n\n[[ladder]]";
    expect(POLICY, "[[ladder]]", spare, "unused", "\"spare\"");
    expect(POLICY, "id = \"danger-roads\"", "id = \"danger-water\"", "duplicate", "\"danger-water\"");
}

#[test]
fn files_and_strings_that_are_missing() {
    let mut files = doorstep_policy::embedded_bazhou();
    files.0.remove("units.csv");
    files.0.remove("strings/en.ftl");
    let codes: Vec<(String, String)> =
        check(&files).into_iter().filter(|p| p.code == "missing-file").map(|p| (p.file, p.code)).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    expect("strings/zh-CN.ftl", "category-water =", "category-wasser =", "string-missing", "");
    let year = "calendars/cn-2025.ics";
    expect(year, "DTSTART;VALUE=DATE:20250101", "DTSTART;VALUE=DATE:2025", "calendar-event", "END:VEVENT");
}

#[test]
fn an_example_that_does_not_hold_says_what_came_out() {
    let file = "examples/deadlines.toml";
    let (from, to) = ("due = 2024-02-29T23:59:59+08:00", "due = 2024-03-01T23:59:59+08:00");
    let problem = expect(file, from, to, "example-differs", "{ due = 2024-03-01");
    assert!(problem.message.contains("2024-02-29T15:59:59Z"), "{}", problem.message);
    let problem = expect(file, "on = \"claim\"", "on = \"clam\"", "example-differs", "{ directive");
    assert!(problem.message.contains("no command"), "{}", problem.message);
}

#[test]
fn lists_that_do_not_fit_their_names_or_their_counts() {
    let campaign = "id = \"recheck-2023\"\nfrom = 2023-01-01";
    expect(POLICY, campaign, &campaign.replace("2023-01-01", "2025-01-01"), "period", "\"recheck-2023\"");
    let twice = campaign.replace("recheck-2023", "check-2021");
    expect(POLICY, campaign, &twice, "duplicate", "\"check-2021\"");
    expect(POLICY, "basis = \"BZ-18: 再起底 2023\"", "basis = \"\"", "no-basis", "\"\"");
    let grade = |severity: &str| {
        format!(
            "[[grade]]\nid = \"g\"\nseverity = [\"{severity}\"]\nurgency = [\"soon\"]\nbasis = \"GJ-1\"\n\n[[campaign]]"
        )
    };
    expect(POLICY, "[[campaign]]", &grade("havy"), "unknown-value", "\"havy\"");
    let walk =
        "[[crosswalk]]\nid = \"w\"\nof = 2\nbasis = \"ZN-6\"\nmap = { wet = [\"water\"] }\n\n[[campaign]]";
    let problem = expect(POLICY, "[[campaign]]", walk, "crosswalk-count", "\"w\"");
    assert_eq!(problem.message, "crosswalk \"w\" has 1 of 2 codes");
    let walk = walk.replace("of = 2", "of = 1").replace("\"water\"", "\"watre\"");
    expect(POLICY, "[[campaign]]", &walk, "unknown-value", "\"watre\"");
    let plan = "[[coverage]]\nid = \"p\"\nfrom = 2023-01-01T00:00:00+08:00\nto = 2024-01-01T00:00:00+08:00\nof = 2\nlabel = \"all\"\nbasis = \"ZL-6\"\nteam = [{ id = \"t\", lead = \"511902-leader\", places = [\"511902105238\"] }]\n\n[[campaign]]";
    let problem = expect(POLICY, "[[campaign]]", plan, "coverage-count", "\"p\"");
    assert_eq!(problem.message, "coverage \"p\" lists 1 of 2 places");
    expect(
        POLICY,
        "[[campaign]]",
        &plan.replace("511902105238", "511902105"),
        "unknown-unit",
        "\"511902105\"",
    );
    expect(
        POLICY,
        "[[campaign]]",
        &plan.replace("511902-leader", "511902-leeder"),
        "unknown-unit",
        "\"511902-leeder\"",
    );
}

#[test]
fn channels_targets_and_routes_inside_a_compartment() {
    let misspelt = changed(POLICY, "\"questionnaire\", \"group\"", "\"questionnair\", \"group\"");
    let (problem, at) = find(&misspelt, "unknown-value");
    assert!(at.starts_with("questionnaire'"), "{problem:?} at {at}");
    let danger = "id = \"danger\"\nwhen = \"urgency == 'danger'\"\nto = \"town\"";
    let problem = expect(
        POLICY,
        danger,
        &danger.replace("\"town\"", "\"town-centre\""),
        "unknown-unit",
        "\"town-centre\"",
    );
    assert!(problem.message.contains("511902127-centre"), "the town without a centre: {}", problem.message);
    let inside = |when: &str, class: &str| {
        format!(
            "class = \"conduct\"\nbasis = \"BZ-17\"\n\n[[compartment.route]]\nid = \"i\"\nwhen = \"{when}\"\nto = \"town-discipline\"\nclass = \"{class}\"\nbasis = \"BZ-17\"\n"
        )
    };
    let whole = "class = \"conduct\"\nbasis = \"BZ-17\"\n";
    expect(POLICY, whole, &inside("place != ''", "urgent"), "compartment-leaks", "\"urgent\"");
    expect(POLICY, whole, &inside("place != '' && place == ''", "conduct"), "dead-rule", "\"place != ''");
}

#[test]
fn sight_of_every_case_without_a_basis() {
    let basis = "oversight_basis = \"BZ-11";
    expect(POLICY, basis, "oversight_basis = \"\"\n# BZ-11", "no-basis", "\"511902-supervision\"");
}

#[test]
fn cases_that_nobody_could_take_on() {
    let verify = "name = \"verify\"\nwho = [\"intake\", \"supervisor\", \"above\"]";
    let nobody = "name = \"verify\"\nwho = [\"intake\"]\nroles = [\"auditor\"]";
    let problem = expect(POLICY, verify, nobody, "stuck", "\"verify\"");
    assert!(problem.message.contains("stays at \"verify\""), "{}", problem.message);
    let signs = "role = \"leader\"\nwho = [\"owner\", \"above\"]\nroles = [\"leader\"]";
    let never = "role = \"leader\"\nwho = [\"owner\"]\nroles = [\"auditor\"]";
    expect(POLICY, signs, never, "stuck", "\"leader\"");
    // Only the leader of the district, who sees no complaint; and nobody at all beyond the limit.
    let whoever = "who = [\"owner\", \"above\"]\nroles = [\"leader\"]\nunits = [\"511902-leader\"]";
    let alone = "who = [\"district\"]\nroles = [\"leader\"]\nunits = [\"511902-leader\"]";
    let problem = expect(POLICY, whoever, alone, "stuck", "\"principal_leader\"");
    assert!(problem.message.contains("\"compartment.discipline\""), "{}", problem.message);
    expect(POLICY, "beyond = [\"leader\"]", "beyond = []", "empty-list", "[]");
    let clean = check(&doorstep_policy::embedded_bazhou());
    assert!(clean.iter().all(|problem| problem.code != "stuck"), "{clean:?}");
}

/// What a unit gives back comes to triage, also where the rules send everything past it.
#[test]
fn cases_that_nobody_could_send_on_once_they_are_returned() {
    let assign = "[[command]]\nname = \"assign\"\nwho = [\"owner\", \"intake\"]\nbasis = \"BZ-2\"\n";
    let refer = "name = \"refer\"\nwho = [\"owner\", \"above\", \"intake\", \"district\"]";
    let stuck = |files: &PackFiles| {
        let stuck = check(files).into_iter().filter(|problem| problem.code == "stuck");
        stuck.map(|problem| problem.message).collect::<Vec<_>>()
    };
    let mut files = changed(POLICY, assign, "");
    assert_eq!(stuck(&files), [""; 0], "what may be referred is not stuck");
    let policy = files.0.get_mut(POLICY).expect("the pack has it");
    *policy = policy.replacen(refer, "name = \"refer\"\nwho = [\"author\"]\nroles = [\"auditor\"]", 1);
    let found = stuck(&files);
    assert!(found.iter().any(|said| said.contains("stays at \"triage\"")), "{found:?}");
}
