//! What the engine decides and refuses has words in both languages, on devices and at the desk.

use std::fs;
use std::path::Path;

use doorstep_policy::{Directive, REFUSALS, Step, commands};

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
