//! What packs say of visits and of others' categories, where no case shows it.
//!
//! Owns asking packs that no world runs by; `missed` runs these again without single rules.

use std::collections::BTreeSet;

use doorstep_policy::{Level, Pack, Round};
use doorstep_tests::harness::shipped;

/// ZL-6: 56 of the district's 95 villages, an explicit, labelled subset, four teams, none twice.
#[test]
fn the_plan_of_ziliujing_covers_56_of_95_villages_and_says_which_are_left() {
    let pack = Pack::load(&shipped("ziliujing")).expect("the pack loads");
    assert_eq!(pack.units().filter(|u| u.level == Level::Village).count(), 95);
    let plan = pack.coverages().next().expect("a plan");
    let teams: BTreeSet<&str> = plan.places.iter().map(|(_, team)| team.as_str()).collect();
    assert_eq!((plan.places.len(), teams.len()), (56, 4));
    assert!(plan.label.starts_with("chosen"), "which 56 is not published: {}", plan.label);
    let town = |place: &str| place.starts_with("510302101");
    let visited = plan.places.iter().map(|(p, _)| p.clone()).filter(|p| !town(p)).collect();
    let left = plan.left(&visited);
    assert!(left.len() == 10 && left.iter().all(|p| town(p)), "{left:?}");
}

/// ZN-3, ZN-6: whatever the whistle hears falls under a category of this pack, and that under one of the district's 7.
#[test]
fn the_whistles_13_categories_and_the_districts_own_meet() {
    let pack = Pack::load(&shipped("zhalainuoer")).expect("the pack loads");
    assert_eq!(pack.crosswalk("whistle", "public_facilities"), Some("facilities"));
    assert_eq!(pack.counted_under("internal", "facilities"), ["housing_construction"]);
    assert_eq!(pack.counted_under("whistle", "social_security"), ["employment", "social_security"]);
    assert_eq!(pack.crosswalk("whistle", "no-such"), None);
    for category in pack.categories() {
        assert_eq!(pack.counted_under("internal", &category.code).len(), 1, "{}", category.code);
    }
}

/// ZL-6: what the plan asks of a visit, rule by rule: each of them counts when it is kept and not when it is broken.
#[test]
fn a_concentrated_visit_counts_for_its_town_its_team_and_its_month() {
    let pack = Pack::load(&shipped("ziliujing")).expect("the pack loads");
    let plan = pack.coverages().next().expect("a plan");
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time");
    let kept = Round {
        at: at("2023-01-12T10:00:00+08:00"),
        mode: "concentrated".into(),
        team: "first".into(),
        leader: "w7".into(),
        place: "510302101".into(),
        villages: ["510302101201".into()].into(),
    };
    let as_of = at("2023-02-01T00:00:00+08:00");
    let covered = |round: Round| plan.covered(&pack, &[round], as_of).reached.len();
    assert_eq!(covered(kept.clone()), 1);
    assert_eq!(covered(Round { place: "510302103".into(), ..kept.clone() }), 0, "another town");
    assert_eq!(covered(Round { mode: "joint".into(), ..kept.clone() }), 0, "another mode");
    assert_eq!(covered(Round { leader: String::new(), ..kept.clone() }), 0, "nobody led it");
    assert_eq!(covered(Round { team: "fifth".into(), ..kept.clone() }), 0, "no team of the plan");
    assert_eq!(covered(Round { at: at("2022-12-31T10:00:00+08:00"), ..kept.clone() }), 0, "before the plan");
    let teams = plan.covered(&pack, &[kept], as_of).teams;
    let missed: Vec<usize> = teams.iter().map(|team| team.missed.len()).collect();
    assert_eq!(missed, [0, 1, 1, 1], "three teams did not go out in January");
}

/// ZL-7: heard by the pond, in the field, sitting round; and a rule about a channel that nobody listed is found.
#[test]
fn what_is_heard_by_the_pond_has_a_channel_and_three_forms() {
    let files = shipped("ziliujing");
    let pack = Pack::load(&files).expect("the pack loads");
    let standing = pack.visit_modes().find(|mode| mode.id == "standing").expect("a mode of visits");
    assert_eq!(standing.formats, ["pond", "field", "circle"]);
    let mut mistaken = files;
    let rules = mistaken.0.get_mut("policy.toml").expect("a pack has rules");
    *rules = rules.replace("channel == 'scan'", "channel == 'scam'");
    let problems = Pack::load(&mistaken).expect_err("nobody listed that channel");
    assert!(problems.iter().any(|problem| problem.message.contains("scam")), "{problems:?}");
}
