//! Around a conflict: who looks after it, handing over, stepping back, asking back, two cases, and deciding anew.

use axum::http::{StatusCode, header};
use doorstep_protocol::documents::Role;
use doorstep_protocol::{DocumentId, Hash};
use serde_json::{Value as Json, json};

use super::desk::{decide, input, open, send, side};
use super::world::{Answer, ID_NUMBER, OTHER_TOWN, START, Somebody, TOWN, World, problem, somebody};
use crate::limits;
use crate::store::Store;
use crate::store::office::Office;

async fn another(world: &World) -> Somebody {
    let desk = world.li.person.unit.clone();
    somebody(&world.centre, "孙悦", &desk, Role::Reviewer).await
}

async fn first_change(world: &World, id: DocumentId) -> Hash {
    world.centre.store().load(id).await.expect("loads").expect("stored").changes[0].hash
}

/// A refused form comes back open, with what was typed.
fn kept(page: &Answer, field: &str, typed: &str) -> bool {
    let filled = format!("id=\"{field}\" name=\"reason\" value=\"{typed}\"");
    page.text.contains(&filled) && page.text.contains("<details open>")
}

#[tokio::test]
async fn a_conflict_is_taken_shown_to_others_and_handed_over() {
    let world = World::new().await;
    let id = world.disputed().await;
    let sun = another(&world).await;
    let (path, work) = (format!("/conflicts/{id}.place"), format!("/conflicts/{id}.place/work"));
    assert!(open(&world, &world.li, &path).await.text.contains("尚无人认领"));
    let taken = send(&world, &world.li, &work, &[("what", "take")]).await;
    assert_eq!(taken.header(header::LOCATION), format!("{path}?note=taken"));
    let seen = open(&world, &sun, &path).await;
    assert!(seen.text.contains("李静") && seen.text.contains("打开过"), "whoever comes sees who is at it");
    let queue = open(&world, &sun, "/conflicts?view=mine").await;
    assert!(!queue.text.contains(&path), "it is not hers");
    // A page on which nobody had it takes it from nobody unawares.
    let stale = send(&world, &sun, &work, &[("what", "take"), ("held", "")]).await;
    assert!(
        stale.status == 422 && stale.text.contains("刚才已有人接手") && stale.text.contains("李静"),
        "{}",
        stale.text
    );
    let holder = world.li.person.worker.to_string();
    assert_eq!(input(&stale, "held"), holder, "the next press knows it");
    let own = sun.person.worker.to_string();
    for what in [("put-back", own.as_str()), ("give", "")] {
        let fields = [("what", what.0), ("held", what.1), ("worker", &*own), ("reason", "顺手")];
        let stale = send(&world, &sun, &work, &fields).await;
        assert!(stale.status == 422 && stale.text.contains("刚才已有人接手"), "{what:?}: {}", stale.text);
    }
    let to = sun.person.worker.to_string();
    for (who, gives) in [(&world.li, ""), (&world.li, &*world.stranger.person.worker.to_string())] {
        let give = [("what", "give"), ("worker", gives), ("reason", "我下周休假")];
        let refused = send(&world, who, &work, &give).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "a stranger cannot get it");
        assert!(
            kept(&refused, "give-why", "我下周休假") && refused.text.contains("请选一位有权裁定此事的人")
        );
    }
    for who in [&world.stranger, &world.chen] {
        let refused = send(&world, who, &work, &[("what", "give"), ("worker", &to)]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }
    let gives = [("what", "give"), ("held", &*holder), ("worker", &to), ("reason", "我下周休假")];
    for when in ["once", "twice: it is as they wish"] {
        let given = send(&world, &world.li, &work, &gives).await;
        assert_eq!(given.header(header::LOCATION), format!("{path}?note=given"), "{when}: {}", given.text);
    }
    let unsaid = open(&world, &world.li, &format!("{path}?note=put-back")).await.text;
    assert!(!unsaid.contains("已放回，有裁定权的人都能看到"), "somebody has it");
    let old = open(&world, &world.li, &format!("{path}?note=taken")).await.text;
    assert!(!old.contains("现在由您审核"), "it is hers now: {old}");
    assert!(open(&world, &sun, "/conflicts?view=mine").await.text.contains(&path));
    assert!(!open(&world, &world.li, "/conflicts?view=mine").await.text.contains(&path));
    let boss = somebody(&world.centre, "吴敬", "511902", Role::Admin).await;
    let told = open(&world, &boss, "/admin/journal").await.text;
    assert!(told.contains("地点 → 孙悦") && !told.contains("place →"), "people have names: {told}");
    let journal = world.centre.store().journal("511902", "review.", None, 9).await.expect("reads");
    assert_eq!(journal[0].reason, "我下周休假");
    send(&world, &sun, &work, &[("what", "put-back")]).await;
    assert!(open(&world, &world.li, "/conflicts?view=unassigned").await.text.contains(&path));
}

