//! What the engine decides and refuses has words in both languages, on devices and at the desk.

use std::fs;
use std::path::Path;

use doorstep_policy::{Directive, REFUSALS, Step, check, commands, embedded_bazhou};
use doorstep_protocol::documents::schema::Type;
use doorstep_protocol::documents::{Kind, Role};

/// Rules by which the centre itself refuses a command, before policy is asked.
const CENTRE: [&str; 4] = ["centre.recovering", "command.id", "command.nothing", "right.none"];

fn lacking(file: &str, wanted: &[String]) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(path).expect("a file of strings");
    let has = |id: &str| text.lines().any(|line| line.strip_prefix(id).is_some_and(|l| l.starts_with(" = ")));
    wanted.iter().filter(|id| !has(id)).map(|id| format!("{file}: {id}")).collect()
}

#[test]
fn every_directive_step_command_and_refusal_is_named_in_both_languages() {
    let refusals = REFUSALS.iter().copied().chain(CENTRE);
    let refusals: Vec<String> = refusals.map(|rule| format!("refusal-{}", rule.replace('.', "-"))).collect();
    let mut named: Vec<String> = Directive::ALL.iter().map(|d| format!("directive-{d}")).collect();
    named.extend(Step::ALL.iter().map(|step| format!("step-{step}")));
    named.extend(commands().map(|command| format!("command-{command}")));
    let mut missing = Vec::new();
    for language in ["zh-CN", "en"] {
        // A pack names directives, steps and commands for its own desk; `policy check` sees to that.
        missing.extend(lacking(&format!("server/console/strings/{language}/case.ftl"), &refusals));
        missing.extend(lacking(&format!("client-core/cli/strings/{language}.ftl"), &refusals));
        missing.extend(lacking(&format!("client-core/cli/strings/{language}.ftl"), &named));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// A district reads on what its rules are based in either language.
#[test]
fn every_basis_of_a_shipped_pack_is_said_in_both_languages() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies");
    let (mut missing, mut found) = (Vec::new(), 0);
    for entry in fs::read_dir(packs).expect("packs are shipped") {
        let path = entry.expect("reads").path();
        let Ok(policy) = fs::read_to_string(path.join("policy.toml")) else { continue };
        let name = path.file_name().expect("has one").to_string_lossy().into_owned();
        // What is said of a coverage plan's choice of places is said like a basis.
        let texts = policy.split("basis = \"").skip(1).chain(policy.split("\nlabel = \"").skip(1));
        let bases = texts.filter_map(|rest| rest.split_once('"'));
        let ids: Vec<String> = bases.map(|(basis, _)| doorstep_policy::basis_id(basis)).collect();
        found += ids.len();
        for language in ["zh-CN", "en"] {
            missing.extend(lacking(&format!("deploy/policies/{name}/strings/{language}.ftl"), &ids));
        }
    }
    assert!(found > 100, "bases were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What packs may name of people and cases is listed in the engine, which knows neither: it is what the schema has.
#[test]
fn what_a_pack_may_name_is_what_the_schema_has() {
    let problems = |from: &str, to: &str| {
        let mut files = embedded_bazhou();
        let text = files.0.get_mut("policy.toml").expect("rules");
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        check(&files)
    };
    let unknown =
        |from: &str, to: &str| problems(from, to).iter().any(|problem| problem.code.starts_with("unknown"));
    let roles = "roles = [\"leader\"]";
    assert!(unknown(roles, "roles = [\"mayor\"]"));
    for role in Role::ALL {
        assert!(!unknown(roles, &format!("roles = [\"{}\"]", role.name())), "{role:?}");
    }
    let none = "tighten_to_review = []";
    for field in Kind::Case.fields() {
        let one_word = !matches!(field.ty, Type::Text | Type::Items | Type::Entries(_) | Type::Labels);
        let refused = unknown(none, &format!("tighten_to_review = [\"{}\"]", field.name));
        assert_eq!(refused, !one_word, "{}", field.name);
    }
}
