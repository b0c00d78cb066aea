//! The upload protocol, request by request, as tus 1.0.0 has it: what a client of one's own meets.

use doorstep_tests::play::process::poll;
use serde_json::json;

use super::picture::{Raw, picture, sha256};
use super::world::{PATIENCE, Phone, World, desk_until};

/// A case that names a file which the device does not send itself. Returns case and hash.
fn named(phone: &Phone, bytes: &[u8], media: &str) -> (String, String) {
    let (id, hash) = (phone.case(&["title=塘", "category=water", "place=511902105"]), sha256(bytes));
    let item = json!({"hash": hash, "size": bytes.len(), "type": media, "name": "塘.png",
                      "purpose": "photo", "made": "2026-11-21T10:00:00Z"});
    phone.good(&["edit", &id, "--append", &format!("attachments={item}")]);
    phone.sync();
    (id, hash)
}

#[test]
fn the_protocol_is_spoken_as_it_is_written() {
    let world = World::new("tus");
    let xiang = world.worker("向明");
    let photo = picture(90, 60, 1);
    let (id, hash) = named(&xiang, &photo, "image/png");
    let at = (id.as_str(), hash.as_str());
    let raw = Raw::of(&xiang, &world.server.url);
    let address = format!("/uploads/v1/{id}/{hash}");

    let can = raw.plain(("OPTIONS", "/uploads/v1"), &[], b"");
    assert_eq!((can.status, can.header("Tus-Version"), can.header("Tus-Resumable")), (204, "1.0.0", "1.0.0"));
    assert_eq!(can.header("Tus-Extension"), "creation,termination");
    assert!(can.header("Tus-Max-Size").parse::<u64>().is_ok_and(|most| most > 1_000_000));

    let old = raw.plain(("POST", "/uploads/v1"), &[("Upload-Length", "1")], b"");
    assert_eq!(old.status, 400, "no metadata");
    assert_eq!(raw.plain(("HEAD", &address), &[], b"").status, 412, "no version");
    assert_eq!(raw.offset(at), None, "not created yet");
    assert_eq!(raw.append(at, 0, &photo).status, 404, "nor appended to before it is");
    assert_eq!(raw.create(at, photo.len() - 1).status, 422, "another length than the case says");
    let created = raw.create(at, photo.len());
    assert_eq!((created.status, created.header("Location")), (201, address.as_str()));
    let head = raw.tus(("HEAD", &address), &[], b"");
    assert_eq!(
        (head.status, head.header("Upload-Offset"), head.header("Cache-Control")),
        (200, "0", "no-store")
    );
    assert_eq!(head.header("Upload-Length"), photo.len().to_string());

    let plain = [("Upload-Offset", "0"), ("Content-Type", "application/octet-stream")];
    assert_eq!(raw.tus(("PATCH", &address), &plain, &photo).status, 415);
    let part = raw.append(at, 0, &photo[..1_000]);
    assert_eq!((part.status, part.header("Upload-Offset")), (204, "1000"));
    let wrong = raw.append(at, 999, &photo[999..]);
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "upload.offset"));
    assert_eq!(
        raw.create(at, photo.len()).header("Upload-Offset"),
        "1000",
        "created again, it is where it was"
    );
    assert_eq!(raw.tus(("DELETE", &address), &[], b"").status, 204);
    assert_eq!(raw.offset(at), None, "ended");

    assert_eq!(raw.create(at, photo.len()).header("Upload-Offset"), "0");
    assert_eq!(raw.append(at, 0, &photo[..5_000]).status, 204);
    let whole = raw.append(at, 5_000, &photo[5_000..]);
    assert_eq!((whole.status, whole.header("Upload-Offset")), (204, photo.len().to_string().as_str()));
    assert_eq!(raw.offset(at), Some(photo.len()));
    assert_eq!(raw.tus(("DELETE", &address), &[], b"").status, 409, "what has arrived stays");
    let case = world.desk().case(&id).expect("answers").expect("seen");
    assert_eq!(case["attachments"][0]["state"], "arrived");
    reads(&raw, at, &photo);
    world.verify();
}

/// The file as it was sent, in ranges, and in headers under which nothing of it runs.
fn reads(raw: &Raw, (id, hash): (&str, &str), photo: &[u8]) {
    let address = format!("/files/v1/{id}/{hash}");
    let got = raw.plain(("GET", &address), &[], b"");
    assert_eq!((got.status, got.body == photo), (200, true));
    assert_eq!((got.header("Content-Type"), got.header("X-Content-Type-Options")), ("image/png", "nosniff"));
    assert!(got.header("Content-Security-Policy").starts_with("sandbox; default-src 'none'"));
    assert!(got.header("Content-Disposition").starts_with("attachment; filename="));
    assert_eq!(got.header("Accept-Ranges"), "bytes");
    let part = raw.plain(("GET", &address), &[("Range", "bytes=100-199")], b"");
    assert_eq!((part.status, part.body == photo[100..200]), (206, true));
    assert_eq!(part.header("Content-Range"), format!("bytes 100-199/{}", photo.len()));
    let beyond = raw.plain(("GET", &address), &[("Range", "bytes=99999999-")], b"");
    assert_eq!(
        (beyond.status, beyond.header("Content-Range")),
        (416, format!("bytes */{}", photo.len()).as_str())
    );
    let small = raw.plain(("GET", &format!("{address}/thumbnail")), &[], b"");
    assert_eq!((small.status, small.header("Content-Type")), (200, "image/jpeg"));
    assert!(small.body.starts_with(b"\xff\xd8\xff"));
}