#[tokio::test]
async fn whoever_is_concerned_steps_back_and_sees_nothing_while_the_others_decide() {
    let world = World::new().await;
    let id = world.disputed().await;
    let sun = another(&world).await;
    let (path, work) = (format!("/conflicts/{id}.place"), format!("/conflicts/{id}.place/work"));
    send(&world, &world.li, &work, &[("what", "take")]).await;
    let wordless = send(&world, &world.li, &work, &[("what", "step-back")]).await;
    assert!(
        wordless.status == StatusCode::UNPROCESSABLE_ENTITY && wordless.text.contains("href=\"#back-why\"")
    );
    let done = send(&world, &world.li, &work, &[("what", "step-back"), ("reason", "当事人是我表弟")]).await;
    assert_eq!(done.header(header::LOCATION), "/conflicts?note=stepped-back");
    for page in [path.clone(), format!("/cases/{id}")] {
        assert_eq!(open(&world, &world.li, &page).await.status, StatusCode::NOT_FOUND);
        assert_eq!(open(&world, &sun, &page).await.status, StatusCode::OK);
    }
    assert!(!open(&world, &world.li, "/conflicts").await.text.contains(&id.to_string()));
    let queue = open(&world, &sun, "/conflicts?view=unassigned").await;
    assert!(queue.text.contains(&path), "what was hers is nobody's");
    let answer = json!({"value": TOWN, "reason": "电话核实"});
    let api = format!("/api/v1{path}/resolution");
    problem(&world.post(&world.li, &api, answer.clone()).await, 404, "not.found");
    assert_eq!(world.post(&sun, &api, answer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_worker_is_asked_in_the_case_and_the_queue_shows_what_waits() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, work) = (format!("/conflicts/{id}.place"), format!("/conflicts/{id}.place/work"));
    let ask = |worker: &str| {
        let fields = [("what", "ask"), ("worker", worker), ("reason", "门牌属哪个镇？")];
        fields.map(|(name, text)| (name.to_owned(), text.to_owned()))
    };
    let sent = |fields: [(String, String); 3]| {
        let (world, work) = (&world, &work);
        async move {
            let fields: Vec<_> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            send(world, &world.li, work, &fields).await
        }
    };
    for (whom, why) in
        [(world.stranger.person.worker.to_string(), "对方已看不到本件"), (String::new(), "请选择要询问的人")]
    {
        let refused = sent(ask(&whom)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(why) && kept(&refused, "ask-what", "门牌属哪个镇？"));
    }
    let whom = world.wang.person.worker.to_string();
    let (asked, twice) = tokio::join!(sent(ask(&whom)), sent(ask(&whom)));
    for answer in [asked, twice] {
        assert_eq!(answer.header(header::LOCATION), format!("{path}?note=asked"));
    }
    assert!(open(&world, &world.li, "/conflicts").await.text.contains("等王敏回复"));
    let view = world.centre.view(&world.wang.person, id).await.expect("the worker sees it");
    assert_eq!(view.fields["log"], json!(["@王敏 门牌属哪个镇？"]), "in the case, so on the device");
    world.wait(60_000);
    world.write(&world.wang, id, &view.heads, &[("contact_phone", "13900139000")]).await;
    assert!(!open(&world, &world.li, "/conflicts").await.text.contains("等王敏回复"));
    assert!(open(&world, &world.li, &path).await.text.contains("王敏已有新内容"));
}

#[tokio::test]
async fn a_decision_is_followed_by_another_and_both_stay() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let fields = [("choice", side(&page, TOWN)), ("heads", input(&page, "heads")), ("why", "phoned")];
    decide(&world, &world.li, &path, &fields).await;
    let decided = open(&world, &world.li, &path).await;
    assert!(decided.text.contains("撤回或更改这个裁定"));
    // A question that came too late is shown, not lost.
    let work = format!("{path}/work");
    let asked = [("what", "ask"), ("worker", "w1"), ("reason", "门牌属哪个镇？")];
    let late = send(&world, &world.li, &work, &asked).await;
    assert!(
        late.status == StatusCode::CONFLICT && late.text.contains("您写的是：门牌属哪个镇？"),
        "{}",
        late.text
    );
    let taken = send(&world, &world.li, &work, &[("what", "take")]).await;
    assert_eq!(taken.header(header::LOCATION), format!("{path}?note=closed"), "nothing was typed");
    let heads = input(&decided, "heads");
    // By accident nothing is decided twice: it must be said.
    let plain = [("choice", side(&decided, OTHER_TOWN)), ("heads", heads), ("why", "register")];
    assert_eq!(send(&world, &world.li, &path, &plain).await.status, StatusCode::CONFLICT);
    let again: Vec<_> = plain.iter().copied().chain([("again", "yes")]).collect();
    let preview: Vec<_> = again.iter().copied().chain([("act", "preview")]).collect();
    assert!(send(&world, &world.li, &path, &preview).await.text.contains("确认后会这样"));
    assert_eq!(decide(&world, &world.li, &path, &again).await.status, StatusCode::SEE_OTHER);
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.fields["place"], OTHER_TOWN);
    assert!(view.conflicts.is_empty(), "one decision follows the other: they do not disagree");
    let case = open(&world, &world.li, &format!("/cases/{id}")).await.text;
    assert!(case.contains("审核人的裁定") && case.contains("工作台"), "a ruling is told as one");
    let late = send(&world, &world.li, &path, &again).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "the form had not seen the second decision");
    // Somebody who has seen the decision writes something else: no decision stands that could be taken back.
    world.write(&world.wang, id, &view_heads(&world, id).await, &[("place", "511902101")]).await;
    let typed: Vec<_> = again.iter().copied().chain([("reason", "现场核对过门牌")]).collect();
    let closed = send(&world, &world.li, &path, &typed).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    assert!(closed.text.contains("您写的是：现场核对过门牌"), "what was typed is not lost: {}", closed.text);
    let asked = send(&world, &world.li, &work, &asked).await;
    assert!(
        asked.status == StatusCode::CONFLICT && asked.text.contains("您写的是：门牌属哪个镇？"),
        "{}",
        asked.text
    );
    let plain = open(&world, &world.li, &path).await;
    assert_eq!(plain.header(header::LOCATION), format!("/cases/{id}?done=closed"), "nothing was typed");
}

