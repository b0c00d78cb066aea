//! At the desk: signing in, reading, deciding; and what becomes of a form that comes too late or from elsewhere.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::world::{Answer, OTHER_TOWN, Somebody, TOWN, World, hello, somebody};
use crate::http::auth::COOKIE;
use crate::store::Store;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::{Checkout, Hello};

pub(super) async fn open(world: &World, who: &Somebody, path: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, format!("{COOKIE}={}", who.token));
    world.send(request.body(Body::empty()).expect("a request")).await
}

/// Sends a form, with the form key.
pub(super) async fn send(world: &World, who: &Somebody, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = world.centre.keys().form_key(who.person.worker, world.now());
    let fields: Vec<_> = fields.iter().copied().chain([("key", &*key)]).collect();
    send_as(world, &format!("{COOKIE}={}", who.token), path, &fields).await
}

pub(super) async fn send_as(world: &World, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.header(header::COOKIE, cookie).body(Body::from(pairs.join("&")));
    world.send(request.expect("a request")).await
}

/// The cookie of somebody whose session is over.
pub(super) fn over(world: &World, who: &Somebody) -> String {
    format!("{COOKIE}={}", world.centre.keys().token(who.person.worker, world.now() - 1))
}

/// Decides a conflict as its page leads to it: what would follow is looked at, then recorded. What is not even foreseen is
/// answered as it was asked.
pub(super) async fn decide(world: &World, who: &Somebody, path: &str, fields: &[(&str, &str)]) -> Answer {
    let asked: Vec<_> = fields.iter().copied().chain([("act", "preview")]).collect();
    let shown = send(world, who, path, &asked).await;
    if shown.status != StatusCode::OK {
        return shown;
    }
    let mark = [("act", "record"), ("mark", input(&shown, "mark"))];
    send(world, who, path, &fields.iter().copied().chain(mark).collect::<Vec<_>>()).await
}

/// The value of a hidden or typed input.
pub(super) fn input<'a>(page: &'a Answer, name: &str) -> &'a str {
    let at = page
        .text
        .find(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {}", page.text));
    page.text[at..].split('"').nth(3).expect("a value")
}

/// The hash of the side that says this.
pub(super) fn side<'a>(page: &'a Answer, code: &str) -> &'a str {
    let sides = page.text.split("name=\"choice\" value=\"").skip(1);
    let mut sides =
        sides.filter(|side| side.split("</label>").next().is_some_and(|side| side.contains(code)));
    sides.next().expect("a side").split('"').next().expect("a hash")
}

#[tokio::test]
async fn signing_in_leads_back_to_the_page() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let out = world.send(Request::get(&path).body(Body::empty()).expect("a request")).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let page =
        world.send(Request::get(out.header(header::LOCATION)).body(Body::empty()).expect("a request")).await;
    let next = input(&page, "next");
    let wrong = send_as(&world, "", "/sign-in", &[("token", "garbage"), ("next", next)]).await;
    assert_eq!((wrong.status.as_u16(), input(&wrong, "next")), (422, next));
    let worker = send_as(&world, "", "/sign-in", &[("token", &world.wang.token), ("next", next)]).await;
    assert_eq!(worker.status.as_u16(), 422);
    assert!(worker.header(header::SET_COOKIE).is_empty());
    let signed = send_as(&world, "", "/sign-in", &[("token", &world.li.token), ("next", next)]).await;
    assert_eq!((signed.status, signed.header(header::LOCATION)), (StatusCode::SEE_OTHER, &*path));
    let cookie = signed.header(header::SET_COOKIE);
    assert!(cookie.contains("; HttpOnly; SameSite=Strict;"), "{cookie}");
    let left = send(&world, &world.li, "/sign-out", &[]).await;
    assert!(left.header(header::SET_COOKIE).contains("Max-Age=0"));
}

