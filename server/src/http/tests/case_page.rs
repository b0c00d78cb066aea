//! A case's page and papers: what is masked is shown once to whoever says why, and noted; what was typed is not lost.

use axum::http::{StatusCode, header};

use super::desk::{input, open, over, send, send_as};
use super::world::{ID_NUMBER, TOWN, World, somebody};
use crate::http::auth::COOKIE;
use crate::store::Store;
use doorstep_protocol::documents::Role;

const PHONE: &str = "13800138000";

async fn person_case(world: &World) -> String {
    let words = [
        ("title", "=1+1 水管爆裂"),
        ("category", "water"),
        ("place", TOWN),
        ("person.id_number", ID_NUMBER),
        ("contact_phone", PHONE),
        ("person.name", "阿布都·热合曼"),
    ];
    world.case(&words).await.0.to_string()
}

/// A device from before sends a title of blanks: it is taken, and what it names can be opened.
#[tokio::test]
async fn a_title_of_blanks_has_a_word_in_every_link() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", " 　"), ("category", "water"), ("place", TOWN)]).await;
    for (who, path, word) in [
        (&world.li, "/cases?lang=en", "(no title)"),
        (&world.li, "/cases/ledger", "（无标题）"),
        (&world.chen, "/inbox", "（无标题）"),
    ] {
        assert!(open(&world, who, path).await.text.contains(word), "{path}");
    }
    assert!(open(&world, &world.li, &format!("/cases/{id}")).await.text.contains("（无标题）</span></h1>"));
}

