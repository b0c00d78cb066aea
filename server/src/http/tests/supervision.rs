//! Supervision over the API: each answer beside the one of somebody who may not.

use doorstep_protocol::documents::Role;
use serde_json::json;

use super::desk::{open, send};
use super::world::{TOWN, World, problem, somebody};
use crate::pipeline::{recovery, released};
use crate::store::Store;

const BASE: &str = "/api/v1/supervision";
const MINUTES: i64 = 60_000;

#[tokio::test]
async fn a_draw_is_fixed_drawn_after_its_cut_off_and_shown_to_whoever_supervises() {
    let world = World::new().await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let draws = format!("{BASE}/draws");
    for who in [&world.wang, &world.stranger, &world.li] {
        problem(&world.post(who, &draws, json!({"rule": "spot"})).await, 404, "not.found");
    }
    problem(&world.post(&wu, &draws, json!({"rule": "none"})).await, 404, "not.found");
    let fixed = world.post(&wu, &draws, json!({"rule": "spot"})).await;
    assert_eq!(fixed.status, 200, "{}", fixed.text);
    let n = fixed.json()["n"].as_u64().expect("a number");
    assert!(fixed.json()["done"].is_null() && !fixed.text.contains("seed"), "the seed is not told yet");
    let twice = world.post(&wu, &draws, json!({"rule": "spot"})).await;
    assert_eq!(twice.json()["n"].as_u64(), Some(n), "nobody chooses between two seeds");
    let one = format!("{draws}/{n}");
    problem(&world.get(&world.stranger, &one).await, 404, "not.found");
    let drawing = format!("{one}/drawing");
    let early = world.post(&wu, &drawing, json!({"words": "晴"})).await;
    problem(&early, 409, "supervision.early");
    world.wait(11 * MINUTES);
    problem(&world.post(&wu, &drawing, json!({"words": " "})).await, 422, "reason.missing");
    let drawn = world.post(&wu, &drawing, json!({"words": "晴"})).await;
    assert_eq!((drawn.status.as_u16(), drawn.json()["done"]["population"].as_u64()), (200, Some(0)));
    let whole = world.get(&wu, &one).await.json();
    let ids = whole["done"]["population_ids"].as_array().map(Vec::len);
    assert_eq!(ids.map(|n| n as u64), whole["done"]["population"].as_u64(), "{whole}");
    problem(&world.post(&wu, &drawing, json!({"words": "雨"})).await, 409, "supervision.done");
    let finding = json!({"case": "01890a5d-ac96-774b-bcce-b302099a8057", "result": "holds"});
    problem(&world.post(&wu, &format!("{one}/inspections"), finding).await, 404, "not.found");
    assert_eq!(world.get(&wu, &draws).await.json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.get(&world.stranger, &draws).await.json()["items"].as_array().map(Vec::len), Some(0));
}

/// What is drawn, accounted for or ranked then would leave out what devices still give back.
#[tokio::test]
async fn a_centre_that_is_recovering_records_no_act() {
    let world = World::new().await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    world.centre.store().write(recovery(1, world.now(), 0)).await.expect("written");
    world.centre.remember().await.expect("read");
    let draws = format!("{BASE}/draws");
    problem(&world.post(&wu, &draws, json!({"rule": "spot"})).await, 422, "centre.recovering");
    world.centre.store().write(vec![released()]).await.expect("written");
    world.centre.remember().await.expect("read");
    assert_eq!(world.post(&wu, &draws, json!({"rule": "spot"})).await.status, 200);
}

#[tokio::test]
async fn the_board_counts_what_somebody_may_see() {
    let world = World::new().await;
    world.case(&[("category", "water"), ("place", TOWN)]).await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let open = |answer: &super::world::Answer| -> u64 {
        let rows = answer.json()["rows"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| row["open"].as_u64()).sum()
    };
    assert_eq!(open(&world.get(&wu, BASE).await), 1);
    assert_eq!(open(&world.get(&world.stranger, BASE).await), 0, "another town's reviewer counts nothing");
    problem(&world.get(&world.wang, BASE).await, 404, "not.found");
    let signals = world.get(&wu, &format!("{BASE}/signals")).await;
    assert_eq!((signals.status.as_u16(), signals.json()["inspects"].as_bool()), (200, Some(true)));
    problem(&world.get(&world.wang, &format!("{BASE}/signals")).await, 404, "not.found");
}