#[tokio::test]
async fn forbidden_and_absent_are_the_same_page() {
    let world = World::new().await;
    let id = world.disputed().await;
    let absent = id.to_string().replace("-7", "-4");
    for (path, other) in [("/cases/{}", "/cases/0417"), ("/conflicts/{}.place", "/conflicts/{}.nothing")] {
        let forbidden = open(&world, &world.stranger, &path.replace("{}", &id.to_string())).await;
        let missing = open(&world, &world.stranger, &path.replace("{}", &absent)).await;
        let nonsense = open(&world, &world.stranger, &other.replace("{}", &id.to_string())).await;
        assert_eq!(forbidden.status, StatusCode::NOT_FOUND);
        assert_eq!(forbidden.text, missing.text.replace(&absent, &id.to_string()));
        assert_eq!(nonsense.status, StatusCode::NOT_FOUND);
        assert!(nonsense.header(header::CONTENT_TYPE).starts_with("text/html"));
    }
    assert_eq!(open(&world, &world.wang, "/").await.status, StatusCode::NOT_FOUND);
}

/// Somebody at a browser who mistypes an address gets a page; a program gets a problem, also where it asks for anything.
#[tokio::test]
async fn an_address_that_is_not_there_is_a_page_to_a_browser_and_a_problem_to_a_program() {
    let world = World::new().await;
    let ask = async |path: &str, accept: &str| {
        let request = Request::get(path).header(header::ACCEPT, accept).header(header::ACCEPT_LANGUAGE, "en");
        world.send(request.body(Body::empty()).expect("a request")).await
    };
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (path, status) in [("/nowhere", 404), ("/supervison/", 404), ("/sign-out", 405)] {
        let page = ask(path, browser).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        assert!(page.header(header::CONTENT_TYPE).starts_with("text/html"), "{path}: {}", page.text);
        assert!(page.text.contains("There is nothing here") && page.text.contains("<html lang=\"en\">"));
        let told = ask(path, "*/*").await;
        assert_eq!(told.header(header::CONTENT_TYPE), "application/problem+json", "{path}");
    }
    let told = ask("/api/v1/nowhere", browser).await;
    assert_eq!(told.json()["code"], "route.unknown");
}

#[tokio::test]
async fn a_conflict_asks_one_question_and_suggests_nothing() {
    let world = World::new().await;
    let id = world.disputed().await;
    let page = open(&world, &world.li, &format!("/conflicts/{id}.place")).await;
    assert!(page.text.contains("<h1>在哪里？</h1>"));
    assert!(page.text.contains("化成镇") && page.text.contains("曾口镇") && page.text.contains("此前未填"));
    assert!(page.text.contains("写时没有看到 A") && page.text.contains("写时没有看到 B"));
    assert!(page.text.contains("2026年11月21日 20:01") && page.text.contains("迟到6小时"));
    assert!(!page.text.contains(" checked"), "nothing is preselected");
    let reader = open(&world, &world.chen, &format!("/conflicts/{id}.place")).await;
    assert!(reader.text.contains("由审核人员裁定") && !reader.text.contains("type=\"radio\""));
}

#[tokio::test]
async fn a_choice_with_its_reason_is_recorded_in_one_act() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let (heads, choice) = (input(&page, "heads"), side(&page, OTHER_TOWN));
    let lacking = send(&world, &world.li, &path, &[("choice", choice), ("heads", heads)]).await;
    assert_eq!(lacking.status.as_u16(), 422);
    assert!(
        lacking.text.contains("还没有写依据")
            && lacking.text.contains(&format!("value=\"{choice}\" checked"))
    );
    let fields = [("choice", choice), ("heads", heads), ("why", "phoned"), ("reason", "陈刚确认")];
    for act in [None, Some(("act", "record"))] {
        let unseen: Vec<_> = fields.iter().copied().chain(act).collect();
        let unseen = send(&world, &world.li, &path, &unseen).await;
        assert!(unseen.text.contains("确认后会这样"), "what would follow is shown, and nothing is recorded");
        assert_eq!(unseen.status.as_u16(), if act.is_some() { 422 } else { 200 });
    }
    let done = decide(&world, &world.li, &path, &fields).await;
    assert_eq!(
        (done.status, done.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, &*format!("{path}?done=1"))
    );
    let decided = open(&world, &world.li, done.header(header::LOCATION)).await;
    assert!(decided.text.contains("裁定已按您所见记录") && decided.text.contains("陈刚确认"));
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.fields["place"], OTHER_TOWN);
    let late = send(&world, &world.li, &path, &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("已有人作出裁定") && input(&late, "reason") == "陈刚确认", "both are shown");
}

