//! A scenario at small scale: what its volumes say is what `doorstep figures` computes from the data it leaves.

use std::fs;
use std::process::Command;

use doorstep_tests::play::process::{Scratch, run};
use doorstep_tests::play::scenario::{self, Wanted};
use serde_json::Value as Json;

use super::world::binaries;

/// The volumes of S-BZ-APR with other numbers, and figures about which nothing was published.
fn volumes(scratch: &Scratch, name: &str, [collected, resolved]: [u32; 2]) -> Wanted {
    let text = include_str!("../../../../deploy/scenarios/S-BZ-APR.toml");
    let numbers = [
        ("collected = 765", format!("collected = {collected}")),
        ("resolved = 237", format!("resolved = {resolved}")),
        ("collected = 60", "collected = 2".to_owned()),
        ("filed = 43", "filed = 2".to_owned()),
        ("punished = 13", "punished = 1".to_owned()),
    ];
    let text = numbers.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    // Two months of days are enough, and cost a quarter of nine.
    let text = text.replace("from = \"2024-04-01\"", "from = \"2024-11-01\"");
    let more = ["open", "closed", "redone"].map(|measure| {
        format!("[[published]]\nmeasure = \"{measure}\"\ncohort = \"year=2024\"\nnumerator = 0\n\n")
    });
    let text = text.replacen("[[published]]", &format!("{}[[published]]", more.concat()), 1);
    let path = scratch.path(&format!("{name}.toml"));
    fs::write(&path, text).expect("writes");
    let data = Some(scratch.path(name));
    Wanted { id: "S-BZ-APR".into(), volumes: Some(path), data, quiet: true, ..Wanted::default() }
}

/// Numerators and denominators by measure.
fn computed(report: &Json) -> Vec<(String, u64, u64)> {
    let figures = report["computed"].as_array().expect("figures").iter();
    let number = |figure: &Json, name: &str| figure[name].as_u64().expect("a number");
    let of = |f: &Json| {
        let measure = f["measure"].as_str().expect("a name").to_owned();
        (measure, number(f, "numerator"), number(f, "denominator"))
    };
    figures.map(of).collect()
}

fn doorstep(arguments: &[&str]) -> Json {
    let output = run(Command::new(&binaries().server).args(arguments)).expect("runs");
    assert!(!output.json.is_null(), "{}", output.stderr);
    output.json
}

#[test]
fn k_more_in_the_volumes_move_exactly_the_expected_figures_and_the_stored_data_says_the_same() {
    let scratch = Scratch::new("scenario-small").expect("a temporary folder");
    let [few, more] = [("few", [16, 6]), ("more", [19, 8])].map(|(name, numbers)| {
        let report = scenario::run(&volumes(&scratch, name, numbers)).expect("plays");
        assert!(!report.matches(), "other volumes than the published ones");
        computed(&report.json())
    });
    let by = |name: &str| match name {
        "collected" => 3,
        "resolved" | "closed" => 2,
        "open" => 1,
        _ => 0,
    };
    for ((name, before, all), (_, after, all_after)) in few.iter().zip(&more) {
        assert_eq!(after - before, by(name), "{name}");
        assert_eq!((*all, *all_after), (18, 21), "{name}");
    }

    let data = scratch.path("more").display().to_string();
    for (measure, numerator, denominator) in &more {
        let cut = ["--cohort", "campaign=standing-2024", "--as-of", "2024-12-31T23:59:59+08:00", "--json"];
        let figure = doorstep(&[&["figures", "--data", &data, "--measure", measure], &cut[..]].concat());
        assert_eq!(figure["cutoff"], "2024-12-31T15:59:59Z");
        assert_eq!(
            (&figure["numerator"], &figure["denominator"]),
            (&(*numerator).into(), &(*denominator).into())
        );
    }
    let verified = doorstep(&["verify", "--data", &data, "--json"]);
    for invariant in verified["invariants"].as_array().expect("invariants") {
        // The data ends in 2024: today every timer of an open case is late.
        let holds = invariant["failed"] == 0 && invariant["checked"] != 0;
        assert!(holds || [4, 9].map(Json::from).contains(&invariant["id"]), "{invariant}");
    }
}
