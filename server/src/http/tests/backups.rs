//! Backups at the desk: who sees them, who asks for one, and what is said of each.

use axum::http::{StatusCode, header};
use doorstep_protocol::documents::Role;

use super::desk::{open, send};
use super::world::{World, somebody};
use crate::backups::{self, Asked, Taken, Why};
use crate::limits;

const PAGE: &str = "/admin/backups";

fn made(at: i64) -> Taken {
    Taken {
        at,
        by: None,
        file: "/srv/copies/one.sqlite".into(),
        bytes: 4_200_000,
        files: 12,
        missing: 0,
        verified: true,
        took_ms: 61_000,
        failed: None,
    }
}

#[tokio::test]
async fn an_administrator_asks_for_one_and_only_for_one_at_a_time() {
    let world = World::new().await;
    let boss = somebody(&world.centre, "吴敬", "511902", Role::Admin).await;
    let store = world.centre.store();
    assert_eq!(open(&world, &world.chen, PAGE).await.status, StatusCode::NOT_FOUND);
    let looked = open(&world, &world.li, PAGE).await;
    assert!(looked.text.contains("还没有核对无误的备份") && !looked.text.contains("现在备份"));
    assert_eq!(send(&world, &world.li, PAGE, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(backups::asked(&**store).await.expect("reads"), None, "a reviewer asks for nothing");

    let done = send(&world, &boss, PAGE, &[]).await;
    assert_eq!(done.header(header::LOCATION), PAGE, "{}", done.text);
    let asked = backups::asked(&**store).await.expect("reads").expect("asked");
    assert_eq!(asked, Asked { at: world.now(), by: boss.person.worker, begun: None });
    let again = send(&world, &boss, PAGE, &[]).await;
    assert!(again.status == StatusCode::CONFLICT && again.text.contains("已有一份正在做"));
    assert!(open(&world, &boss, "/admin/journal").await.text.contains("要求备份"));

    backups::record(&**store, Taken { by: Some(asked.by), ..made(world.now()) }).await.expect("kept");
    let page = open(&world, &boss, PAGE).await;
    assert!(page.text.contains("核对无误") && page.text.contains("4.2 MB") && page.text.contains("吴敬"));
    assert!(page.text.contains("现在备份"), "the wish is fulfilled: another may be asked for");
}

#[tokio::test]
async fn what_cannot_be_relied_on_does_not_count_and_age_shows() {
    let world = World::new().await;
    let store = world.centre.store();
    backups::record(&**store, made(world.now() - limits::BACKUP_OLD_MS - 1)).await.expect("kept");
    let asked = Asked { at: world.now(), by: world.li.person.worker, begun: Some(world.now()) };
    for bad in [
        Taken { verified: false, ..made(world.now()) },
        Taken { missing: 2, ..made(world.now()) },
        Taken::failed(&asked, Why::Interrupted),
    ] {
        backups::record(&**store, bad).await.expect("kept");
    }
    let page = open(&world, &world.li, PAGE).await;
    for said in ["有不变量不成立", "缺2个附件", "服务中途停止", "2天之前", "太久了"] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
}