#[tokio::test]
async fn another_value_can_be_written_and_two_answers_are_not_guessed_between() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let (heads, choice) = (input(&page, "heads"), side(&page, TOWN));
    for (fields, says) in [
        (vec![("choice", choice), ("value", "511902101")], "请留下一个"),
        (vec![("choice", ""), ("value", "")], "还没有选择"),
        (vec![("choice", "other"), ("value", "511999999")], "没有叫“511999999”的单位"),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("heads", heads), ("why", "register")]).collect();
        let page = send(&world, &world.li, &path, &fields).await;
        assert_eq!(page.status.as_u16(), 422);
        assert!(page.text.contains(says), "{says}");
    }
    let fields = [("value", "511902101"), ("heads", heads), ("why", "register")];
    assert_eq!(decide(&world, &world.li, &path, &fields).await.status, StatusCode::SEE_OTHER);
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.fields["place"], "511902101");
}

#[tokio::test]
async fn what_came_meanwhile_is_shown_and_what_was_typed_is_kept() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let (heads, choice) = (input(&page, "heads").to_owned(), side(&page, TOWN).to_owned());
    let first = world.centre.store().load(id).await.expect("loads").expect("stored").changes[0].hash;
    world.write(&world.chen, id, &[first], &[("place", "511902101")]).await;
    let fields = [("choice", &*choice), ("heads", &*heads), ("why", "evidence"), ("reason", "照片三张")];
    let again = send(&world, &world.li, &path, &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(
        again.text.contains("又有新内容送达")
            && again.text.contains("清江镇")
            && again.text.contains("曾口镇")
    );
    assert_eq!(input(&again, "reason"), "照片三张");
    assert!(
        !again.text.contains(&format!("value=\"{choice}\" checked")),
        "chosen from less than there is now"
    );
    assert_ne!(input(&again, "heads"), heads);
    assert!(world.centre.view(&world.li.person, id).await.expect("seen").row.conflicts.contains("place"));
}

#[tokio::test]
async fn a_reviewer_stops_waiting_for_a_device() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", "路灯不亮")]).await;
    let checkout = Checkout { id: [1; 16], documents: vec![id], until: world.now() + 3_600_000 };
    let hello = Hello { checkouts: vec![checkout], ..hello() };
    world.open(&world.wang, &hello).await;
    let path = format!("/cases/{id}");
    assert!(open(&world, &world.li, &path).await.text.contains("王敏带着这件诉求在走访"));
    assert!(open(&world, &world.chen, &path).await.text.contains("请联系审核人员"));
    let lacking = send(&world, &world.li, &format!("{path}/release"), &[("reason", "")]).await;
    assert_eq!(lacking.status.as_u16(), 422);
    assert_eq!(
        send(&world, &world.chen, &format!("{path}/release"), &[("reason", "x")]).await.status,
        StatusCode::NOT_FOUND
    );
    let done = send(&world, &world.li, &format!("{path}/release"), &[("reason", "来电说已离开")]).await;
    assert_eq!(done.header(header::LOCATION), format!("{path}?done=released"));
    assert!(!open(&world, &world.li, &path).await.text.contains("在走访"));
}

