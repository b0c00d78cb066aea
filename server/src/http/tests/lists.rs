//! Lists and inboxes: what is asked for is found, and nobody finds, counts or keeps what is not theirs.

use axum::http::{StatusCode, header};
use doorstep_protocol::documents::Role;

use super::desk::{input, open, send};
use super::world::{ID_NUMBER, OTHER_TOWN, Somebody, TOWN, VILLAGE, World, somebody};
use crate::store::Store;

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The titles on a page of the list, in order.
async fn titles(world: &World, who: &Somebody, query: &str) -> Vec<String> {
    let page = open(world, who, &format!("/cases?lang=en&{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{query}");
    let lines = page.text.split("<td role=\"cell\" class=\"c-main\">").skip(1);
    let title = |line: &str| line.split("<bdi lang=\"zh-CN\">").nth(1)?.split('<').next().map(str::to_owned);
    lines.filter_map(title).collect()
}

async fn searched(world: &World, who: &Somebody, text: &str) -> Vec<String> {
    titles(world, who, &format!("q={}", encoded(text))).await
}

#[tokio::test]
async fn words_initials_and_whole_numbers_are_found_and_parts_of_a_person_are_not() {
    let world = World::new().await;
    let case = [
        ("title", "市场街无公厕"),
        ("category", "facilities"),
        ("place", TOWN),
        ("person.name", "阿布都·热合曼"),
        ("person.id_number", ID_NUMBER),
        ("contact_phone", "138-0013-8000"),
    ];
    let (id, _) = world.case(&case).await;
    world.case(&[("title", "公路厕位不足"), ("place", TOWN)]).await;
    world.case(&[("title", "𠮷祥路𬭼灯"), ("place", TOWN), ("person.name", "𰻝")]).await;
    let li = &world.li;
    for text in [
        "公厕",
        "无公厕",
        "SCJ",
        "scjwgc",
        "市场街 公厕",
        "阿布都·热合曼",
        "阿布都・热合曼",
        ID_NUMBER,
        "13800138000",
        "５１１９０２１９９００１０１１２３４",
        &id.to_string()[30..],
    ] {
        assert_eq!(searched(&world, li, text).await, ["市场街无公厕"], "{text}");
    }
    for text in ["𠮷祥", "𬭼灯", "𰻝"] {
        assert_eq!(searched(&world, li, text).await, ["𠮷祥路𬭼灯"], "{text}");
    }
    // 公路厕位 has both pairs of 公…厕 only apart; parts of names and numbers are nothing.
    assert_eq!(searched(&world, li, "公 厕").await, ["公路厕位不足", "市场街无公厕"]);
    for text in ["路无公", "阿布都", "热合曼", &ID_NUMBER[..10], "8000", "，。", "\"OR\" *"] {
        assert_eq!(searched(&world, li, text).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn nobody_finds_or_counts_what_is_not_theirs() {
    let world = World::new().await;
    world.case(&[("title", "村道塌方"), ("category", "roads"), ("place", VILLAGE)]).await;
    world.case(&[("title", "村干部收钱"), ("category", "conduct"), ("place", VILLAGE)]).await;
    world.case(&[("title", "审核人刁难"), ("category", "roads"), ("subject", "李静")]).await;
    for path in
        ["/cases?lang=en", "/cases?lang=en&order=updated", "/cases?lang=en&order=due", "/inbox?lang=en"]
    {
        let li = open(&world, &world.li, path).await.text;
        assert!(!li.contains("村干部收钱") && !li.contains("审核人刁难"), "{path}");
    }
    let page = open(&world, &world.li, "/cases?lang=en").await.text;
    assert!(
        page.contains("村道塌方") && page.contains("<span class=\"count num\">1</span>"),
        "one, and counted as one"
    );
    for text in ["收钱", "刁难", "李静"] {
        let page = open(&world, &world.li, &format!("/cases?lang=en&q={}", encoded(text))).await.text;
        assert!(page.contains("<span class=\"count num\">0</span>"), "{text}");
    }
    // Another town sees none of it; its twin at the desk sees one.
    assert_eq!(titles(&world, &world.stranger, "").await, [""; 0]);
    assert_eq!(titles(&world, &world.li, "").await, ["村道塌方"]);
}

#[tokio::test]
async fn filters_narrow_and_pages_go_on() {
    let world = World::new().await;
    for n in 0..60 {
        let category = if n % 3 == 0 { "water" } else { "roads" };
        let place = if n % 2 == 0 { VILLAGE } else { TOWN };
        world.case(&[("title", &format!("第{n}件")), ("category", category), ("place", place)]).await;
        world.wait(1_000);
    }
    let li = &world.li;
    let first = open(&world, li, "/cases?lang=en&category=roads&order=registered").await.text;
    assert!(first.contains("<span class=\"count num\">40</span>"));
    assert_eq!(titles(&world, li, "category=water").await.len(), 20);
    assert_eq!(titles(&world, li, &format!("category=water&place={VILLAGE}")).await.len(), 10);
    // A town holds its villages.
    assert_eq!(titles(&world, li, &format!("category=water&place={TOWN}")).await.len(), 20);
    assert_eq!(titles(&world, li, "category=nothing").await.len(), 0);
    for order in ["registered", "due", "updated"] {
        let page = open(&world, li, &format!("/cases?lang=en&order={order}")).await.text;
        let next = page.split("href=\"").find(|href| href.contains("after=")).expect("a next page");
        let next = next.split('"').next().expect("an address").replace("&#38;", "&").replace("&amp;", "&");
        let here = titles(&world, li, &format!("order={order}")).await;
        let rest = titles(&world, li, next.trim_start_matches("/cases?")).await;
        let mut all: Vec<String> = here.into_iter().chain(rest).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 60, "{order}");
    }
}

#[tokio::test]
async fn a_filter_is_kept_by_whoever_keeps_it() {
    let world = World::new().await;
    world.case(&[("title", "水管爆裂"), ("category", "water"), ("place", TOWN)]).await;
    let (li, chen) = (&world.li, &world.chen);
    let none = send(&world, li, "/cases/filters", &[("query", "category=water"), ("name", " ")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = [("query", "category=water&evil=<script>"), ("name", "水")];
    let kept = send(&world, li, "/cases/filters", &kept).await;
    assert_eq!(
        (kept.status, kept.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/cases?category=water")
    );
    let link = "href=\"/cases?category=water\"";
    assert!(open(&world, li, "/cases").await.text.contains(link));
    assert!(!open(&world, chen, "/cases").await.text.contains(link));
    let remove = [("query", ""), ("remove", "水")];
    assert_eq!(send(&world, chen, "/cases/filters", &remove).await.status, StatusCode::SEE_OTHER);
    assert!(open(&world, li, "/cases").await.text.contains(link), "not somebody else's to give up");
    send(&world, li, "/cases/filters", &remove).await;
    assert!(!open(&world, li, "/cases").await.text.contains(link));
    let (long, name) = (format!("q={}", "水".repeat(400)), "长".repeat(41));
    for (fields, says) in [
        ([("query", long.as_str()), ("name", "很长")], "条件太长"),
        ([("query", "due=today"), ("name", name.as_str())], "名称最多"),
    ] {
        let refused = send(&world, li, "/cases/filters", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(refused.text.contains(says), "{says}");
        if fields[0].1 == "due=today" {
            assert_eq!(input(&refused, "name"), name, "what was typed stays");
        }
    }
    for n in 0..crate::limits::FILTERS_KEPT {
        let fields = [("query", "due=today"), ("name", &*n.to_string())];
        assert_eq!(send(&world, li, "/cases/filters", &fields).await.status, StatusCode::SEE_OTHER);
    }
    let many = send(&world, li, "/cases/filters", &[("query", "due=today"), ("name", "one more")]).await;
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_inbox_has_what_is_this_persons_turn() {
    let mut world = World::new().await;
    world.case(&[("title", "水管爆裂"), ("category", "water"), ("place", TOWN)]).await;
    world.chen.token =
        world.centre.keys().token(world.chen.person.worker, world.now() + 30 * crate::limits::DAY_MS);
    let inbox = open(&world, &world.chen, "/inbox?lang=en").await.text;
    assert!(inbox.contains("水管爆裂") && inbox.contains("id=\"new\""), "taken in by the centre: its turn");
    assert!(inbox.contains("The turn of your unit"));
    assert!(!open(&world, &world.stranger, "/inbox?lang=en").await.text.contains("水管爆裂"));
    let day = open(&world, &world.chen, "/inbox/day?lang=en").await.text;
    assert!(!day.contains("水管爆裂"), "due in more than a week");
    world.wait(12 * crate::limits::DAY_MS);
    let day = open(&world, &world.chen, "/inbox/day?lang=en").await.text;
    assert!(day.contains("水管爆裂"), "{day}");
    world.wait(5 * crate::limits::DAY_MS);
    let inbox = open(&world, &world.chen, "/inbox?lang=en").await.text;
    assert!(inbox.contains("id=\"overdue\"") && !inbox.contains("id=\"new\""), "{inbox}");
}

#[tokio::test]
async fn channels_to_choose_from_are_those_of_the_district() {
    let world = World::new().await;
    world.case(&[("title", "信箱来信"), ("category", "roads"), ("channel", "letter")]).await;
    let page = open(&world, &world.li, "/cases").await.text;
    let choice = page.split("name=\"channel\"").nth(1).and_then(|rest| rest.split("</select>").next());
    let choice = choice.expect("a filter by channel");
    let pack = world.centre.packs().of("511902", world.now()).cloned().expect("a pack");
    let codes: Vec<&str> = pack.channels().collect();
    assert!(codes.contains(&"letter"));
    let offered = choice.matches("<option value=\"").count() - 1;
    assert_eq!(offered, codes.len(), "each of them and no other");
    for code in codes {
        assert!(choice.contains(&format!("value=\"{code}\"")), "{code}");
    }
    assert_eq!(titles(&world, &world.li, "channel=letter").await, ["信箱来信"]);
    assert_eq!(titles(&world, &world.li, "channel=scan").await.len(), 0);
}

/// Whoever claimed it cannot verify it, and whoever can must find it.
#[tokio::test]
async fn what_is_claimed_is_asked_of_who_verifies_and_what_is_signed_of_who_signs() {
    let world = World::new().await;
    let words = [("title", "水沟堵塞"), ("place", TOWN), ("category", "water"), ("severity", "light")];
    let (id, first) = world.case(&words).await;
    world.write(&world.wang, id, &[first], &[("outcome", "已疏通")]).await;
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    let unit = world.centre.store().row(id).await.expect("reads").expect("a row").unit.expect("an owner");
    let hao = somebody(&world.centre, "郝平", &unit, Role::Handler).await;
    let kuai = somebody(&world.centre, "快处办", "511902105-centre", Role::Handler).await;
    let sign = somebody(&world.centre, "周镇长", &unit, Role::Leader).await;
    let elsewhere = somebody(&world.centre, "钱办", OTHER_TOWN, Role::Leader).await;
    let give = async |who, name: &str, args: serde_json::Value| {
        let path = format!("/api/v1/cases/{id}/commands");
        let done = world.post(who, &path, serde_json::json!({"name": name, "args": args})).await;
        assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.text);
    };
    give(&hao, "accept", serde_json::json!({})).await;
    give(&hao, "claim", serde_json::json!({})).await;
    let has = async |who, path: &str| open(&world, who, path).await.text.contains("水沟堵塞");
    for (who, asked) in [(&kuai, true), (&hao, false), (&sign, false), (&elsewhere, false)] {
        let name = &who.person.name;
        assert_eq!(has(who, "/inbox").await, asked, "{name}");
        assert_eq!(has(who, "/cases?step=verify&mine=1").await, asked, "{name}: the list of the group");
    }
    assert!(open(&world, &kuai, "/inbox").await.text.contains("等您核实"));
    give(&kuai, "verify", serde_json::json!({"result": "pass"})).await;
    for (who, asked) in [(&hao, true), (&sign, true), (&elsewhere, false), (&kuai, false)] {
        let name = &who.person.name;
        let inbox = open(&world, who, "/inbox").await.text;
        assert_eq!(inbox.contains("等您签字"), asked, "{name}");
        assert_eq!(has(who, "/cases?step=sign&mine=1").await, asked, "{name}: the list of the group");
    }
    let why = open(&world, &sign, "/inbox").await.text;
    assert!(!why.contains("尚无人经手"), "somebody has it: {why}");
    // Nobody signs in two roles: whoever has signed is asked no more, though one that they could give is missing.
    let other = somebody(&world.centre, "吴副镇长", &unit, Role::Leader).await;
    let path = format!("/api/v1/cases/{id}/signatures");
    let digest = world.get(&sign, &path).await.json()["digest"].clone();
    let signed = world.post(&sign, &path, serde_json::json!({"role": "leader", "digest": digest})).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    for (who, asked) in [(&sign, false), (&other, true), (&hao, true)] {
        let name = &who.person.name;
        assert_eq!(open(&world, who, "/inbox").await.text.contains("等您签字"), asked, "{name}");
    }
}
