//! Forms that come from elsewhere, after a session, or from a browser in which somebody else has signed in: nothing is changed
//! by them, and nothing that was typed is lost or shown to another.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::desk::{decide, input, open, send, send_as, side};
use super::world::{Answer, Somebody, TOWN, World};
use crate::http::auth::COOKIE;
use crate::limits;

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let fields = [
        ("value", TOWN),
        ("why", "register"),
        ("key", &*world.centre.keys().form_key(world.chen.person.worker, world.now())),
    ];
    let cookie = format!("{COOKIE}={}", world.li.token);
    for key in [None, Some(("key", "")), Some(("key", &*fields[2].1.replacen("w", "w9", 1)))] {
        let fields: Vec<_> = fields[..2].iter().copied().chain(key).collect();
        let refused = send_as(&world, &cookie, &path, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text.contains("不是给您的"));
    }
    let other = send_as(&world, &cookie, &path, &fields).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED, "shown to somebody else");
    let foreign = Request::post("/sign-in").header("sec-fetch-site", "cross-site");
    let foreign = foreign.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = Body::from(format!("token={}", world.li.token));
    assert_eq!(world.send(foreign.body(body).expect("a request")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        send_as(&world, &cookie, &format!("/cases/{id}/release"), &[]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(send_as(&world, &cookie, "/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    assert!(world.centre.view(&world.li.person, id).await.expect("seen").row.conflicts.contains("place"));
}

#[tokio::test]
async fn a_session_that_ends_while_somebody_types_loses_nothing() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let (heads, choice) = (input(&page, "heads"), side(&page, TOWN));
    world.wait(limits::TOKEN_LIFE_MS);
    let fields = [("choice", choice), ("heads", heads), ("why", "other"), ("reason", "与村支书核对 <台账>")];
    let out = send(&world, &world.li, &path, &fields).await;
    assert_eq!(out.status, StatusCode::UNAUTHORIZED);
    assert!(!out.text.contains("台账"), "sealed: whoever looks at the page next may be somebody else");
    let stranger = world.centre.keys().token(world.stranger.person.worker, world.now() + 1000);
    let fields = [("token", &*stranger), ("next", input(&out, "next")), ("kept", input(&out, "kept"))];
    let other = send_as(&world, "", "/sign-in", &fields).await;
    assert!(other.status == StatusCode::SEE_OTHER && other.header(header::LOCATION) == "/", "{}", other.text);
    let token = world.centre.keys().token(world.li.person.worker, world.now() + limits::TOKEN_LIFE_MS);
    let fields = [("token", &*token), ("next", input(&out, "next")), ("kept", input(&out, "kept"))];
    let back = send_as(&world, "", "/sign-in", &fields).await;
    assert_eq!(back.status, StatusCode::OK);
    assert!(back.header(header::SET_COOKIE).contains(&token));
    assert_eq!(input(&back, "reason"), "与村支书核对 &#60;台账&#62;");
    assert!(back.text.contains(&format!("value=\"{choice}\" checked")));
    assert_eq!(input(&back, "key"), world.centre.keys().form_key(world.li.person.worker, world.now()));
    assert!(
        back.text.contains("<form method=\"post\" action=\"/conflicts/"),
        "the form goes to its own address"
    );
}

/// Over plain HTTP a browser says only from where a form comes.
#[tokio::test]
async fn a_form_from_another_address_signs_nobody_in() {
    let world = World::new().await;
    let sent = async |origin: &str, host: &str| {
        let request = Request::post("/sign-in").header("origin", origin).header("host", host);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(format!("token={}", world.li.token));
        world.send(request.body(body).expect("a request")).await.status
    };
    for (origin, host) in [
        ("http://evil.example", "desk.example"),
        ("http://desk.example.evil", "desk.example"),
        ("http://[::2]:7180", "[::1]:7180"),
        ("null", "desk.example"),
        ("", "desk.example"),
    ] {
        assert_eq!(sent(origin, host).await, StatusCode::FORBIDDEN, "{origin}");
    }
    for (origin, host) in [
        ("http://desk.example", "desk.example"),
        ("http://Desk.example:8080", "desk.example"),
        ("https://10.0.0.2:8443", "10.0.0.2:7180"),
        ("http://[::1]:7180", "[::1]"),
    ] {
        assert_eq!(sent(origin, host).await, StatusCode::SEE_OTHER, "{origin}");
    }
}

/// Signs in on the page that keeps a form.
async fn signed_in(world: &World, who: &Somebody, asked: &Answer) -> Answer {
    let fields = [("token", &*who.token), ("next", input(asked, "next")), ("kept", input(asked, "kept"))];
    send_as(world, "", "/sign-in", &fields).await
}

#[tokio::test]
async fn whoever_signs_in_in_another_tab_costs_nobody_what_they_typed() {
    let world = World::new().await;
    let id = world.disputed().await;
    let key = world.centre.keys().form_key(world.li.person.worker, world.now());
    let cookie = format!("{COOKIE}={}", world.chen.token);
    for (path, name, field) in [
        (format!("/conflicts/{id}.place"), "", "reason"),
        (format!("/cases/{id}/act"), "extend", "arg-reason"),
        (format!("/cases/{id}/release"), "", "reason"),
    ] {
        let fields = [("key", &*key), ("name", name), ("why", "other"), (field, "与村支书核对 <台账>")];
        let away = send_as(&world, &cookie, &path, &fields).await;
        assert_eq!(away.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(away.text.contains("另一人") && !away.text.contains("台账"), "{path}: {}", away.text);
        let theirs = signed_in(&world, &world.chen, &away).await;
        assert_eq!((theirs.status, theirs.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"), "{path}");
        let back = signed_in(&world, &world.li, &away).await;
        assert!(
            back.status == StatusCode::OK && back.text.contains("&#60;台账&#62;"),
            "{path}: {}",
            back.text
        );
    }
    // The same form of whoever is signed in is heard.
    let conflict = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &conflict).await;
    let answer = [("choice", side(&page, TOWN)), ("why", "phoned"), ("heads", input(&page, "heads"))];
    let heard = decide(&world, &world.li, &conflict, &answer).await;
    assert_eq!(heard.header(header::LOCATION), format!("{conflict}?done=1"), "{}", heard.text);
}