#[tokio::test]
async fn a_masked_value_is_shown_once_with_a_reason_and_noted() {
    let world = World::new().await;
    let id = person_case(&world).await;
    let path = format!("/cases/{id}/reveal");
    let asked = [("field", "person.id_number"), ("reason", "核对身份")];
    // Whoever does not see the case, and whoever asks for what is not masked, learns nothing.
    assert_eq!(send(&world, &world.stranger, &path, &asked).await.status, StatusCode::NOT_FOUND);
    let other = send(&world, &world.li, &path, &[("field", "title"), ("reason", "x")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let silent = send(&world, &world.li, &path, &[("field", "person.id_number"), ("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!silent.text.contains(ID_NUMBER));
    let page = open(&world, &world.li, &format!("/cases/{id}")).await;
    assert!(!page.text.contains("核对身份"), "nothing was noted so far");

    let shown = send(&world, &world.li, &path, &asked).await;
    assert_eq!((shown.status, shown.header(header::CACHE_CONTROL)), (StatusCode::OK, "no-store"));
    assert!(shown.text.contains(ID_NUMBER) && !shown.text.contains(PHONE));
    let page = open(&world, &world.li, &format!("/cases/{id}")).await;
    assert!(page.text.contains("核对身份") && page.text.contains("李静"), "who looked, and why");
    assert!(!page.text.contains(ID_NUMBER), "and never the number");
}

#[tokio::test]
async fn a_form_from_elsewhere_reveals_nothing() {
    let world = World::new().await;
    let id = person_case(&world).await;
    let fields = [("field", "person.id_number"), ("reason", "x"), ("key", "0")];
    let cookie = format!("{COOKIE}={}", world.li.token);
    let page = send_as(&world, &cookie, &format!("/cases/{id}/reveal"), &fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.text.contains(ID_NUMBER));
}

#[tokio::test]
async fn papers_are_masked_and_only_for_whoever_sees_the_case() {
    let world = World::new().await;
    let id = person_case(&world).await;
    let papers = [format!("/cases/{id}/file?lang=en"), "/cases/ledger?lang=en".into()];
    for path in &papers {
        let paper = open(&world, &world.li, path).await;
        assert_eq!(paper.status, StatusCode::OK, "{path}");
        assert!(paper.text.contains("水管爆裂") && !paper.text.contains('⟦'), "{path}: {}", paper.text);
        assert!(!paper.text.contains(ID_NUMBER) && !paper.text.contains(PHONE), "{path}");
    }
    assert_eq!(open(&world, &world.stranger, &papers[0]).await.status, StatusCode::NOT_FOUND);
    assert!(!open(&world, &world.stranger, &papers[1]).await.text.contains("水管爆裂"));
    let file = open(&world, &world.li, "/cases/ledger.xlsx?q=%E6%B0%B4%E7%AE%A1").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(
        file.text.starts_with("PK") && file.header(header::CONTENT_DISPOSITION).starts_with("attachment")
    );
}

#[tokio::test]
async fn a_command_that_was_typed_while_the_session_ended_comes_back() {
    let world = World::new().await;
    let id = person_case(&world).await;
    let path = format!("/cases/{id}/act");
    let typed = [("name", "return"), ("arg-reason", "地点写错了")];
    let page = send_as(&world, &over(&world, &world.li), &path, &typed).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let (kept, next) = (input(&page, "kept"), input(&page, "next"));
    let wrong = send_as(&world, "", "/sign-in", &[("token", "x"), ("next", next), ("kept", kept)]).await;
    assert_eq!(input(&wrong, "kept"), kept, "a wrong token does not lose it either");
    let fields = [("token", &*world.li.token), ("next", next), ("kept", kept)];
    let back = send_as(&world, "", "/sign-in", &fields).await;
    assert_eq!(back.status, StatusCode::OK);
    assert!(back.text.contains("水管爆裂") && back.header(header::SET_COOKIE).starts_with(COOKIE));
    // Somebody else who signs in on that page sees nothing of a case that is not theirs.
    let fields = [("token", &*world.stranger.token), ("next", next), ("kept", kept)];
    let other = send_as(&world, "", "/sign-in", &fields).await;
    assert_eq!((other.status, other.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    assert!(!other.text.contains("水管爆裂"));
}

/// Two have the same page open: the second is told what the first has decided, and gives the command again if they still want.
#[tokio::test]
async fn a_command_from_a_page_before_the_last_decision_is_looked_at_again() {
    let world = World::new().await;
    let words = [("title", "水管爆裂"), ("category", "water"), ("place", TOWN), ("severity", "light")];
    let (id, _) = world.case(&words).await;
    world.wait(10 * 60_000);
    world.centre.tick().await.expect("ticks");
    let path = format!("/cases/{id}");
    let unit = world.centre.store().row(id).await.expect("reads").expect("a row").unit.expect("an owner");
    let hao = somebody(&world.centre, "郝平", &unit, Role::Handler).await;
    let page = open(&world, &hao, &path).await;
    let n = input(&page, "n").to_owned();
    let act = [("name", "accept"), ("n", &*n)];
    let done = send(&world, &hao, &format!("{path}/act"), &act).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let late = [("name", "return"), ("n", &*n), ("arg-reason", "不在本辖区")];
    let late = send(&world, &hao, &format!("{path}/act"), &late).await;
    assert!(late.status == StatusCode::CONFLICT && late.text.contains("又有了新决定"), "{}", late.text);
    assert!(late.text.contains("不在本辖区"), "what was typed is there");
    let now = input(&late, "n").to_owned();
    assert_ne!(now, n, "the page that is shown is of now");
    let again = [("name", "return"), ("n", &*now), ("arg-reason", "不在本辖区")];
    let heard = send(&world, &hao, &format!("{path}/act"), &again).await;
    assert!(!heard.text.contains("又有了新决定"), "{}", heard.text);
}

/// A page that watches is no bell for complaints about whoever looks at it.
#[tokio::test]
async fn an_event_is_for_whoever_may_see_what_it_is_about() {
    let world = World::new().await;
    let end = world.centre.news_end();
    let told =
        async |who: &super::world::Somebody| world.centre.news_for(&who.person, end).await.expect("reads").1;
    assert!(!told(&world.li).await, "nothing has come");
    let about =
        [("title", "不公"), ("category", "water"), ("place", TOWN), ("subject", &*world.li.person.name)];
    world.case(&about).await;
    assert!(!told(&world.li).await, "it is about them");
    assert!(told(&world.wang).await, "who wrote it");
    world.case(&[("title", "水管爆裂"), ("category", "water"), ("place", TOWN)]).await;
    assert!(told(&world.li).await);
}
