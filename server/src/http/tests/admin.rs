//! Administration: people, devices that leave, refused changes, packs, health; each refusal with a twin that succeeds.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use doorstep_protocol::documents::Role;
use doorstep_protocol::{DocumentId, Hash};
use tower::ServiceExt;

use super::desk::{input, open, send};
use super::world::{Answer, ID_NUMBER, Somebody, TOWN, World, problem, somebody};
use crate::http::auth::COOKIE;
use crate::pipeline::{Leaving, timestamp};
use crate::store::Store;

async fn admin(world: &World) -> Somebody {
    somebody(&world.centre, "吴敬", "511902", Role::Admin).await
}

/// A change of a case that the centre has not seen, sent by this device.
async fn sent(world: &World, who: &Somebody, words: &[(&str, &str)]) -> (DocumentId, Vec<Hash>) {
    let id = DocumentId::v7(world.now(), crate::clock::random(&**world.centre.source()));
    let (bytes, hash) = world.made(who, words);
    let session = world.session(who).await;
    let done = world.centre.ingest(&session, id, vec![bytes], false).await.expect("ingested");
    let refused: Vec<Hash> = done.rejected.iter().map(|rejected| rejected.hash).collect();
    assert!(refused.is_empty() || refused == [hash]);
    (id, refused)
}

#[tokio::test]
async fn somebody_is_added_with_a_code_and_leaves_with_all_that_was_theirs() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let fields = [("name", "林晓"), ("unit", TOWN), ("role", "handler")];
    for who in [&world.li, &world.chen] {
        assert_eq!(send(&world, who, "/admin/people", &fields).await.status, StatusCode::NOT_FOUND);
        assert_eq!(open(&world, who, "/admin/people").await.status, StatusCode::NOT_FOUND);
    }
    let added = send(&world, &boss, "/admin/people", &fields).await;
    assert_eq!(added.status, StatusCode::OK);
    assert!(
        added.text.contains("<svg") && added.text.contains("doorstep-device enrol http"),
        "a code to scan"
    );
    assert!(!added.text.contains("style="), "the page's policy lets no style in");
    let list = open(&world, &boss, "/admin/people?q=林").await;
    assert!(list.text.contains("林晓") && !list.text.contains("王敏"));
    let nowhere = [("name", "林晓"), ("unit", "511999999"), ("role", "handler")];
    let refused = send(&world, &boss, "/admin/people", &nowhere).await;
    assert!(refused.status == 422 && refused.text.contains("value=\"林晓\""), "what was typed is kept");

    let page = format!("/admin/people/{}", world.wang.person.worker);
    let wordless = send(&world, &boss, &page, &[("what", "end")]).await;
    assert_eq!(wordless.status.as_u16(), 422);
    let own = format!("/admin/people/{}", boss.person.worker);
    assert_eq!(send(&world, &boss, &own, &[("what", "end"), ("reason", "x")]).await.status.as_u16(), 422);
    send(&world, &boss, &page, &[("what", "end"), ("reason", "调离")]).await;
    let gone = world.centre.store().person(world.wang.person.worker).await.expect("reads").expect("known");
    assert!(gone.ended.is_some());
    assert_eq!(world.get(&world.wang, "/api/v1/cases").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.centre.leaves(world.wang.device).await.expect("reads"), Some(Leaving::GivesUp));
    assert!(open(&world, &boss, "/admin/journal").await.text.contains("调离"));
}

