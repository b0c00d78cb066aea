//! Files on a device: kept with the edit that names them, sent after the text, drained before a purge.

use doorstep_protocol::documents::{Attachment, Media};
use doorstep_protocol::wire::Entry;
use doorstep_protocol::{DocumentId, Hash};

use super::device::{Device, device, page, put};
use crate::replica::EditFailure;
use crate::store::{BlobRow, Store as _, immediate};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a pond that leaks";

impl Device {
    fn attach(&mut self, id: DocumentId, bytes: &[u8]) -> Hash {
        let attached = immediate(self.replica.attach(id, ("塘.jpg", bytes.to_vec()), "before"));
        attached.expect("a picture can be attached").1.hash
    }

    fn next_file(&self) -> Option<BlobRow> {
        immediate(self.replica.next_file(None)).expect("reads")
    }

    fn settle(&mut self, refused: Option<&str>) -> bool {
        let next = self.next_file().expect("a file to send");
        immediate(self.replica.settle_file(&next, refused.map(str::to_owned))).expect("the store works")
    }

    fn state(&self, id: DocumentId) -> &'static str {
        immediate(self.replica.attached(id)).expect("shown")[0].state
    }
}

#[test]
fn a_file_is_kept_with_the_edit_that_names_it() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    let hash = wang.attach(id, PHOTO);
    let named = Attachment::all(&wang.show(id).fields);
    assert_eq!((named.len(), named[0].hash, named[0].media), (1, hash, Media::Jpeg));
    assert_eq!((named[0].name.as_str(), named[0].purpose.as_str()), ("塘.jpg", "before"));
    assert_eq!(immediate(wang.replica.file(id, hash)).expect("reads").as_deref(), Some(PHOTO));
    let waiting = immediate(wang.replica.status()).expect("reads").attachments;
    assert_eq!((waiting.pending, waiting.bytes), (1, PHOTO.len() as u64));
    assert_eq!(wang.state(id), "device");
}

#[test]
fn what_cannot_be_kept_changes_nothing() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    let before = wang.show(id);
    let attach = |wang: &mut Device, bytes: Vec<u8>, purpose: &str| {
        immediate(wang.replica.attach(id, ("x", bytes), purpose)).expect_err("refused")
    };
    assert!(matches!(attach(&mut wang, b"<html>".to_vec(), "photo"), EditFailure::Media));
    assert!(matches!(attach(&mut wang, PHOTO.to_vec(), "Photo!"), EditFailure::Purpose));
    let mut large = PHOTO.to_vec();
    large.resize(Media::Jpeg.most() as usize + 1, 0);
    assert!(matches!(attach(&mut wang, large, "photo"), EditFailure::FileTooLarge { .. }));
    assert_eq!(wang.show(id), before);
    assert!(immediate(wang.store.blobs()).expect("reads").is_empty());
    wang.store.fail_after(1);
    assert!(matches!(attach(&mut wang, PHOTO.to_vec(), "photo"), EditFailure::Store(_)));
    wang.store.revive();
    assert_eq!(wang.show(id), before, "neither the edit nor the file without the other");
    assert!(immediate(wang.store.blobs()).expect("reads").is_empty());
}

#[test]
fn text_goes_first() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    wang.attach(id, PHOTO);
    assert_eq!(wang.next_file(), None, "the centre does not know yet what it would be");
    let start = wang.start();
    wang.accept(&start);
    assert!(wang.next_file().is_some());
    wang.edit(id, put("title", "塘埂漏水"));
    assert_eq!(wang.next_file(), None, "an edit that came meanwhile overtakes it");
    let start = wang.start();
    wang.accept(&start);
    assert!(!wang.settle(None), "nothing is purged");
    assert_eq!((wang.next_file(), wang.state(id)), (None, "centre"));
}

#[test]
fn a_revoked_case_waits_for_its_files() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    wang.attach(id, PHOTO);
    let start = wang.start();
    wang.accept(&start);
    wang.start();
    let purged = wang.persist(&page(b"2", vec![Entry::Revoke { document: id }]));
    assert!(purged.is_empty(), "its file has not arrived");
    assert!(immediate(wang.store.load(id)).expect("loads").expect("is there").row.revoked);
    assert!(wang.settle(None), "with its last file it goes");
    assert!(immediate(wang.store.load(id)).expect("loads").is_none());
    assert!(immediate(wang.store.blobs()).expect("reads").is_empty());
    assert_eq!(wang.start().purged, [id], "and the centre is told");
}

#[test]
fn a_file_that_the_centre_would_not_have_is_shown_and_holds_nothing_up() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    wang.attach(id, PHOTO);
    let start = wang.start();
    wang.accept(&start);
    wang.settle(Some("blob.type"));
    let waiting = immediate(wang.replica.status()).expect("reads").attachments;
    assert_eq!((waiting.pending, waiting.refused), (0, 1));
    assert_eq!(wang.state(id), "refused");
    wang.start();
    let purged = wang.persist(&page(b"2", vec![Entry::Revoke { document: id }]));
    assert_eq!(purged, [id]);
}

#[test]
fn a_restored_centre_is_asked_again() {
    let mut wang = device(1);
    let id = wang.new_case(put("title", "山坪塘漏水"));
    wang.attach(id, PHOTO);
    let start = wang.start();
    wang.accept(&start);
    wang.settle(None);
    assert_eq!(wang.next_file(), None);
    wang.start();
    wang.persist(&doorstep_protocol::machines::device::Persist::Welcome {
        epoch: 9,
        scope: 1,
        offset: 0,
        prefix: None,
    });
    assert!(wang.next_file().is_some(), "of another epoch nothing is known");
}