/// Each number of the board leads to the cases that it counts; of those without a category there is one.
#[tokio::test]
async fn what_has_no_category_is_listed_by_itself() {
    let world = World::new().await;
    world.case(&[("title", "水管爆裂"), ("category", "water"), ("place", TOWN)]).await;
    world.case(&[("title", "没有类别"), ("place", TOWN)]).await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let board = open(&world, &wu, "/supervision").await.text;
    let row = board.split("<a href=\"").find(|row| row.contains("还没有类别")).expect("a row of the board");
    let href = row.split('"').next().unwrap_or_default();
    let listed = open(&world, &wu, href).await.text;
    assert!(listed.contains("没有类别</bdi>") && !listed.contains("水管爆裂"), "{href}: {listed}");
    assert!(listed.contains("value=\"-\" selected"), "the filter says so");
    let water = open(&world, &wu, "/supervision/ledger?category=water").await.text;
    assert!(water.contains("水管爆裂") && !water.contains("没有类别</bdi>"));
}

#[tokio::test]
async fn an_account_is_given_by_its_unit_and_judged_by_a_supervisor() {
    let world = World::new().await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let he = somebody(&world.centre, "何主任", &format!("{TOWN}-centre"), Role::Handler).await;
    let accounts = format!("{BASE}/accounts");
    problem(&world.get(&world.wang, &accounts).await, 404, "not.found");
    let week = world.get(&wu, &accounts).await.json();
    assert_eq!(
        (week["week"].as_str(), week["accounts"].as_array().map(Vec::len)),
        (Some("2026-11-27"), Some(22))
    );
    let account = json!({"week": "2026-11-27", "evidence": [], "note": "本周无办结"});
    problem(&world.post(&wu, &accounts, account.clone()).await, 404, "not.found");
    let given = world.post(&he, &accounts, account.clone()).await;
    assert_eq!(
        (given.status.as_u16(), given.json()["accounts"][0]["state"].as_str()),
        (200, Some("submitted"))
    );
    problem(&world.post(&he, &accounts, account).await, 409, "supervision.done");
    let judged = |accept: bool, reason: &str| json!({"week": "2026-11-27", "unit": format!("{TOWN}-centre"), "accept": accept, "reason": reason});
    let path = format!("{accounts}/judged");
    problem(&world.post(&he, &path, judged(true, "")).await, 404, "not.found");
    problem(&world.post(&wu, &path, judged(false, " ")).await, 422, "reason.missing");
    let unit = format!("{TOWN}-centre");
    let wordless = [("week", "2026-11-27"), ("unit", &*unit), ("verdict", "return")];
    let refused = send(&world, &wu, "/supervision/accounts/judged", &wordless).await;
    assert!(refused.status == 422 && refused.text.contains("<details open>"), "the form is there again");
    assert_eq!(world.post(&wu, &path, judged(true, "")).await.status, 200);
    problem(&world.get(&wu, &format!("{accounts}?week=soon")).await, 422, "week.invalid");
    problem(&world.get(&wu, &format!("{accounts}?week=2026-11-26")).await, 404, "not.found");
    for (slip, said) in [
        ("accounts?week=soon", "网址里的这一周不存在"),
        ("accounts?week=2026-11-26", "网址里的这一周不存在"),
        ("accounts?week=9999-12-31", "网址里的这一周不存在"),
        ("rates?month=2026-13", "网址里的这个月份不存在"),
        ("rates?month=0000-01", "网址里的这个月份不存在"),
    ] {
        let page = open(&world, &wu, &format!("/supervision/{slip}")).await;
        assert!(page.status == 200 && page.text.contains(said), "{slip}: {}", page.text);
    }
    let plain = open(&world, &wu, "/supervision/accounts?week=2026-11-27").await.text;
    assert!(!plain.contains("网址里"), "nothing is wrong with it");
    let page = open(&world, &world.li, "/conflicts?from=none").await;
    assert_eq!(page.status, 200, "from the first on");
}

#[tokio::test]
async fn a_list_is_published_when_its_month_has_ended() {
    let world = World::new().await;
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let rates = world.get(&wu, &format!("{BASE}/rates")).await;
    assert_eq!((rates.status.as_u16(), rates.json()["month"].as_str()), (200, Some("2026-10")));
    problem(&world.get(&world.wang, &format!("{BASE}/rates")).await, 404, "not.found");
    let publish = |month: &str| json!({"month": month});
    let lists = format!("{BASE}/lists");
    problem(&world.post(&wu, &lists, publish("2026-11")).await, 409, "supervision.early");
    problem(&world.post(&world.li, &lists, publish("2026-10")).await, 404, "not.found");
    let published = world.post(&wu, &lists, publish("2026-10")).await;
    assert_eq!(published.status, 200, "{}", published.text);
    assert!(published.json()["published"].is_object());
    problem(&world.post(&wu, &lists, publish("2026-10")).await, 409, "supervision.done");
    let held = json!({"month": "2026-10", "rule": "low-completion", "unit": TOWN, "note": "谈过"});
    problem(&world.post(&wu, &format!("{BASE}/interviews"), held).await, 404, "not.found");
}
