//! Throwaway: pages for looking at.
use super::desk::open;
use super::world::*;
#[tokio::test]
async fn shots() {
    let mut world = World::new().await;
    let c = |t: &'static str, cat: &'static str, pl: &'static str, u: &'static str| vec![("title", t), ("category", cat), ("place", pl), ("urgency", u), ("severity", "medium")];
    let (_, _) = world.case(&c("化湖社区三幢楼梯扶手松动", "housing", "511902105238", "normal")).await;
    world.wait(3_600_000);
    world.case(&c("通村公路路基塌陷，雨后无法通行", "roads", TOWN, "soon")).await;
    world.wait(600_000);
    world.centre.tick().await.expect("t");
    world.wait(20 * 24 * 3_600_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    world.case(&c("市场街公厕长期关闭，老人如厕不便", "facilities", TOWN, "normal")).await;
    world.wait(86_400_000 * 12);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    world.li.token = world.centre.keys().token(world.li.person.worker, world.now() + 1_000_000_000);
    world.wait(1000);
    let (urgent, first) = world.case(&[("title", "春灌在即，两口山坪塘漏水，秧田无水可灌"), ("category", "water"), ("urgency", "urgent"), ("subject", "511902-water"),("channel","visit"), ("person.name", "何桂英"), ("person.id_number", ID_NUMBER), ("contact_phone", "13800138000")]).await;
    world.wait(60_000);
    let a = world.write(&world.wang, urgent, &[first], &[("place", TOWN)]).await;
    world.wait(8 * 60 * 60_000);
    world.write(&world.chen, urgent, &[first], &[("place", OTHER_TOWN), ("visit_time", "傍晚")]).await;
    let _ = a;
    world.wait(60_000);
    world.centre.tick().await.expect("t");
    let (calm, first) = world.case(&[("title", "养老金停发三个月"), ("category", "social_security"), ("place", TOWN), ("contact_phone", "13800138000")]).await;
    world.write(&world.wang, calm, &[first], &[("person.id_number", ID_NUMBER)]).await;
    world.write(&world.chen, calm, &[first], &[("person.id_number", "511902199001011243"), ("outcome", "已补发")]).await;
    world.wait(60_000);
    let (out, _) = world.case(&c("院坝路灯不亮", "facilities", TOWN, "normal")).await;
    let checkout = doorstep_protocol::wire::Checkout { id: [1; 16], documents: vec![out], until: world.now() + 3_600_000 };
    let row = world.device_row(&world.wang);
    let hello = doorstep_protocol::wire::Hello { checkouts: vec![checkout], counter: 2, now: world.now(), ..hello() };
    world.centre.open(&row, world.wang.person.clone(), &hello).await.expect("opened");
    world.wait(2 * 3_600_000 / 10);
    world.centre.tick().await.expect("t");
    let case = world.centre.list(&world.li.person, crate::store::Query { limit: 50, ..Default::default() }).await.expect("l");
    let old = case.last().expect("x").document;
    let pages = [("queue", "/".to_string()), ("conflict", format!("/conflicts/{urgent}.place")), ("idnum", format!("/conflicts/{calm}.person.id_number")), ("case", format!("/cases/{urgent}")), ("out", format!("/cases/{out}")), ("old", format!("/cases/{old}")), ("none", "/cases/x".into()), ("signin", "/sign-in?expired=1".into())];
    let _ = std::fs::create_dir_all("/tmp/pages");
    for (name, path) in pages {
        for lang in ["zh-CN", "en"] {
            let p = open(&world, &world.li, &format!("{path}{}lang={lang}", if path.contains('?') { '&' } else { '?' })).await;
            std::fs::write(format!("/tmp/pages/{name}.{lang}.html"), &p.text).expect("w");
        }
    }
    let empty = World::new().await;
    std::fs::write("/tmp/pages/empty.en.html", open(&empty, &empty.li, "/?lang=en").await.text).expect("w");
    std::fs::write("/tmp/pages/empty.zh-CN.html", open(&empty, &empty.li, "/").await.text).expect("w");
}