async fn view_heads(world: &World, id: DocumentId) -> Vec<Hash> {
    world.centre.view(&world.li.person, id).await.expect("seen").heads
}

#[tokio::test]
async fn two_matters_in_one_case_become_two_linked_cases() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let (stays, goes) = (side(&page, TOWN), side(&page, OTHER_TOWN));
    let heads = input(&page, "heads");
    let same = [("choice", "two"), ("keep", stays), ("second", stays), ("heads", heads), ("why", "phoned")];
    let refused = send(&world, &world.li, &path, &same).await;
    assert!(refused.status == 422 && refused.text.contains("两个不同的一方"));
    let fields = [("choice", "two"), ("keep", stays), ("second", goes), ("heads", heads), ("why", "phoned")];
    assert_eq!(decide(&world, &world.li, &path, &fields).await.status, StatusCode::SEE_OTHER);
    let first = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(first.fields["place"], TOWN);
    let link = first.fields["links"][0].clone();
    let link: Json = link.as_str().map_or(link.clone(), |text| serde_json::from_str(text).expect("a link"));
    let second: DocumentId = link["to"].as_str().expect("a number").parse().expect("reads");
    let second = world.centre.view(&world.li.person, second).await.expect("hers");
    assert_eq!(
        (&second.fields["place"], &second.fields["title"]),
        (&json!(OTHER_TOWN), &first.fields["title"])
    );
    assert_eq!(second.row.author, world.li.person.worker, "in her own name");
    assert!(!second.fields.contains_key("person.id_number"), "numbers are not copied");
    assert!(!serde_json::to_string(&second.fields).expect("json").contains(ID_NUMBER));
}

#[tokio::test]
async fn a_second_case_about_conduct_is_not_named_in_the_first() {
    let world = World::new().await;
    let (id, first) = world.case(&[("title", "账目不清"), ("place", TOWN)]).await;
    world.write(&world.wang, id, &[first], &[("category", "facilities")]).await;
    let discipline = somebody(&world.centre, "钱正", "511902-discipline", Role::Reviewer).await;
    world.write(&world.chen, id, &[first], &[("category", "conduct")]).await;
    let view = world.centre.view(&discipline.person, id).await.expect("the discipline unit sees it");
    let sides = &view.conflicts[0].sides;
    let of =
        |value: &str| sides.iter().find(|side| side.value.as_deref() == Some(value)).expect("a side").hash;
    let answer = json!({"side": of("facilities"), "second": of("conduct"), "reason": "两件事"});
    let done = world.post(&discipline, &format!("/api/v1/conflicts/{id}.category/resolution"), answer).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let first = world.centre.view(&discipline.person, id).await.expect("seen");
    assert!(!first.fields.contains_key("links"), "whoever sees the first learns nothing of the second");
}