#[tokio::test]
async fn a_device_is_wiped_and_its_confirmation_is_the_receipt() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let (id, _) = world.case(&[("title", "路灯不亮")]).await;
    let page = format!("/admin/devices/{}", world.wang.device);
    assert_eq!(open(&world, &world.li, &page).await.status, StatusCode::NOT_FOUND);
    let before = open(&world, &boss, &page).await;
    assert!(before.text.contains("路灯不亮"), "what it holds");
    let wordless = send(&world, &boss, &page, &[("what", "wipe")]).await;
    assert_eq!(wordless.status.as_u16(), 422);
    let long = "换".repeat(501);
    let refused = send(&world, &boss, &page, &[("what", "wipe"), ("reason", &long)]).await;
    assert!(refused.status.as_u16() == 422 && refused.text.contains(&long), "nothing typed is lost");
    let done = send(&world, &boss, &page, &[("what", "wipe"), ("reason", "换新机")]).await;
    assert_eq!(done.header(header::LOCATION), format!("{page}?done=wipe"));

    let mut session = world.session(&world.wang).await;
    let told = world.centre.page(&mut session).await.expect("pages").expect("something");
    let revoked = told
        .entries
        .iter()
        .any(|entry| matches!(entry, doorstep_protocol::wire::Entry::Revoke { document } if *document == id));
    assert!(revoked, "all that it holds is taken back");
    let still = world.centre.store().device(world.wang.device).await.expect("reads").expect("known");
    assert!(still.revoked.is_none(), "it has not confirmed yet");
    world.centre.drained(&mut session).await.expect("nothing is left to send");
    let still = world.centre.store().device(world.wang.device).await.expect("reads").expect("known");
    assert!(still.revoked.is_none(), "it still holds the case");
    world.centre.stored(&mut session, &told.cursor, vec![id]).await.expect("confirmed");
    let over = world.centre.store().device(world.wang.device).await.expect("reads").expect("known");
    assert!(over.revoked.is_some());
    let after = open(&world, &boss, &page).await;
    assert!(after.text.contains("回执：已交出1件") && after.text.contains("没有，或已全部交出"));
    // Another device of the same case is not touched.
    assert_eq!(world.centre.leaves(world.chen.device).await.expect("reads"), None);
}

