//! `doorstep-play` itself: a bad file, a story that does not hold, and one that does.

use std::process::Command;

use doorstep_tests::play::process::{Output, Scratch, run};

use super::world::binaries;

fn play(path: &std::path::Path) -> Output {
    binaries();
    let program = env!("CARGO_BIN_EXE_doorstep-play");
    run(Command::new(program).arg("stories").arg(path).args(["--headless", "--json"]))
        .expect("doorstep-play runs")
}

fn story(unit: &str) -> String {
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies/bazhou");
    format!(
        "title = {{ zh = '测试', en = 'test' }}\nabout = {{ zh = '测试', en = 'test' }}\npack = '{}'\ndesk = 'li'\n\
         begins = 2024-05-06T08:00:00+08:00\n\
         [person.li]\nname = '李红英'\nunit = '511902-intake'\nrole = 'reviewer'\n\
         [person.xiang]\nname = '向明'\nunit = '511902105'\nrole = 'worker'\n\
         [device]\npad = 'xiang'\n\
         [[step]]\ndevice = 'pad'\nnew = 'a'\nset = {{ title = '塘', category = 'water', place = '511902105' }}\n\
         [[step]]\nsync = ['pad']\n\
         [[step]]\nsettled = 'a'\n\
         [[step]]\nexpect = 'a'\nthat = {{ decision = {{ unit = '{unit}' }} }}\n",
        pack.display()
    )
}

#[test]
fn a_bad_story_is_told_with_its_line_and_exit_2() {
    let scratch = Scratch::new("bad-story").expect("a temporary folder");
    let file = scratch.path("bad.toml");
    std::fs::write(&file, story("511902105").replace("expect = 'a'", "expect = 'b'")).expect("written");
    let output = play(&file);
    assert_eq!(output.exit, 2, "{}", output.json);
    let message = output.json["error"]["message"].as_str().expect("a message");
    assert!(message.contains("bad.toml:24") && message.contains("\"b\""), "{message}");
}

#[test]
fn a_story_that_does_not_hold_says_what_was_expected_and_found() {
    let scratch = Scratch::new("false-story").expect("a temporary folder");
    let file = scratch.path("untrue.toml");
    std::fs::write(&file, story("511902-water")).expect("written");
    let output = play(&file);
    assert_eq!(output.exit, 1, "{}", output.stderr);
    let failure = output.json["stories"][0]["failure"].as_str().expect("a failure");
    assert!(
        failure.contains("untrue.toml:")
            && failure.contains("511902-water")
            && failure.contains("found \"511902105\""),
        "{failure}"
    );
}

#[test]
fn a_story_that_holds_ends_with_zero_and_ten_invariants() {
    let scratch = Scratch::new("small-story").expect("a temporary folder");
    let file = scratch.path("small.toml");
    std::fs::write(&file, story("511902105")).expect("written");
    let output = play(&file);
    assert_eq!(output.json["stories"][0]["ok"], true, "{}", output.json);
    let timeline = output.json["stories"][0]["timeline"].as_array().expect("a timeline");
    for kind in ["wrote", "synced", "settled", "decided"] {
        assert!(timeline.iter().any(|entry| entry["kind"] == kind), "{kind}: {timeline:?}");
    }
    let invariants = output.json["invariants"].as_array().expect("invariants");
    assert!(invariants.len() == 10 && invariants.iter().all(|one| one["failed"] == 0), "{invariants:?}");
    assert_eq!(output.exit, 0);
}
