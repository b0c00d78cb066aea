//! Login and password at the desk: given, chosen, ended.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::desk::send_as;
use super::world::{Answer, World};
use crate::accounts;
use crate::http::auth::COOKIE;

/// A browser that keeps its cookie.
struct Browser<'w> {
    world: &'w World,
    cookie: String,
}

impl Browser<'_> {
    /// Signs in as Li; what the server answered is for the caller to judge.
    async fn enter<'w>(world: &'w World, password: &str) -> (Browser<'w>, Answer) {
        let answer = send_as(world, "", "/sign-in", &[("login", "Li.Na"), ("password", password)]).await;
        let set = answer.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned();
        (Browser { world, cookie: set }, answer)
    }

    async fn open(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        self.world.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let key = self.world.centre.keys().form_key(self.world.li.person.worker, self.world.now());
        let fields: Vec<_> = fields.iter().copied().chain([("key", &*key)]).collect();
        send_as(self.world, &self.cookie, path, &fields).await
    }
}

async fn given(world: &World) -> String {
    let clock = (world.centre.now(), &**world.centre.source());
    accounts::give(&**world.centre.store(), &world.li.person, "li.na", clock).await.expect("an account")
}

#[tokio::test]
async fn a_given_password_opens_the_account_and_nothing_else() {
    let world = World::new().await;
    let password = given(&world).await;
    let (wrong, answer) = Browser::enter(&world, "not the password").await;
    assert_eq!((answer.status.as_u16(), wrong.cookie.as_str()), (422, ""));
    assert!(answer.text.contains("Li.Na"), "what was typed is kept");
    let (li, answer) = Browser::enter(&world, &password).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let desk = li.open("/").await;
    assert_eq!((desk.status, desk.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/account"));
    let api = li.open("/api/v1/cases").await;
    assert_eq!((api.status.as_u16(), api.json()["code"].as_str()), (403, Some("password.due")));
    let page = li.open("/account").await;
    assert_eq!(page.status, StatusCode::OK);

    let other = [("old", &*password), ("new", "many doors, one sewer"), ("again", "many doors, two sewers")];
    assert_eq!(li.send("/account", &other).await.status.as_u16(), 422);
    let chosen = [("old", &*password), ("new", "many doors, one sewer"), ("again", "many doors, one sewer")];
    let answer = li.send("/account", &chosen).await;
    assert_eq!(answer.header(header::LOCATION), "/account?done=password-chosen");
    assert_eq!(li.open("/").await.status, StatusCode::OK);
    assert_eq!(li.open("/api/v1/cases").await.status, StatusCode::OK);
}

/// An administrator who gives a new password ends the sessions: what was typed in one of them waits.
#[tokio::test]
async fn what_was_typed_waits_until_a_password_of_ones_own_is_chosen() {
    let world = World::new().await;
    let over = super::desk::over(&world, &world.li);
    let id = world.disputed().await;
    for (path, field, typed) in [
        ("/account/leave".to_owned(), "from", "2026-12-24"),
        (format!("/conflicts/{id}.place"), "reason", "看过门牌"),
    ] {
        let password = given(&world).await;
        let asked = send_as(&world, &over, &path, &[(field, typed)]).await;
        let (next, kept) = (super::desk::input(&asked, "next"), super::desk::input(&asked, "kept"));
        let fields = [("login", "li.na"), ("password", &*password), ("next", next), ("kept", kept)];
        let due = send_as(&world, "", "/sign-in", &fields).await;
        assert!(due.text.contains("id=\"old\"") && !due.text.contains(typed), "{path}: {}", due.text);
        assert_eq!(super::desk::input(&due, "kept"), kept);
        let cookie = due.header(header::SET_COOKIE).split(';').next().expect("a cookie").to_owned();
        let li = Browser { world: &world, cookie };
        let new = format!("many doors, one sewer {field}");
        let chosen = [("old", &*password), ("new", &*new), ("again", &*new), ("next", next), ("kept", kept)];
        let back = li.send("/account", &chosen).await;
        assert!(back.status == StatusCode::OK && back.text.contains(typed), "{path}: {}", back.text);
    }
}

#[tokio::test]
async fn a_browser_is_signed_out_from_another() {
    let world = World::new().await;
    let password = given(&world).await;
    let (office, _) = Browser::enter(&world, &password).await;
    let (home, _) = Browser::enter(&world, &password).await;
    let page = office.open("/account").await;
    assert_eq!(page.text.matches("name=\"id\"").count(), 2, "both are listed");
    let id = data_encoding::HEXLOWER.encode(&accounts::id_of(&home.cookie[COOKIE.len() + 1..]));
    let foreign = send_as(&world, &office.cookie, "/account/end", &[("id", &id), ("key", "guessed")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(home.open("/account").await.status, StatusCode::OK);
    let ended = office.send("/account/end", &[("id", &id)]).await;
    assert_eq!(ended.header(header::LOCATION), "/account?done=browser-ended");
    assert_eq!(home.open("/account").await.status, StatusCode::SEE_OTHER, "back to the sign-in");
    assert_eq!(office.open("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn leaving_ends_the_sign_in_itself() {
    let world = World::new().await;
    let password = given(&world).await;
    let (li, _) = Browser::enter(&world, &password).await;
    assert_eq!(li.send("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(li.open("/account").await.status, StatusCode::SEE_OTHER, "a kept cookie is worth nothing");
    let secret = &li.cookie[COOKIE.len() + 1..];
    let as_token = send_as(&world, "", "/sign-in", &[("token", secret)]).await;
    assert_eq!(as_token.status.as_u16(), 422, "a cookie is no token");
}
