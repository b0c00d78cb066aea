//! Standing in for whoever is away, at the desk; and forms that outlive the end of a session.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use serde_json::json;

use super::desk::{input, open, over, send, send_as};
use super::world::{OTHER_TOWN, Somebody, TOWN, World, somebody};
use crate::store::Store;

/// A decided case of the town that somebody of its unit, who comes with it, is entrusted with.
async fn entrusted(world: &World, words: &[(&str, &str)], to: Option<&Somebody>) -> (DocumentId, Somebody) {
    let all = [("place", TOWN), ("category", "water"), ("severity", "light")];
    let (id, _) = world.case(&[&all, words].concat()).await;
    world.wait(60 * 60_000);
    world.centre.tick().await.expect("ticks");
    let unit = world.centre.store().row(id).await.expect("reads").expect("a row").unit.expect("an owner");
    let hao = match to {
        Some(to) => Somebody { person: to.person.clone(), token: to.token.clone(), device: to.device },
        None => somebody(&world.centre, "郝平", &unit, Role::Handler).await,
    };
    let given = world
        .post(
            &hao,
            &format!("/api/v1/cases/{id}/commands"),
            json!({"name": "assign", "args": {"worker": hao.person.worker.to_string()}}),
        )
        .await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    (id, hao)
}

#[tokio::test]
async fn a_deputy_of_another_unit_finds_what_is_entrusted_and_nothing_about_themselves() {
    let world = World::new().await;
    let (id, hao) = entrusted(&world, &[("title", "水沟堵塞")], None).await;
    let (about, _) = entrusted(&world, &[("title", "凯文占道"), ("subject", "凯文")], Some(&hao)).await;
    let kai = somebody(&world.centre, "凯文", OTHER_TOWN, Role::Handler).await;
    let page = |id: DocumentId| format!("/cases/{id}?for={}", hao.person.worker);
    assert_eq!(open(&world, &kai, &page(id)).await.status, StatusCode::NOT_FOUND, "nobody is away yet");
    let leave = json!({"from": "2026-11-21T00:00:00Z", "until": "2026-11-25T00:00:00Z",
                       "deputy": kai.person.worker.to_string()});
    assert_eq!(world.post(&hao, "/api/v1/absences", leave).await.status, StatusCode::OK);

    let inbox = open(&world, &kai, "/inbox").await.text;
    assert!(inbox.contains("代郝平办") && inbox.contains("水沟堵塞") && inbox.contains(&page(id)), "{inbox}");
    assert!(!inbox.contains("凯文占道"), "nobody sees a case about himself, not for others either");
    let shown = open(&world, &kai, &page(id)).await;
    assert!(shown.text.contains("您在代郝平办") && shown.text.contains("name=\"arg-for\""), "{}", shown.text);
    for path in [format!("/cases/{id}"), page(about)] {
        assert_eq!(open(&world, &kai, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(open(&world, &world.stranger, &page(id)).await.status, StatusCode::NOT_FOUND, "no deputy");
    let of = hao.person.worker.to_string();
    let act = |id| format!("/cases/{id}/act");
    let accept = [("name", "accept"), ("arg-for", of.as_str())];
    assert_eq!(send(&world, &kai, &act(about), &accept).await.status, StatusCode::NOT_FOUND);
    let done = send(&world, &kai, &act(id), &accept).await;
    let to = format!("/cases/{id}?done=acted&for={of}");
    assert_eq!(done.header(header::LOCATION), to, "{}", done.text);
    assert_eq!(open(&world, &kai, &to).await.status, StatusCode::OK);
    for (who, path) in [(&kai, &to), (&hao, &format!("/cases/{id}/file"))] {
        let page = open(&world, who, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let told = page.text.split("经过").last().expect("what happened");
        let number = format!(">{of}<");
        assert!(
            told.contains("郝平") && !told.contains(&number),
            "by name, and not by number: {path} {told}"
        );
        assert!(told.contains("快处中心受理"), "on what basis, in the reader's language: {told}");
    }
}

#[tokio::test]
async fn a_reviewer_on_leave_leaves_conflicts_to_the_deputy_and_comes_back() {
    let world = World::new().await;
    let id = world.disputed().await;
    let sun = somebody(&world.centre, "孙悦", &world.li.person.unit, Role::Reviewer).await;
    let path = format!("/conflicts/{id}.place");
    send(&world, &world.li, &format!("{path}/work"), &[("what", "take")]).await;
    assert!(!open(&world, &sun, "/conflicts?view=mine").await.text.contains(&path));
    let deputy = sun.person.worker.to_string();
    let wrong = [("from", "2026-11-25"), ("until", "2026-11-22"), ("deputy", deputy.as_str())];
    let refused = send(&world, &world.li, "/account/leave", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = format!("<option value=\"{deputy}\" selected>");
    for typed in ["value=\"2026-11-25\"", "value=\"2026-11-22\"", &chosen] {
        assert!(refused.text.contains(typed), "{typed} was typed");
    }
    let days = [("from", "2026-11-21"), ("until", "2026-11-25"), ("deputy", deputy.as_str())];
    let entered = send(&world, &world.li, "/account/leave", &days).await;
    assert_eq!(entered.header(header::LOCATION), "/account?done=leave-entered#leave");
    let mine = open(&world, &sun, "/conflicts?view=mine").await.text;
    assert!(mine.contains(&path) && mine.contains("李静（休假至") && mine.contains("孙悦代"), "{mine}");
    assert!(open(&world, &sun, &path).await.text.contains("李静（休假至"));
    let account = open(&world, &world.li, "/account").await;
    assert!(account.text.contains("休假中"));
    let leave = input(&account, "id").to_owned();
    let other = send(&world, &world.stranger, "/account/leave/end", &[("id", &leave)]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "somebody else's");
    send(&world, &world.li, "/account/leave/end", &[("id", &leave)]).await;
    assert!(!open(&world, &sun, "/conflicts?view=mine").await.text.contains(&path));
}

#[tokio::test]
async fn a_form_whose_session_ended_comes_back_and_is_sent_once_looked_at() {
    let world = World::new().await;
    let fields = [("case", "none"), ("reason", "台账第 12 号"), ("key", "of a session that is over")];
    let ended = over(&world, &world.li);
    let asked = send_as(&world, &ended, "/supervision/ledger", &fields).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(!asked.text.contains("class=\"lang\""), "a link to the other language would lose it");
    let (next, kept) = (input(&asked, "next").to_owned(), input(&asked, "kept").to_owned());
    let wrong =
        send_as(&world, "", "/sign-in", &[("token", "garbage"), ("next", &next), ("kept", &kept)]).await;
    assert_eq!(input(&wrong, "kept"), kept, "a wrong password loses nothing");
    let token = world.li.token.as_str();
    let back = send_as(&world, "", "/sign-in", &[("token", token), ("next", &next), ("kept", &kept)]).await;
    assert!(back.text.contains("台账第 12 号") && back.text.contains("action=\"/supervision/ledger\""));
    assert_eq!(
        input(&back, "key"),
        world.centre.keys().form_key(world.li.person.worker, world.now()),
        "of the new session"
    );
    assert!(!back.text.contains("of a session that is over"));
    let rotten = send_as(&world, "", "/sign-in", &[("token", token), ("next", &next), ("kept", "x")]).await;
    assert_eq!((rotten.status, rotten.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    // What somebody typed is nobody else's: whoever signs in next at the same desk finds their own page.
    let boss = somebody(&world.centre, "钱镇长", TOWN, Role::Leader).await;
    let fields = [("token", boss.token.as_str()), ("next", &next), ("kept", &kept)];
    let other = send_as(&world, "", "/sign-in", &fields).await;
    assert!(other.header(header::LOCATION) == "/" && !other.text.contains("台账"), "{}", other.text);
    // Whose session it was has to be known.
    let nobodys = send_as(&world, "", "/supervision/ledger", &[("reason", "台账")]).await;
    assert!(nobodys.status == StatusCode::UNAUTHORIZED && !nobodys.text.contains("name=\"kept\""));
    let foreign = Request::post("/supervision/ledger").header("sec-fetch-site", "cross-site");
    let foreign = foreign.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let foreign = world.send(foreign.body(Body::from("reason=planted")).expect("a request")).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
    assert!(!foreign.text.contains("name=\"kept\""), "what another site made somebody send is not kept");
}

#[tokio::test]
async fn a_kept_form_says_names_and_days_and_no_number_of_the_store() {
    let world = World::new().await;
    let boss = somebody(&world.centre, "钱镇长", TOWN, Role::Leader).await;
    let sun = somebody(&world.centre, "孙悦", TOWN, Role::Handler).await;
    let deputy = sun.person.worker.to_string();
    let days = [("from", "2026-11-21"), ("until", "2026-11-25"), ("deputy", deputy.as_str())];
    send(&world, &boss, "/account/leave", &days).await;
    let id = input(&open(&world, &boss, "/account").await, "id").to_owned();
    let kept = async |who: &Somebody, to: &str, fields: &[(&str, &str)]| {
        let asked = send_as(&world, &over(&world, who), to, fields).await;
        let (next, kept) = (input(&asked, "next"), input(&asked, "kept"));
        let fields = [("token", who.token.as_str()), ("next", next), ("kept", kept)];
        let page = send_as(&world, "", "/sign-in", &fields).await.text;
        let told = page.split("<dl class=\"facts\">").nth(1).and_then(|rest| rest.split("</dl>").next());
        told.unwrap_or_default().to_owned()
    };
    let ended = kept(&boss, "/account/leave/end", &[("id", &id)]).await;
    assert!(ended.contains("钱镇长，2026年11月21日"), "{ended}");
    assert_eq!(kept(&world.li, "/account/leave/end", &[("id", &id)]).await, "", "of others nothing is told");
    let given = [("month", "2026-10"), ("rule", "no-such-rule"), ("unit", TOWN), ("note", "约谈")];
    let interview = kept(&boss, "/supervision/rates/interviews", &given).await;
    let town = "<dt>单位</dt><dd><span class=\"value\" lang=\"zh-CN\" dir=\"auto\">";
    assert!(interview.contains("2026年10月") && interview.contains("<dt>月份</dt>"), "{interview}");
    assert!(interview.contains(town) && !interview.contains(TOWN), "{interview}");
    let whose = kept(&boss, &format!("/leave/{deputy}"), &days).await;
    assert!(whose.starts_with("<div class=\"wide\"><dt>人员</dt>") && whose.contains("孙悦"), "{whose}");
    let draws = kept(&boss, "/supervision/draws/3", &[("words", "雨")]).await;
    assert!(!draws.contains("人员"), "the number of a draw is nobody's: {draws}");
}

#[tokio::test]
async fn leaders_enter_leave_for_their_own_and_nobody_for_others() {
    let world = World::new().await;
    let boss = somebody(&world.centre, "钱镇长", TOWN, Role::Leader).await;
    let vice = somebody(&world.centre, "李副镇长", TOWN, Role::Handler).await;
    let other = somebody(&world.centre, "孙镇长", OTHER_TOWN, Role::Leader).await;
    let admin = somebody(&world.centre, "吴敬", "511902", Role::Admin).await;
    let hao = somebody(&world.centre, "郝平", "511902105-centre", Role::Handler).await;
    let (chen, deputy) = (world.chen.person.worker.to_string(), hao.person.worker.to_string());
    let page = format!("/leave/{chen}");
    let days = [("from", "2026-11-21"), ("until", "2026-11-25"), ("deputy", deputy.as_str())];
    for who in [&world.li, &hao, &world.stranger] {
        assert_eq!(open(&world, who, "/leave").await.status, StatusCode::NOT_FOUND);
    }
    for who in [&world.li, &hao, &other] {
        assert_eq!(open(&world, who, &page).await.status, StatusCode::NOT_FOUND);
        assert_eq!(send(&world, who, &page, &days).await.status, StatusCode::NOT_FOUND);
    }
    assert!(open(&world, &boss, "/account").await.text.contains("href=\"/leave\""));
    assert!(!open(&world, &hao, "/account").await.text.contains("href=\"/leave\""));
    let found = open(&world, &boss, "/leave?q=%E9%99%88%E5%88%9A").await.text;
    assert!(found.contains(&page), "{found}");
    assert!(!open(&world, &other, "/leave?q=%E9%99%88%E5%88%9A").await.text.contains(&page));
    let form = open(&world, &boss, &page).await.text;
    let offers = |who: &Somebody| form.contains(&format!("<option value=\"{}\"", who.person.worker));
    assert!(offers(&hao) && offers(&vice) && !offers(&other), "{form}");
    assert!(!offers(&boss), "whoever enters it for another unit would be refused");
    let own = boss.person.worker.to_string();
    let own = send(&world, &boss, &page, &[days[0], days[1], ("deputy", &own)]).await;
    assert!(own.status == StatusCode::UNPROCESSABLE_ENTITY && own.text.contains("不能指定自己代理其他单位"));

    let wrong = [("from", "2026-11-25"), ("until", "2026-11-22"), ("deputy", deputy.as_str())];
    let refused = send(&world, &boss, &page, &wrong).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("value=\"2026-11-25\"")
    );
    let entered = send(&world, &boss, &page, &days).await;
    assert_eq!(entered.header(header::LOCATION), "/leave?done=leave-entered");
    let away =
        send(&world, &admin, &format!("/leave/{deputy}"), &[days[0], days[1], ("deputy", &chen)]).await;
    assert!(away.text.contains("代班人那时也不在"), "nobody stands in who is away: {}", away.text);
    let twice = send(&world, &admin, &page, &days).await;
    assert!(twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.text.contains("已有登记的休假"));
    let listed = open(&world, &admin, "/leave").await;
    assert!(listed.text.contains("陈刚") && listed.text.contains("休假中"));
    assert!(open(&world, &hao, "/inbox").await.text.contains("代陈刚办"));
    let id = input(&listed, "id").to_owned();
    assert_eq!(send(&world, &other, "/leave/end", &[("id", &id)]).await.status, StatusCode::NOT_FOUND);
    let ended = send(&world, &admin, "/leave/end", &[("id", &id)]).await;
    assert_eq!(ended.header(header::LOCATION), "/leave?done=leave-ended");
    assert!(!open(&world, &hao, "/inbox").await.text.contains("代陈刚办"));
}

#[tokio::test]
async fn a_group_of_an_inbox_counts_all_that_belongs_to_it() {
    let world = World::new().await;
    let kai = somebody(&world.centre, "凯文", OTHER_TOWN, Role::Handler).await;
    let mut cases = Vec::new();
    for n in 1..=24 {
        let title = format!("第{n}件");
        let words =
            [("title", title.as_str()), ("place", TOWN), ("category", "water"), ("severity", "light")];
        let about = [("subject", "凯文")];
        cases.push(world.case(&[&words[..], if n == 24 { &about } else { &[] }].concat()).await.0);
    }
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    let row = world.centre.store().row(cases[0]).await.expect("reads").expect("a row");
    let hao = somebody(&world.centre, "郝平", &row.unit.expect("an owner"), Role::Handler).await;
    for id in cases {
        let path = format!("/api/v1/cases/{id}/commands");
        let to = json!({"name": "assign", "args": {"worker": hao.person.worker.to_string()}});
        assert_eq!(world.post(&hao, &path, to).await.status, StatusCode::OK);
    }
    let leave = json!({"from": "2026-11-21T00:00:00Z", "until": "2026-11-25T00:00:00Z",
                       "deputy": kai.person.worker.to_string()});
    assert_eq!(world.post(&hao, "/api/v1/absences", leave).await.status, StatusCode::OK);
    let group = |page: &str, id: &str| {
        let from = page.find(&format!("<h2 id=\"{id}\"")).unwrap_or_else(|| panic!("{id}: {page}"));
        page[from..].split("</section>").next().unwrap_or_default().to_owned()
    };
    let count = |group: &str| {
        group
            .split("<span class=\"count num\">")
            .nth(1)
            .unwrap_or("")
            .split('<')
            .next()
            .unwrap_or("")
            .to_owned()
    };
    let listed = |group: &str| group.matches("class=\"task-verb\"").count();

    let cover =
        group(&open(&world, &kai, "/inbox?lang=en").await.text, &format!("cover-{}", hao.person.worker));
    assert_eq!((count(&cover).as_str(), listed(&cover)), ("23", 23), "not the one about the deputy: {cover}");
    let own = open(&world, &hao, "/inbox?lang=en").await.text;
    let new = group(&own, "new");
    assert_eq!((count(&new).as_str(), listed(&new)), ("24", 20), "{new}");
    assert!(
        new.contains("4 more are not on this page") && new.contains("/cases?"),
        "and where they are: {new}"
    );
    let rest = group(&own, "rest");
    assert_eq!((count(&rest).as_str(), listed(&rest)), ("24", 4), "what stands above takes no room: {rest}");
    assert!(rest.contains("20 of them stand in a group above") && !rest.contains("not on this page"));
}
