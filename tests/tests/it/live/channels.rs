//! The six channels of intake, through device, API and figures.

use serde_json::json;

use super::world::{VILLAGE, World, desk_until};

/// BZ-1: scan, letter box, questionnaire, residents' groups, home visit, stationed investigation.
#[test]
fn each_of_the_six_channels_is_taken_in_and_counted() {
    let world = World::new("channels");
    let xiang = world.worker("向明");
    let desk = world.desk();
    let place = format!("place={VILLAGE}");
    let channels = ["scan", "letter", "questionnaire", "group", "visit", "stationed"];
    let cases = channels.map(|channel| {
        let channel = format!("channel={channel}");
        xiang.case(&["title=路灯", "category=facilities", "severity=light", &place, &channel])
    });
    xiang.sync();
    for (channel, id) in channels.iter().zip(&cases) {
        let settled = desk_until(&desk, id, |case| case["settled"]["ok"] == true);
        assert_eq!(settled["fields"]["channel"], json!(channel));
        let last = settled["decisions"].as_array().and_then(|all| all.last()).cloned().expect("decided");
        // A questionnaire reaches the town, not the village that it may be about.
        let unit = if *channel == "questionnaire" { "511902105" } else { VILLAGE };
        assert_eq!(last["unit"], json!(unit), "{channel}");
        let cohort = format!("channel={channel}");
        let words =
            ["figures", "--measure", "collected", "--cohort", &cohort, "--as-of", "2100-01-01T00:00:00Z"];
        let figure = world.server.beside(&words).expect("figures runs");
        assert_eq!(figure.json["numerator"], 1, "{channel}: {}", figure.json);
    }
    world.verify();
}
