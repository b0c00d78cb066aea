//! A person of every role walks the whole desk: each link of each page, and each form as it stands there. What a page leads to
//! is there for whoever sees the page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use doorstep_protocol::documents::Role;

use super::desk::{open, send, send_as};
use super::world::{Answer, ID_NUMBER, OTHER_TOWN, Somebody, TOWN, VILLAGE, World, somebody};

/// More pages than any role has here: a walk that goes on and on has found addresses without an end.
const PAGES: usize = 1_500;

/// A district with something on every page.
async fn district() -> World {
    let mut world = World::new().await;
    world.disputed().await;
    for (title, category, urgency) in [
        ("路灯不亮", "facilities", "normal"),
        ("村道塌方", "roads", "urgent"),
        ("水沟堵塞", "water", "danger"),
    ] {
        let words = [("title", title), ("category", category), ("urgency", urgency), ("place", TOWN)];
        world.case(&words).await;
        world.case(&[("title", title), ("category", category), ("place", VILLAGE)]).await;
    }
    world.case(&[("title", "村干部吃拿卡要"), ("category", "conduct"), ("place", TOWN)]).await;
    world.case(&[("title", "没有类别"), ("person.id_number", ID_NUMBER)]).await;
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    let wu = somebody(&world.centre, "吴督查", "511902-supervision", Role::Inspector).await;
    let drawn = send(&world, &wu, "/supervision/draws", &[("rule", "spot")]).await;
    assert_eq!(drawn.status, StatusCode::SEE_OTHER, "{}", drawn.text);
    world.wait(20 * 24 * 3_600_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    for who in [&mut world.wang, &mut world.chen, &mut world.li, &mut world.stranger] {
        renew(&world.centre, who);
    }
    world
}

/// Time has passed: the token of before has run out.
fn renew(centre: &crate::pipeline::Centre<crate::store::memory::MemoryStore>, who: &mut Somebody) {
    who.token = centre.keys().token(who.person.worker, centre.now() + crate::limits::TOKEN_LIFE_MS);
}

/// Text as an attribute has it, read back.
fn plain(text: &str) -> String {
    ["&#38;", "&amp;"]
        .iter()
        .fold(text.replace("&#34;", "\"").replace("&#60;", "<"), |text, of| text.replace(of, "&"))
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next().map(plain)
}

/// The addresses of this server that a page leads to. The other language is the same page.
fn links(page: &Answer) -> BTreeSet<String> {
    let all = ["href=\"", "src=\""].into_iter().flat_map(|at| page.text.split(at).skip(1));
    let all = all.filter_map(|rest| rest.split('"').next()).map(plain);
    let own = all.filter(|href| href.starts_with('/') && !href.contains("lang="));
    own.map(|href| href.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// A form as somebody sends it who fills in what is empty: where it goes, its fields, and which of its buttons.
#[derive(Clone, Debug)]
struct Filled {
    post: bool,
    action: String,
    fields: Vec<(String, String)>,
}

/// What is written into a field that is empty.
fn written(name: &str) -> &str {
    match name {
        "from" => "2026-12-20",
        "until" => "2026-12-22",
        "unit" | "arg-unit" | "arg-add" => OTHER_TOWN,
        "arg-days" | "arg-count" => "1",
        _ => "说明",
    }
}

fn fields(form: &str) -> Vec<(String, String)> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    for tag in form.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let (Some(name), kind) = (attribute(tag, "name"), attribute(tag, "type")) else { continue };
        let value = attribute(tag, "value").unwrap_or_default();
        match kind.as_deref() {
            Some("hidden") => drop(given.insert(name, value)),
            Some("radio") => drop(given.entry(name).or_insert(value)),
            Some("checkbox" | "file") => {}
            _ if value.is_empty() => drop(given.insert(name.clone(), written(&name).to_owned())),
            _ => drop(given.insert(name, value)),
        }
    }
    for part in form.split("<textarea").skip(1) {
        let name = attribute(part.split('>').next().unwrap_or_default(), "name");
        given.extend(name.map(|name| (name, "说明".to_owned())));
    }
    for part in form.split("<select").skip(1) {
        let name = attribute(part.split('>').next().unwrap_or_default(), "name");
        let options = part.split("</select>").next().unwrap_or_default().split("<option").skip(1);
        let option = options.filter_map(|option| attribute(option, "value")).find(|value| !value.is_empty());
        given.extend(name.zip(option));
    }
    given.into_iter().collect()
}

fn forms(page: &Answer) -> Vec<Filled> {
    let mut found = Vec::new();
    for form in page.text.split("<form ").skip(1).filter_map(|rest| rest.split("</form>").next()) {
        let tag = format!(" {}", form.split('>').next().unwrap_or_default());
        let Some(action) = attribute(&tag, "action").filter(|action| action.starts_with('/')) else {
            continue;
        };
        if attribute(&tag, "enctype").is_some() || action == "/sign-out" {
            continue;
        }
        let post = attribute(&tag, "method").as_deref() == Some("post");
        let fields = fields(form);
        let buttons = form.split("<button").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        for tag in buttons {
            let pressed = attribute(tag, "name").zip(attribute(tag, "value"));
            let fields = fields.iter().cloned().chain(pressed).collect();
            found.push(Filled { post, action: action.clone(), fields });
        }
    }
    found
}

fn query(fields: &[(String, String)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// Whether this is an answer to somebody who followed what a page offers.
fn there(status: StatusCode) -> bool {
    !status.is_server_error() && !matches!(status.as_u16(), 400 | 401 | 403 | 404 | 405)
}

/// Every page that somebody comes to from the desk's first, by links and by forms that only ask.
async fn walk(world: &World, who: &Somebody) -> BTreeMap<String, Answer> {
    let mut ahead = VecDeque::from([("/".to_owned(), "the start".to_owned())]);
    let mut seen = BTreeSet::new();
    let mut pages = BTreeMap::new();
    while let Some((path, from)) = ahead.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(seen.len() < PAGES, "{path} from {from}: there is no end");
        let answer = if path == "/live" { continue } else { Box::pin(open(world, who, &path)).await };
        let role = who.person.role.name();
        assert!(there(answer.status), "{role}: {from} leads to {path}: {}", answer.status);
        if answer.status.is_redirection() {
            ahead.push_back((answer.header(header::LOCATION).to_owned(), path));
            continue;
        }
        if !answer.header(header::CONTENT_TYPE).starts_with("text/html") {
            continue;
        }
        // A pager goes on for ever: one step either way is enough.
        let paged = |to: &str| ["week=", "month="].iter().any(|of| path.contains(of) && to.contains(of));
        let on = links(&answer).into_iter().filter(|to| !paged(to));
        ahead.extend(on.map(|to| (to, path.clone())));
        let asking = forms(&answer).into_iter().filter(|form| !form.post);
        ahead.extend(asking.map(|form| (format!("{}?{}", form.action, query(&form.fields)), path.clone())));
        pages.insert(path, answer);
    }
    pages
}

/// Sends every form of these pages that is still there when its turn comes. Gives how many were sent.
async fn fill_in(world: &World, who: &Somebody, pages: &BTreeMap<String, Answer>) -> usize {
    let mut sent = 0;
    let cookie = format!("{}={}", crate::http::auth::COOKIE, who.token);
    let mut seen = BTreeSet::new();
    for (path, page) in pages {
        let names = |form: &Filled| form.fields.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        for form in forms(page).into_iter().filter(|form| form.post) {
            let what = |form: &Filled| {
                let said =
                    form.fields.iter().filter(|(name, _)| ["what", "name", "act"].contains(&name.as_str()));
                (form.action.clone(), said.cloned().collect::<Vec<_>>(), names(form))
            };
            if !seen.insert(what(&form)) {
                continue;
            }
            let now = Box::pin(open(world, who, path)).await;
            let Some(form) = forms(&now).into_iter().find(|other| what(other) == what(&form)) else {
                continue;
            };
            let fields: Vec<(&str, &str)> =
                form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = Box::pin(send_as(world, &cookie, &form.action, &fields)).await;
            let role = who.person.role.name();
            assert!(
                there(answer.status),
                "{role} sends {:?} of {path}: {} {}",
                what(&form),
                answer.status,
                answer.text
            );
            sent += 1;
        }
    }
    sent
}

async fn everywhere(name: &str, unit: &str, role: Role, at_least: (usize, usize)) {
    let world = Box::pin(district()).await;
    let mut who = somebody(&world.centre, name, unit, role).await;
    renew(&world.centre, &mut who);
    let pages = Box::pin(walk(&world, &who)).await;
    let sent = Box::pin(fill_in(&world, &who, &pages)).await;
    assert!(pages.len() >= at_least.0 && sent >= at_least.1, "{role:?}: {} pages, {sent} forms", pages.len());
}

#[tokio::test]
async fn a_handler_finds_whatever_a_page_leads_to() {
    Box::pin(everywhere("何平", &format!("{TOWN}-centre"), Role::Handler, (10, 10))).await;
    Box::pin(everywhere("周办", "511902-water", Role::Handler, (5, 3))).await;
}

#[tokio::test]
async fn a_reviewer_finds_whatever_a_page_leads_to() {
    Box::pin(everywhere("李娜", "511902-intake", Role::Reviewer, (30, 30))).await;
    Box::pin(everywhere("赵强", OTHER_TOWN, Role::Reviewer, (10, 3))).await;
    Box::pin(everywhere("钱审", TOWN, Role::Reviewer, (10, 5))).await;
}

#[tokio::test]
async fn a_leader_finds_whatever_a_page_leads_to() {
    Box::pin(everywhere("孙区长", "511902", Role::Leader, (30, 30))).await;
    Box::pin(everywhere("高镇长", TOWN, Role::Leader, (10, 5))).await;
    Box::pin(everywhere("郑主任", "511902-supervision", Role::Leader, (30, 10))).await;
}

#[tokio::test]
async fn an_inspector_finds_whatever_a_page_leads_to() {
    Box::pin(everywhere("冯督查", "511902-supervision", Role::Inspector, (30, 10))).await;
    Box::pin(everywhere("蒋督查", TOWN, Role::Inspector, (10, 5))).await;
}

#[tokio::test]
async fn an_administrator_and_an_auditor_find_whatever_a_page_leads_to() {
    Box::pin(everywhere("吴敬", "511902", Role::Admin, (30, 30))).await;
    Box::pin(everywhere("卫审计", "511902", Role::Auditor, (30, 3))).await;
    Box::pin(everywhere("沈审计", TOWN, Role::Auditor, (10, 3))).await;
}

/// Whoever has nothing at the desk is led nowhere by the page that says so.
#[tokio::test]
async fn a_worker_is_led_nowhere_they_may_not_go() {
    let world = Box::pin(district()).await;
    let cookie = format!("{}={}", crate::http::auth::COOKIE, world.wang.token);
    let request = Request::get("/").header(header::COOKIE, cookie).body(Body::empty()).expect("a request");
    let told = world.send(request).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    for path in links(&told) {
        let answer = open(&world, &world.wang, &path).await;
        assert!(there(answer.status), "{path}: {}", answer.status);
    }
}
