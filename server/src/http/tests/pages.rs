//! What holds for every page: both languages complete, nothing inline, nothing of people unmasked, nothing unescaped.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::desk::open;
use super::world::{ID_NUMBER, World};

async fn everything(world: &World) -> Vec<String> {
    let urgent = [
        ("title", "<script>alert(1)</script>"),
        ("urgency", "danger"),
        ("category", "water"),
        ("place", super::world::TOWN),
    ];
    let (danger, _) = world.case(&urgent).await;
    let (person, first) = world.case(&[("title", "养老金"), ("contact_phone", "13800138000")]).await;
    world
        .write(&world.wang, person, &[first], &[("person.id_number", ID_NUMBER), ("subject", "村委会")])
        .await;
    world
        .write(
            &world.chen,
            person,
            &[first],
            &[("person.id_number", "511902199001011243"), ("outcome", "已办")],
        )
        .await;
    let id = world.disputed().await;
    world.wait(10 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    world.wait(30 * 24 * 3_600_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    vec![
        "/".into(),
        "/inbox".into(),
        "/inbox/day".into(),
        "/cases".into(),
        "/cases?q=x&due=overdue&category=water&place=511902105&order=due".into(),
        "/cases/ledger".into(),
        format!("/cases/{danger}"),
        format!("/cases/{danger}/file"),
        format!("/cases/{person}/file"),
        format!("/cases/{person}"),
        format!("/cases/{id}"),
        format!("/conflicts/{id}.place"),
        "/conflicts".into(),
        "/conflicts?view=late&field=place".into(),
        "/conflicts/practice".into(),
        "/admin/units".into(),
        "/admin/packs".into(),
        "/admin/refused".into(),
        "/admin/health".into(),
        format!("/conflicts/{person}.person.id_number"),
        "/cases/nothing".into(),
        "/sign-in".into(),
        "/sign-in?expired=1".into(),
    ]
}

#[tokio::test]
async fn no_page_shows_an_untranslated_key_or_a_whole_number_or_inline_code() {
    let mut world = World::new().await;
    let paths = everything(&world).await;
    world.li.token = world.centre.keys().token(world.li.person.worker, world.now() + 1000);
    for path in paths {
        for lang in ["zh-CN", "en"] {
            let asked = format!("{path}{}lang={lang}", if path.contains('?') { '&' } else { '?' });
            let page = open(&world, &world.li, &asked).await;
            assert!(page.text.contains(&format!("<html lang=\"{lang}\">")), "{asked}");
            assert!(!page.text.contains('⟦'), "{asked}: {}", page.text);
            assert!(!page.text.contains(ID_NUMBER) && !page.text.contains("13800138000"), "{asked}");
            // The one script comes from a file.
            let text = page.text.replacen("<script src=\"/static/desk.js?v=", "", 1);
            for inline in ["<script", "style=", "<style", " onclick", "javascript:", "<bdilang", "\"checked"]
            {
                assert!(!text.contains(inline), "{asked}: {inline}");
            }
            assert!(page.header(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
            assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
            assert!(page.header(header::SET_COOKIE).starts_with(&format!("doorstep-lang={lang};")));
            assert_eq!(page.text.matches("<h1").count(), 1, "{asked}");
        }
    }
}

#[tokio::test]
async fn the_style_is_kept_by_the_browser_under_its_digest() {
    let world = World::new().await;
    let page = world.send(Request::get("/sign-in").body(Body::empty()).expect("a request")).await;
    let address =
        page.text.split("href=\"/static/").nth(1).and_then(|rest| rest.split('"').next()).expect("a style");
    let style =
        world.send(Request::get(format!("/static/{address}")).body(Body::empty()).expect("a request")).await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(style.header(header::CACHE_CONTROL).contains("immutable"));
    assert!(style.text.contains("--action"));
}

#[test]
fn every_string_that_a_template_names_is_there() {
    let strings = crate::http::strings::Lang::En.text();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("console/templates");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the templates are there") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        for id in text.split("w.t(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(strings.contains(&format!("\n{id} =")), "{id}");
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} were found");
}