#[tokio::test]
async fn somebody_acts_at_the_desk_and_a_refusal_says_why_and_keeps_what_was_typed() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", TOWN)]).await;
    let (path, act) = (format!("/cases/{id}"), format!("/cases/{id}/act"));
    let page = open(&world, &world.li, &path).await;
    assert!(page.text.contains("value=\"refer\"") && !page.text.contains("value=\"callback\""));
    let nowhere = [("name", "refer"), ("arg-unit", "没有这个单位"), ("arg-reason", "不归我们")];
    let refused = send(&world, &world.li, &act, &nowhere).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("没有叫“没有这个单位”的单位"), "{}", refused.text);
    let owner =
        world.centre.view(&world.li.person, id).await.expect("seen").row.unit.expect("somebody has it");
    let alike = [("name", "refer"), ("arg-unit", "宝珠村民委员会"), ("arg-reason", "不归我们")];
    let refused = send(&world, &world.li, &act, &alike).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for code in ["曾口镇 宝珠村民委员会 511902105231", "511902204203"] {
        assert!(refused.text.contains(code), "{code} in {}", refused.text);
    }
    assert_eq!(input(&refused, "arg-unit"), "宝珠村民委员会");
    let already = [("name", "refer"), ("arg-unit", owner.as_str()), ("arg-reason", "不归我们")];
    let refused = send(&world, &world.li, &act, &already).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("这个单位已经在办这一件"), "{}", refused.text);
    assert_eq!((input(&refused, "arg-unit"), input(&refused, "arg-reason")), (owner.as_str(), "不归我们"));
    let long = "长".repeat(5_000);
    let refused = send(&world, &world.li, &act, &[already[0], already[1], ("arg-reason", &long)]).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && input(&refused, "arg-reason") == long);
    let foreign = send(&world, &world.stranger, &act, &nowhere).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "as if there were no such case");
    assert_eq!(send_as(&world, "", &act, &nowhere).await.status, StatusCode::UNAUTHORIZED);

    let before = world.centre.view(&world.li.person, id).await.expect("seen").decisions.len();
    let form = "0b3c1f9e-6a55-4d0e-9b1f-000000000001";
    let fields = [("name", "refer"), ("id", form), ("arg-unit", " 化成镇"), ("arg-reason", "地在化成镇")];
    for _ in 0..2 {
        let done = send(&world, &world.li, &act, &fields).await;
        assert_eq!(done.header(header::LOCATION), format!("{path}?done=acted"), "{}", done.text);
    }
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.decisions.len(), before + 1, "sent twice, it is one command");
    assert_eq!(view.row.unit.as_deref(), Some(OTHER_TOWN));
}

/// People know the number at the top of a page; that something is not there is told as it is.
#[tokio::test]
async fn a_case_is_named_by_its_number_and_a_colleague_is_chosen() {
    let world = World::new().await;
    let (first, _) = world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", TOWN)]).await;
    world.wait(60_000);
    let (second, _) = world.case(&[("title", "灯杆歪"), ("category", "facilities"), ("place", TOWN)]).await;
    let number = world.centre.view(&world.li.person, first).await.expect("seen").row.number();
    let act = format!("/cases/{second}/act");
    let group =
        async |lead: &str| send(&world, &world.li, &act, &[("name", "group"), ("arg-lead", lead)]).await;
    let nowhere = group("20200101-abcdef").await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.text.contains("没有编号“20200101-abcdef”的"), "{}", nowhere.text);
    let done = group(&number).await;
    assert!(done.header(header::LOCATION).contains("done=acted"), "{}", done.text);
    let life = world.centre.view(&world.li.person, second).await.expect("seen").row.life;
    assert_eq!(life.lead, Some(first.to_string()));
}

#[tokio::test]
async fn whoever_passes_a_case_on_and_sees_it_no_more_is_told_where_it_went() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", TOWN)]).await;
    let act = format!("/cases/{id}/act");
    let to = |unit| [("name", "refer"), ("arg-unit", unit), ("arg-reason", "地在他镇")];
    send(&world, &world.li, &act, &to(OTHER_TOWN)).await;
    let other = somebody(&world.centre, "周经办", OTHER_TOWN, Role::Handler).await;
    let number = world.centre.view(&other.person, id).await.expect("seen").row.number();
    let id = "018f2d3e-0000-7000-8000-000000000007";
    let sent: Vec<_> = to(TOWN).into_iter().chain([("id", id)]).collect();
    let landed = format!("/inbox?passed={number}&to={TOWN}");
    for when in ["once", "again, though it is out of their sight by now"] {
        let done = send(&world, &other, &act, &sent).await;
        assert_eq!(done.header(header::LOCATION), landed, "{when}: {}", done.text);
    }
    assert_eq!(send(&world, &world.stranger, &act, &sent).await.status, StatusCode::NOT_FOUND);
    let said = open(&world, &other, &landed).await.text;
    assert!(said.contains(&number) && said.contains("曾口镇") && !said.contains("路灯不亮"), "{said}");
    let made_up = open(&world, &other, "/inbox?passed=%E8%AF%B7%E8%BD%AC%E8%B4%A6").await.text;
    assert!(!made_up.contains("请转账"), "an address says nothing in the desk's name");
}