#[test]
fn an_upload_that_is_cut_anywhere_goes_on_where_it_was() {
    let world = World::new("cut");
    let xiang = world.worker("向明");
    let photo = picture(300, 200, 2);
    let (id, hash) = named(&xiang, &photo, "image/png");
    let at = (id.as_str(), hash.as_str());
    let raw = Raw::of(&xiang, &world.server.url);
    assert_eq!(raw.create(at, photo.len()).status, 201);
    let (mut offset, mut cuts) = (0, 0u32);
    while offset < photo.len() {
        let left = &photo[offset..];
        let sent = (1 + (left.len() / 3) * (cuts as usize % 3) + 977 * cuts as usize).min(left.len() / 2);
        if cuts < 9 && sent > 0 {
            raw.cut(at, offset, (left, sent));
            cuts += 1;
            // The server may hear of the end a moment later; until then somebody is writing. What an earlier
            // request had sent may even come in after this answer.
            let now = poll(PATIENCE, || raw.offset(at)).expect("it is told where to go on");
            assert!((offset..photo.len()).contains(&now), "{offset} {sent} {now}");
            offset = now;
        } else {
            let heard = raw.append(at, offset, left);
            assert!(matches!(heard.status, 204 | 409), "{heard:?}");
            offset = poll(PATIENCE, || raw.offset(at)).expect("it is told where to go on");
            assert!(heard.status == 409 || offset == photo.len(), "{heard:?}");
        }
    }
    assert_eq!(cuts, 9);
    assert!(raw.plain(("GET", &format!("/files/v1/{id}/{hash}")), &[], b"").body == photo);
}

#[test]
fn bytes_that_are_not_what_was_named_are_refused() {
    let world = World::new("wrong");
    let xiang = world.worker("向明");
    let photo = picture(40, 30, 3);
    let (id, hash) = named(&xiang, &photo, "image/png");
    let at = (id.as_str(), hash.as_str());
    let raw = Raw::of(&xiang, &world.server.url);
    let mut other = photo.clone();
    *other.last_mut().expect("not empty") ^= 1;
    assert_eq!(raw.create(at, photo.len()).status, 201);
    let refused = raw.append(at, 0, &other);
    assert_eq!((refused.status, refused.code().as_str()), (422, "file.hash"));
    assert_eq!(raw.offset(at), None, "they were dropped");
    assert_eq!(raw.create(at, photo.len()).status, 201, "and the right ones may come");
    let long = [photo.as_slice(), b"more"].concat();
    assert_eq!(raw.append(at, 0, &long).status, 413);

    // Named as a picture, and a page: with the right hash.
    let page = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    let (id, hash) = named(&xiang, &page, "image/png");
    let at = (id.as_str(), hash.as_str());
    assert_eq!(raw.create(at, page.len()).status, 201);
    let refused = raw.append(at, 0, &page);
    assert_eq!((refused.status, refused.code().as_str()), (415, "file.type"));
    assert_eq!(raw.plain(("GET", &format!("/files/v1/{id}/{hash}")), &[], b"").code(), "file.awaited");

    // Named with a kind or a size that is never kept: no attachment at all.
    let (id, hash) = named(&xiang, &page, "text/html");
    assert_eq!(raw.create((&id, &hash), page.len()).status, 404);
    let case = desk_until(&world.desk(), &id, |case| case["fields"]["attachments"].is_array());
    assert_eq!(case["attachments"], json!([]));
    world.verify();
}

#[test]
fn a_file_is_only_for_those_who_see_its_case() {
    let world = World::new("stranger-files");
    let xiang = world.worker("向明");
    let stranger = world.phone("赵强", ("511902104", "worker"));
    let photo = picture(40, 30, 4);
    let (id, hash) = named(&xiang, &photo, "image/png");
    let at = (id.as_str(), hash.as_str());
    let (mine, theirs) = (Raw::of(&xiang, &world.server.url), Raw::of(&stranger, &world.server.url));
    let absent = sha256(b"nothing");
    let nowhere = "01a0c450-6c00-7202-8202-020202020202";

    let forbidden = theirs.create(at, photo.len());
    let missing = theirs.create((nowhere, &absent), photo.len());
    assert_eq!((forbidden.status, forbidden.body == missing.body), (404, true), "they look alike");
    assert_eq!(mine.create((&id, &absent), 7).status, 404, "named by nothing");
    assert_eq!(Raw::nobody(&world.server.url).create(at, photo.len()).status, 401);

    assert_eq!(mine.create(at, photo.len()).status, 201);
    assert_eq!(theirs.offset(at), None);
    assert_eq!(theirs.append(at, 0, &photo).status, 404);
    assert_eq!(mine.append(at, 0, &photo).status, 204);
    let (file, none) = (format!("/files/v1/{id}/{hash}"), format!("/files/v1/{nowhere}/{absent}"));
    for path in [file.clone(), format!("{file}/thumbnail")] {
        let forbidden = theirs.plain(("GET", &path), &[], b"");
        assert_eq!(
            (forbidden.status, forbidden.body == theirs.plain(("GET", &none), &[], b"").body),
            (404, true)
        );
        assert_eq!(Raw::nobody(&world.server.url).plain(("GET", &path), &[], b"").status, 401);
        assert_eq!(mine.plain(("GET", &path), &[], b"").status, 200);
    }
    let revoked = world.server.beside(&["admin", "revoke", "--device", &xiang.id]).expect("runs");
    assert_eq!(revoked.exit, 0);
    assert_eq!(mine.plain(("GET", &file), &[], b"").status, 401, "a device that is shut out");
    assert_eq!(mine.create(at, photo.len()).status, 401);
}