#[tokio::test]
async fn a_conflict_has_a_deadline_and_goes_up_when_it_has_passed() {
    let world = World::new().await;
    world.disputed().await;
    let list = |view: &str| format!("/conflicts?view={view}");
    assert!(open(&world, &world.li, &list("late")).await.text.contains("这里没有"));
    world.wait(6 * limits::DAY_MS);
    let mut li = somebody(&world.centre, "周岚", &world.li.person.unit, Role::Leader).await;
    li.token = world.centre.keys().token(li.person.worker, world.now() + limits::HOUR_MS);
    let late = open(&world, &li, &list("late")).await;
    assert!(late.text.contains("逾期") && late.text.contains("已报上级知悉"));
    assert!(world.now() > START);
}

#[tokio::test]
async fn two_reviewers_decide_at_once_and_the_second_sees_both() {
    let world = World::new().await;
    let id = world.disputed().await;
    let sun = another(&world).await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let heads = input(&page, "heads");
    let hers = [("choice", side(&page, TOWN)), ("heads", heads), ("why", "phoned")];
    let theirs =
        [("choice", side(&page, OTHER_TOWN)), ("heads", heads), ("why", "other"), ("reason", "看过现场")];
    assert_eq!(decide(&world, &world.li, &path, &hers).await.status, StatusCode::SEE_OTHER);
    let lost = send(&world, &sun, &path, &theirs).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    assert!(lost.text.contains("李静") && input(&lost, "reason") == "看过现场", "the decision and the draft");
    assert!(lost.text.contains(&format!("value=\"{}\" checked", side(&page, OTHER_TOWN))));
    let view = world.centre.view(&sun.person, id).await.expect("seen");
    assert_eq!(view.fields["place"], TOWN, "nothing of the second was recorded");
    let again: Vec<_> = theirs.iter().copied().filter(|(name, _)| *name != "heads").collect();
    let again: Vec<_> =
        again.into_iter().chain([("heads", input(&lost, "heads")), ("again", "yes")]).collect();
    assert_eq!(decide(&world, &sun, &path, &again).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn differences_are_marked_in_prose_and_codes_stay_whole() {
    let world = World::new().await;
    let (id, first) = world.case(&[("title", "漏水"), ("place", TOWN), ("category", "water")]).await;
    world.write(&world.wang, id, &[first], &[("outcome", "水管已换，漏水停了")]).await;
    assert_eq!(first_change(&world, id).await, first);
    world.write(&world.chen, id, &[first], &[("outcome", "水管已换，仍在漏水")]).await;
    let page = open(&world, &world.li, &format!("/conflicts/{id}.outcome")).await;
    assert!(page.text.contains("水管已换，") && page.text.contains("<mark class=\"differs\">"));
    let combined = [("choice", "combine"), ("combined", "水管已换，复查仍漏"), ("why", "phoned")];
    let fields: Vec<_> = combined.iter().copied().chain([("heads", input(&page, "heads"))]).collect();
    assert_eq!(decide(&world, &world.li, &format!("/conflicts/{id}.outcome"), &fields).await.status, 303);
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.fields["outcome"], "水管已换，复查仍漏");
    let place = world.disputed().await;
    let page = open(&world, &world.li, &format!("/conflicts/{place}.place")).await;
    assert!(!page.text.contains("class=\"differs\"") && !page.text.contains("name=\"combined\""));
}

#[tokio::test]
async fn practice_keeps_nothing() {
    let world = World::new().await;
    let head = world.centre.store().head("511902").await.expect("reads");
    let path = "/conflicts/practice";
    let empty = send(&world, &world.li, path, &[("act", "preview")]).await;
    assert!(empty.status == 422 && empty.text.contains("还没有选择"));
    let fields = [("choice", "a"), ("why", "phoned"), ("act", "record")];
    assert!(send(&world, &world.li, path, &fields).await.text.contains("若是真的"));
    assert_eq!(world.centre.store().head("511902").await.expect("reads"), head);
}

/// Whoever reviews reads first of all that something waits for a ruling: theirs, or nobody's yet; what others look after is
/// not theirs to do.
#[tokio::test]
async fn the_inbox_of_whoever_reviews_leads_to_conflicts() {
    let world = World::new().await;
    let id = world.disputed().await;
    let link = format!("href=\"/conflicts/{id}.place\"");
    let inbox = open(&world, &world.li, "/inbox?lang=en").await.text;
    assert!(inbox.contains(&link) && inbox.contains("Nobody decides it yet"));
    assert!(open(&world, &world.li, "/inbox/day?lang=en").await.text.contains("<td>Decide</td>"));
    let handler = somebody(&world.centre, "何平", TOWN, Role::Handler).await;
    for path in ["/inbox?lang=en", "/inbox/day?lang=en"] {
        let hers = open(&world, &handler, path).await.text;
        assert!(!hers.contains(&link) && !hers.contains("<td>Decide</td>"), "a handler decides no conflict");
    }
}