#[tokio::test]
async fn what_a_withdrawn_device_sends_waits_for_a_person_who_enters_it_or_not() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let page = format!("/admin/devices/{}", world.wang.device);
    send(&world, &boss, &page, &[("what", "hold-back"), ("reason", "私自转借")]).await;
    let words = [("title", "桥面开裂"), ("place", TOWN), ("person.id_number", ID_NUMBER)];
    let (id, refused) = sent(&world, &world.wang, &words).await;
    assert_eq!(refused.len(), 1, "nothing of it is taken in");
    let (_, twin) = sent(&world, &world.chen, &words).await;
    assert!(twin.is_empty(), "what another device sends is");
    assert!(world.centre.view(&world.li.person, id).await.is_err());

    let list = open(&world, &world.li, "/admin/refused").await;
    assert!(list.text.contains("来自已收回的设备"));
    let address = "/admin/refused/1";
    let look = open(&world, &world.li, address).await;
    assert!(look.text.contains("桥面开裂") && !look.text.contains(ID_NUMBER), "read, and masked");
    assert!(!open(&world, &world.stranger, address).await.text.contains("桥面开裂"), "not for another town");
    let wordless = send(&world, &world.li, address, &[("what", "enter")]).await;
    assert_eq!(wordless.status.as_u16(), 422);
    let entered = send(&world, &world.li, address, &[("what", "enter"), ("reason", "电话核实属实")]).await;
    assert_eq!(entered.header(header::LOCATION), "/admin/refused?done=entered", "{}", entered.text);
    let view = world.centre.view(&world.li.person, id).await.expect("it is here now");
    assert_eq!((view.fields["title"].as_str(), view.row.author), (Some("桥面开裂"), world.li.person.worker));
    let twice = send(&world, &world.li, address, &[("what", "dismiss"), ("reason", "再想想")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let auditor = somebody(&world.centre, "郑察", "511902", Role::Auditor).await;
    assert_eq!(open(&world, &auditor, "/admin/refused").await.status, StatusCode::OK);
    let may_not = send(&world, &auditor, address, &[("what", "dismiss"), ("reason", "x")]).await;
    assert_eq!(may_not.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refused_change_about_conduct_is_read_by_those_who_would_see_the_case() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let page = format!("/admin/devices/{}", world.wang.device);
    send(&world, &boss, &page, &[("what", "hold-back"), ("reason", "核查")]).await;
    sent(&world, &world.wang, &[("title", "收红包"), ("category", "conduct"), ("subject", "李静")]).await;
    let discipline = somebody(&world.centre, "钱正", "511902-discipline", Role::Reviewer).await;
    for who in [&world.li, &boss] {
        let look = open(&world, who, "/admin/refused/1").await;
        assert!(!look.text.contains("收红包") && look.text.contains("无法读取，或您无权查看"));
    }
    assert!(open(&world, &discipline, "/admin/refused/1").await.text.contains("收红包"));
}

#[tokio::test]
async fn health_says_what_was_looked_at_and_when() {
    let world = World::new().await;
    world.disputed().await;
    assert!(open(&world, &world.li, "/admin/health").await.text.contains("还没有人查过"));
    assert_eq!(open(&world, &world.chen, "/admin/health").await.status, StatusCode::NOT_FOUND);
    let (report, look) = crate::health::check(&world.centre).await.expect("looks");
    assert_eq!((report.invariants.len(), look.invariants.len()), (10, 10));
    let page = open(&world, &world.li, "/admin/health").await;
    assert!(page.text.contains("每件未结诉求都有承办") && page.text.contains("2026年11月"));
    // An office that complaints go to and where nobody works is named, whether or not one lies there.
    let pack = world.centre.pack("511902").expect("a pack");
    let office = &pack.unit("511902-discipline", timestamp(world.now())).expect("an office").name;
    assert!(page.text.contains("而那里没有人") && page.text.contains(office), "{}", page.text);
    assert_eq!(report.unattended[0].units[0], "511902-discipline", "compartments first");
    let whole = crate::verify::report(&world.centre).await.expect("looks");
    assert!(whole.unseen.is_empty(), "somebody sees each");
    let (lead, _) = world.case(&[("title", "收了红包"), ("category", "conduct"), ("place", TOWN)]).await;
    let whole = crate::verify::report(&world.centre).await.expect("looks");
    assert_eq!(whole.unseen, [lead.to_string()], "and this one nobody");
    let told = crate::health::check(&world.centre).await.expect("looks").0;
    assert!(told.unseen.is_empty(), "outside nothing is said of it");
    let last = somebody(&world.centre, "钱进", "511902-discipline", Role::Handler).await;
    assert!(!open(&world, &world.li, "/admin/health").await.text.contains(&format!(">{office}<")));
    // Whoever takes the last one away is told so there and then; whoever takes another, nothing.
    let boss = admin(&world).await;
    let first = somebody(&world.centre, "孙进", "511902-discipline", Role::Handler).await;
    let at = |who: &Somebody| format!("/admin/people/{}", who.person.worker);
    let ends = [("what", "end"), ("reason", "退休")];
    for (who, alone) in [(&first, false), (&last, true)] {
        let ended = send(&world, &boss, &at(who), &ends).await;
        let back = open(&world, &boss, ended.header(header::LOCATION)).await;
        assert_eq!(back.text.contains("而那里没有人"), alone, "{}", back.text);
    }
    let lies = format!("{}?done=ended&left=511902-intake", at(&last));
    assert!(!open(&world, &boss, &lies).await.text.contains("而那里没有人"));
    assert_eq!(send(&world, &world.li, "/admin/health", &[]).await.status, StatusCode::SEE_OTHER);
}

fn multipart(parts: &[(&str, Option<&str>, &str)]) -> String {
    let part = |(name, file, text): &(&str, Option<&str>, &str)| {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--b--\r\n"
}

async fn upload(world: &World, who: &Somebody, parts: &[(&str, Option<&str>, &str)]) -> Answer {
    let key = world.centre.keys().form_key(who.person.worker, world.now());
    let all: Vec<_> = [("key", None, key.as_str())].into_iter().chain(parts.iter().copied()).collect();
    let request = Request::post("/admin/packs")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header(header::COOKIE, format!("{COOKIE}={}", who.token));
    world.send(request.body(Body::from(multipart(&all))).expect("a request")).await
}

#[tokio::test]
async fn a_pack_is_checked_put_in_force_and_rolled_back() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let files = doorstep_policy::embedded_bazhou().0;
    let parts = |policy: &str| -> Vec<(String, String)> {
        let text =
            |path: &str, text: &str| if path == "policy.toml" { policy.to_owned() } else { text.to_owned() };
        files.iter().map(|(path, old)| (format!("bazhou/{path}"), text(path, old))).collect()
    };
    let check = async |who: &Somebody, policy: &str| {
        let files = parts(policy);
        let mut form = vec![("what", None, "check")];
        form.extend(files.iter().map(|(path, text)| ("files", Some(path.as_str()), text.as_str())));
        upload(&world, who, &form).await
    };
    let policy = &files["policy.toml"];
    assert_eq!(check(&world.li, policy).await.status, StatusCode::NOT_FOUND, "a reviewer does not rule");
    let bad = check(&boss, &policy.replacen("ladder = \"intake\"", "ladder = \"nowhere\"", 1)).await;
    assert!(bad.text.contains("个问题，没有施行") && bad.text.contains("policy.toml:"), "{}", bad.text);
    let said = bad.text.contains("没有时限类别“nowhere”") || bad.text.contains("没有时序“nowhere”");
    assert!(said && bad.text.contains("或更正名称") && !bad.text.contains("there is no"), "{}", bad.text);
    let version = policy.lines().find(|line| line.starts_with("version")).expect("a version").to_owned();
    let good = check(&boss, &policy.replacen(&version, "version = \"2099.9\"", 1)).await;
    assert!(good.text.contains("没有问题") && good.text.contains("bazhou@2099.9"));
    let packed = input(&good, "packed").to_owned();
    let wrong = [("what", None, "install"), ("packed", None, packed.as_str()), ("at", None, "tomorrow")];
    assert!(upload(&world, &boss, &wrong).await.text.contains("时间写得不对"));
    let over =
        [("what", None, "install"), ("packed", None, packed.as_str()), ("at", None, "2020-01-01T00:00")];
    assert!(upload(&world, &boss, &over).await.text.contains("这个时间已经过了"));
    let install = [("what", None, "install"), ("packed", None, packed.as_str()), ("at", None, "")];
    let done = upload(&world, &boss, &install).await;
    assert_eq!(done.header(header::LOCATION), "/admin/packs?done=bazhou@2099.9", "{}", done.text);
    let now = || world.centre.packs().of("511902", world.now()).expect("a pack").id().to_owned();
    assert_eq!(now(), "bazhou@2099.9");
    assert_eq!(upload(&world, &boss, &install).await.status, StatusCode::SEE_OTHER);
    let shown = open(&world, &boss, "/admin/packs").await;
    assert_eq!(shown.text.matches("<code>bazhou@2099.9</code>").count(), 1, "sent twice, it is there once");

    // One that is to come by mistake does not come.
    let next = check(&boss, &policy.replacen(&version, "version = \"2099.10\"", 1)).await;
    let packed = input(&next, "packed").to_owned();
    let later =
        [("what", None, "install"), ("packed", None, packed.as_str()), ("at", None, "2099-01-01T00:00")];
    assert_eq!(upload(&world, &boss, &later).await.status, StatusCode::SEE_OTHER);
    let schedule = || world.centre.packs().schedule("511902").iter().any(|v| v.pack.id() == "bazhou@2099.10");
    assert!(schedule() && open(&world, &boss, "/admin/packs").await.text.contains("取消施行"));
    // What is said is what is so, whatever the address says.
    let says = async |id: &str, note: &str| {
        open(&world, &boss, &format!("/admin/packs?done={id}")).await.text.contains(note)
    };
    assert!(says("bazhou@2099.10", "到下列时间施行").await && says("bazhou@2099.9", "已施行。").await);
    assert!(!says("bazhou@1999.1", "role=\"status\"").await, "nothing of what is not known");
    let withdraw = |id| [("what", None, "withdraw"), ("version", None, id)];
    let past = upload(&world, &boss, &withdraw("bazhou@2099.9")).await;
    assert_eq!(past.status, StatusCode::CONFLICT, "it is in force");
    let done = upload(&world, &boss, &withdraw("bazhou@2099.10")).await;
    assert_eq!(done.header(header::LOCATION), "/admin/packs?done=bazhou@2099.10", "{}", done.text);
    assert!(!schedule() && now() == "bazhou@2099.9" && says("bazhou@2099.10", "已取消").await);
    assert_eq!(upload(&world, &boss, &withdraw("bazhou@2099.10")).await.status, StatusCode::CONFLICT);
}

/// Programs read English, unless they ask for the other language.
#[tokio::test]
async fn a_bad_pack_is_refused_in_the_language_that_is_asked_for() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let mut files = doorstep_policy::embedded_bazhou().0;
    let policy = files["policy.toml"].replacen("ladder = \"intake\"", "ladder = \"nowhere\"", 1);
    files.insert("policy.toml".into(), policy);
    let body = serde_json::json!({ "files": files });
    let plain = world.post(&boss, "/api/v1/policies", body.clone()).await;
    let said = problem(&plain, 422, "policy.bad")["problems"][0]["remedy"].to_string();
    assert!(said.is_ascii(), "{said}");
    let request = Request::post("/api/v1/policies")
        .header(header::AUTHORIZATION, format!("Bearer {}", boss.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT_LANGUAGE, "zh-CN,en;q=0.5");
    let answer = world.send(request.body(Body::from(body.to_string())).expect("a request")).await;
    let said = problem(&answer, 422, "policy.bad")["problems"][0]["remedy"].to_string();
    assert!(said.contains("更正名称"), "{said}");
}

#[tokio::test]
async fn listening_is_bounded_and_says_only_that_something_changed() {
    let world = World::new().await;
    let listen = async |who: &Somebody| {
        let request = Request::get("/live").header(header::COOKIE, format!("{COOKIE}={}", who.token));
        world.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("answers")
    };
    let mut open = Vec::new();
    for _ in 0..crate::limits::LISTENERS_PER_PERSON {
        let answer = listen(&world.li).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        open.push(answer);
    }
    assert_eq!(listen(&world.li).await.status(), StatusCode::NO_CONTENT, "this person has enough");
    assert_eq!(listen(&world.chen).await.status(), StatusCode::OK, "another has their own");
    drop(open.pop());
    assert_eq!(listen(&world.li).await.status(), StatusCode::OK, "a place is given back");
    assert_eq!(listen(&world.wang).await.status(), StatusCode::NOT_FOUND, "a worker has no desk");
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once_and_what_the_caller_has_is_not_sent_again() {
    let world = World::new().await;
    let boss = admin(&world).await;
    let ask = async |key: &str, body: &str| {
        let request = Request::post("/api/v1/people")
            .header(header::AUTHORIZATION, format!("Bearer {}", boss.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        world.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    };
    let body = format!("{{\"name\":\"林晓\",\"unit\":\"{TOWN}\",\"role\":\"worker\"}}");
    let (first, again) = (ask("k1", &body).await, ask("k1", &body).await);
    assert_eq!((first.status, &first.text), (StatusCode::OK, &again.text), "the same code, not another");
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_ne!(ask("k2", &body).await.text, first.text);
    let other = ask("k1", &body.replace("林晓", "林大")).await;
    assert!(other.status == 422 && other.text.contains("idempotency.reused"));

    // Nothing was done: what was wrong is mended, and sent again with its key.
    assert_eq!(ask("k4", &body.replace(TOWN, "nowhere")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mended = ask("k4", &body.replace("林晓", "林中")).await;
    assert_eq!((mended.status, mended.headers.get("idempotent-replayed")), (StatusCode::OK, None));

    let read = async |tag: &str| {
        let request = Request::get("/api/v1/people")
            .header(header::AUTHORIZATION, format!("Bearer {}", boss.token))
            .header(header::IF_NONE_MATCH, tag);
        world.send(request.body(Body::empty()).expect("a request")).await
    };
    let whole = read("\"\"").await;
    let tag = whole.header(header::ETAG).to_owned();
    assert_eq!(read(&tag).await.status, StatusCode::NOT_MODIFIED);
    ask("k3", &body.replace("林晓", "林小")).await;
    assert_eq!(read(&tag).await.status, StatusCode::OK, "it has changed since");
}

#[tokio::test]
async fn every_page_of_administration_is_complete_in_both_languages() {
    let world = World::new().await;
    let boss = admin(&world).await;
    world.case(&[("title", "路灯不亮")]).await;
    let (bytes, id) = (world.orphan(&world.wang), DocumentId::v7(world.now(), [9; 10]));
    let session = world.session(&world.wang).await;
    world.centre.ingest(&session, id, vec![bytes], false).await.expect("ingested");
    crate::health::check(&world.centre).await.expect("looks");
    send(&world, &boss, "/admin/people", &[("name", "林晓"), ("unit", TOWN), ("role", "worker")]).await;
    let device = format!("/admin/devices/{}", world.wang.device);
    send(&world, &boss, &device, &[("what", "wipe"), ("reason", "换新机")]).await;
    let person = format!("/admin/people/{}", world.wang.person.worker);
    let fixed =
        ["people", "devices", "units?q=镇", "packs", "refused", "journal", "health", "backups", "hooks"];
    let pages = fixed.iter().map(|page| format!("/admin/{page}")).chain([device, person]);
    for page in pages {
        for lang in ["zh-CN", "en"] {
            let asked = format!("{page}{}lang={lang}", if page.contains('?') { '&' } else { '?' });
            let asked = asked.replace('镇', "%E9%95%87");
            let shown = open(&world, &boss, &asked).await;
            assert_eq!(shown.status, StatusCode::OK, "{asked}");
            assert!(!shown.text.contains('⟦'), "{asked}: {}", shown.text);
            assert!(shown.text.contains(&format!("<html lang=\"{lang}\">")));
            assert_eq!(shown.text.matches("<h1").count(), 1, "{asked}");
        }
    }
}

/// A count that anybody may read, less what anybody can count for themselves, would say how many complaints there are.
#[tokio::test]
async fn what_lies_in_a_compartment_is_looked_at_and_counted_for_nobody() {
    let world = World::new().await;
    world.case(&[("title", "村道塌方"), ("category", "roads"), ("place", TOWN)]).await;
    let looked = async || crate::health::check(&world.centre).await.expect("looks");
    let (before, look) = looked().await;
    world.case(&[("title", "村干部收钱"), ("category", "conduct"), ("place", TOWN)]).await;
    let (after, look_after) = looked().await;
    for id in [1, 2, 3, 4, 5, 6, 7, 9, 10] {
        let checked = |report: &crate::verify::Report| report.invariants[id - 1].checked;
        assert_eq!(checked(&after), checked(&before), "invariant {id}");
    }
    let all = crate::verify::report(&world.centre).await.expect("reads");
    assert_eq!(
        all.invariants[5].checked,
        after.invariants[5].checked + 1,
        "whoever runs the machine sees all"
    );
    let rows = |look: &crate::health::Look| look.invariants[5];
    assert_eq!(rows(&look), rows(&look_after));
}
