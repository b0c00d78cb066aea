//! What is shipped beside the programs fits them: the dashboard shows the figures that exist, units and images call
//! commands as they are.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use doorstep_server::metrics::{METRICS, Stand};
use serde_json::Value as Json;

use super::world::binaries;

fn shipped(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of figures in the text of an expression.
fn names(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let figure = |word: &&str| word.starts_with("doorstep_") || word.starts_with("process_");
    words.filter(figure).map(str::to_owned).collect()
}

#[test]
fn the_dashboard_shows_every_figure_that_exists_and_no_other() {
    let text = METRICS.text(&[Stand::default()], false);
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let exist: BTreeSet<String> =
        samples.flat_map(|line| names(line.split(['{', ' ']).next().unwrap_or_default())).collect();
    let dashboard: Json = serde_json::from_str(&shipped("dashboards/doorstep.json")).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut shown = BTreeSet::new();
    for panel in panels {
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", panel["title"]);
        for target in panel["targets"].as_array().expect("targets") {
            shown.extend(names(target["expr"].as_str().expect("an expression")));
        }
    }
    assert!(exist.len() >= 12, "{exist:?}");
    assert_eq!(shown, exist);
}

#[test]
fn units_and_images_call_commands_as_they_are() {
    let unit = shipped("systemd/doorstep.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("it starts something");
    assert_eq!(line, "/usr/local/bin/doorstep serve --config /etc/doorstep/doorstep.toml --json");
    for kept in [
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=\n",
        "UMask=0077",
        "User=doorstep",
    ] {
        assert!(unit.contains(kept), "{kept}");
    }
    // Each word that begins with -- in what is shipped is one that the program knows.
    let known = |command: &str| {
        let help = Command::new(&binaries().server).args([command, "--help"]).output().expect("it runs");
        String::from_utf8(help.stdout).expect("text")
    };
    let (serve, backup) = (known("serve"), known("backup"));
    let image = shipped("container/Dockerfile");
    let image = image.lines().find(|line| line.starts_with("CMD")).expect("it runs something").to_owned();
    let nightly = shipped("systemd/doorstep-backup.service");
    let nightly =
        nightly.lines().find(|line| line.starts_with("ExecStart=")).expect("it runs something").to_owned();
    for (said, help) in [(line.to_owned(), &serve), (image, &serve), (nightly, &backup)] {
        let words = said.split([' ', '"', ',', '\'', '[', ']']).filter(|word| word.starts_with("--"));
        for word in words {
            assert!(help.contains(word), "{word} of {said}");
        }
    }
}
