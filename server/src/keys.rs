//! The server's secret and what is derived from it: nonces, bearer tokens, cursors.
//!
//! The secret lives in a file of its own beside the database, never in it.

mod forms;

use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use doorstep_protocol::documents::Facts;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, Receipt, WorkerId};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::clock::{Source, random};
use crate::finding::Tag;
use crate::limits;
use crate::store::Place;

/// Keys derived from the server's secret.
#[derive(Clone)]
pub struct Keys {
    /// Keyed once: of the work for a short text that is the better half.
    secret: Hmac<Sha256>,
    cursor: XChaCha20Poly1305,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// Where a device's feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The store's epoch.
    pub epoch: u32,
    /// The feed's sequence.
    pub seq: u64,
    /// The feed's rolling hash there.
    pub chain: [u8; 8],
    /// For what its person might see as a whole ([`scope`](crate::authorize::scope)) the feed was told up to here; 0: not known.
    pub scope: u32,
    /// In a walk through everything that there is, which tells all as of that sequence or later: how far it has come.
    pub place: Option<Place>,
    /// The walk is no first sync: what is held counts as told, and only what may be seen now, or no longer, is told.
    pub again: bool,
}

/// Bytes of a cursor of a build that knew no scope, without a place.
const WITHOUT_SCOPE: usize = 20;
/// Bytes of a place.
const PLACE: usize = 25;

impl Keys {
    /// Keys of a secret.
    pub fn new(secret: [u8; 32]) -> Self {
        let secret = Hmac::<Sha256>::new_from_slice(&secret).expect("any length is a key");
        let derived = tag(&secret, b"cursor", &[]);
        Keys { secret, cursor: XChaCha20Poly1305::new(&derived.into()) }
    }

    /// Reads the secret of a data folder, making it where there is none.
    pub fn open(folder: &Path, source: &dyn Source) -> std::io::Result<Self> {
        let path = folder.join("secret.key");
        if !path.exists() {
            write_private(&path, HEXLOWER.encode(&random::<32>(source)).as_bytes())?;
        }
        let text = std::fs::read_to_string(&path)?;
        let bytes = HEXLOWER.decode(text.trim().as_bytes()).unwrap_or_default();
        let invalid =
            || std::io::Error::new(std::io::ErrorKind::InvalidData, "secret.key is not 64 hex digits");
        Ok(Keys::new(bytes.try_into().map_err(|_| invalid())?))
    }

    /// A nonce that shows its age by itself; nothing is stored.
    pub fn nonce(&self, now: Millis, source: &dyn Source) -> String {
        let mut bytes = now.to_be_bytes().to_vec();
        bytes.extend(random::<8>(source));
        bytes.extend(&tag(&self.secret, b"nonce", &bytes)[..16]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Whether this server gave the nonce, and not too long ago.
    pub fn nonce_holds(&self, nonce: &str, now: Millis) -> bool {
        self.stamped(b"nonce", nonce).is_some_and(|(made, _)| {
            made <= now + limits::NONCE_LIFE_MS && now - made <= limits::NONCE_LIFE_MS
        })
    }

    /// A bearer token for a person.
    pub fn token(&self, worker: WorkerId, expires: Millis) -> String {
        let mut bytes = expires.to_be_bytes().to_vec();
        bytes.extend(u64::from(worker.0).to_be_bytes());
        bytes.extend(&tag(&self.secret, b"token", &bytes)[..16]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Whose token it is, if it is one and has not expired.
    pub fn token_worker(&self, token: &str, now: Millis) -> Option<WorkerId> {
        let (expires, payload) = self.stamped(b"token", token)?;
        (now < expires).then(|| u32::try_from(payload).ok()).flatten().map(WorkerId)
    }

    /// The key by which a personal value is found, whole: nobody who has the database alone can try values on it.
    pub fn find_key(&self, district: &str, value: &str) -> Tag {
        let entry = [district.as_bytes(), b"\0", value.as_bytes()].concat();
        Tag::cut(&tag(&self.secret, b"find", &entry))
    }

    fn stamped(&self, purpose: &[u8], text: &str) -> Option<(Millis, u64)> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() == 32)?;
        let (payload, seal) = bytes.split_at(16);
        let mut mac = self.secret.clone();
        mac.update(purpose);
        mac.update(payload);
        mac.verify_truncated_left(seal).ok()?;
        let (time, rest) = payload.split_at(8);
        let number = |part: &[u8]| u64::from_be_bytes(part.try_into().expect("eight bytes"));
        Some((number(time) as i64, number(rest)))
    }

    /// Proof that a change of a document was accepted with these facts.
    pub fn receipt(&self, document: DocumentId, hash: Hash, facts: &Facts) -> Receipt {
        let mut entry = document.0.as_bytes().to_vec();
        entry.extend(hash.0);
        entry.extend(facts.worker.0.to_be_bytes());
        entry.extend(facts.device.0);
        entry.extend(facts.made.to_be_bytes());
        entry.extend(facts.received.to_be_bytes());
        let tag = tag(&self.secret, b"receipt", &entry);
        Receipt(tag[..16].try_into().expect("a tag has more than sixteen bytes"))
    }

    /// A decision as devices get it: its JSON with the time and a proof as its first members, so that a device
    /// that keeps the bytes can give the decision back to a centre that has lost it.
    pub fn seal_decision(&self, document: DocumentId, given: Millis, json: &[u8]) -> Vec<u8> {
        let receipt = HEXLOWER.encode(&self.decision_tag(document, given, json));
        let mut sealed = format!("{{\"given\":{given},\"receipt\":\"{receipt}\",").into_bytes();
        sealed.extend(json.get(1..).unwrap_or_default());
        sealed
    }

    /// The decision's JSON as this centre wrote it, if the proof holds for this document.
    pub fn open_decision(&self, document: DocumentId, sealed: &[u8]) -> Option<Vec<u8>> {
        let rest = sealed.strip_prefix(b"{\"given\":")?;
        let digits = rest.iter().position(|byte| *byte == b',')?;
        let given: Millis = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let rest = rest[digits..].strip_prefix(b",\"receipt\":\"")?;
        let (receipt, rest) = rest.split_at_checked(32)?;
        let json = [b"{", rest.strip_prefix(b"\",")?].concat();
        let right = self.decision_tag(document, given, &json);
        same(&HEXLOWER.decode(receipt).ok()?, &right).then_some(json)
    }

    fn decision_tag(&self, document: DocumentId, given: Millis, json: &[u8]) -> [u8; 16] {
        let entry = [&document.0.as_bytes()[..], &given.to_be_bytes(), json].concat();
        let tag = tag(&self.secret, b"decision", &entry);
        tag[..16].try_into().expect("a tag has more than sixteen bytes")
    }

    /// An actor prefix for a copy of a device's store. It shows by itself that this centre gave it to the
    /// device: one that a backup does not know yet is still known to be the device's own.
    pub fn prefix(&self, device: DeviceId, source: &dyn Source) -> DeviceId {
        self.prefix_of(device, random::<4>(source))
    }

    /// Whether this centre gave the prefix to the device.
    pub fn prefix_holds(&self, device: DeviceId, prefix: DeviceId) -> bool {
        let random = [prefix.0[0], prefix.0[1], prefix.0[2], prefix.0[3]];
        same(&self.prefix_of(device, random).0, &prefix.0)
    }

    fn prefix_of(&self, device: DeviceId, random: [u8; 4]) -> DeviceId {
        let tag = tag(&self.secret, b"prefix", &[&device.0[..], &random].concat());
        let mut prefix = [0; 8];
        prefix[..4].copy_from_slice(&random);
        prefix[4..].copy_from_slice(&tag[..4]);
        DeviceId(prefix)
    }

    /// Proof that this centre enrolled a device with this key for this worker: with it, a device that a
    /// restored centre has forgotten gets its id back, once somebody gives it a new code.
    pub fn enrolment(&self, device: DeviceId, worker: WorkerId, key: &[u8; 32]) -> String {
        let entry = [&device.0[..], &worker.0.to_be_bytes(), key].concat();
        HEXLOWER.encode(&tag(&self.secret, b"enrolment", &entry)[..16])
    }

    /// Whether that proof holds.
    pub fn enrolment_holds(
        &self,
        (device, worker): (DeviceId, WorkerId),
        key: &[u8; 32],
        proof: &str,
    ) -> bool {
        same(self.enrolment(device, worker, key).as_bytes(), proof.as_bytes())
    }

    /// An opaque cursor of one district's feed: on another it does not open, so that nobody can pass
    /// off a foreign history as a lost one.
    pub fn seal(&self, cursor: Cursor, district: &str, source: &dyn Source) -> Vec<u8> {
        let nonce = random::<24>(source);
        let mut plain = cursor.epoch.to_be_bytes().to_vec();
        plain.extend(cursor.seq.to_be_bytes());
        plain.extend(cursor.chain);
        plain.extend(cursor.scope.to_be_bytes());
        if let Some(place) = cursor.place {
            plain.push(u8::from(place.later) | u8::from(cursor.again) << 1);
            plain.extend(place.due.to_be_bytes());
            plain.extend(place.document.0.as_bytes());
        }
        let sealed = self
            .cursor
            .encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: district.as_bytes() })
            .expect("a short text can be sealed");
        [&nonce[..], &sealed].concat()
    }

    /// Reads a cursor of this server and this district.
    pub fn unseal(&self, bytes: &[u8], district: &str) -> Option<Cursor> {
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let nonce: [u8; 24] = nonce.try_into().ok()?;
        let plain = self
            .cursor
            .decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: district.as_bytes() })
            .ok()?;
        let (epoch, rest) = plain.split_at_checked(4)?;
        let (seq, rest) = rest.split_at_checked(8)?;
        let (chain, rest) = rest.split_at_checked(8)?;
        let (scope, place) = if [WITHOUT_SCOPE, WITHOUT_SCOPE + PLACE].contains(&plain.len()) {
            (0, rest)
        } else {
            let (scope, rest) = rest.split_at_checked(4)?;
            (u32::from_be_bytes(scope.try_into().ok()?), rest)
        };
        let (place, again) = if place.is_empty() { (None, false) } else { read_place(place)? };
        Some(Cursor {
            epoch: u32::from_be_bytes(epoch.try_into().ok()?),
            seq: u64::from_be_bytes(seq.try_into().ok()?),
            chain: chain.try_into().ok()?,
            scope,
            place,
            again,
        })
    }
}

fn read_place(bytes: &[u8]) -> Option<(Option<Place>, bool)> {
    let (flags, rest) = bytes.split_first()?;
    let (due, document) = rest.split_at_checked(8)?;
    let document = DocumentId(uuid::Uuid::from_slice(document).ok()?);
    let place = Place { later: flags & 1 != 0, due: i64::from_be_bytes(due.try_into().ok()?), document };
    Some((Some(place), flags & 2 != 0))
}

/// Compares without an early end: how long it takes says nothing of where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn tag(secret: &Hmac<Sha256>, purpose: &[u8], payload: &[u8]) -> [u8; 32] {
    let mut mac = secret.clone();
    mac.update(purpose);
    mac.update(payload);
    mac.finalize().into_bytes().into()
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::SystemSource;

    #[test]
    fn a_cursor_opens_on_its_own_feed_only() {
        let keys = Keys::new([1; 32]);
        let cursor = Cursor { epoch: 3, seq: 70, chain: [5; 8], scope: 9, place: None, again: false };
        let sealed = keys.seal(cursor, "511902", &SystemSource);
        assert_eq!(keys.unseal(&sealed, "511902"), Some(cursor));
        assert_eq!(keys.unseal(&sealed, "150703"), None, "another district's feed");
        assert_eq!(Keys::new([2; 32]).unseal(&sealed, "511902"), None, "another server");
        assert_eq!(keys.unseal(&sealed[1..], "511902"), None);
        assert_eq!(keys.unseal(b"", "511902"), None);
        let document = DocumentId(uuid::Uuid::from_bytes([8; 16]));
        let place = Place { later: true, due: Millis::MAX, document };
        for again in [false, true] {
            let midway = Cursor { place: Some(place), again, ..cursor };
            assert_eq!(keys.unseal(&keys.seal(midway, "511902", &SystemSource), "511902"), Some(midway));
        }
    }

    #[test]
    fn a_cursor_of_a_build_that_knew_no_scope_is_read() {
        let keys = Keys::new([1; 32]);
        let document = DocumentId(uuid::Uuid::from_bytes([8; 16]));
        let place = Place { later: true, due: 7, document };
        let head = [&3u32.to_be_bytes()[..], &70u64.to_be_bytes(), &[5; 8]].concat();
        let midway = [&head[..], &[1], &7i64.to_be_bytes(), document.0.as_bytes()].concat();
        for (plain, place) in [(head, None), (midway, Some(place))] {
            let payload = Payload { msg: &plain, aad: b"511902" };
            let sealed = keys.cursor.encrypt(&XNonce::from([4; 24]), payload).expect("sealed");
            let cursor = Cursor { epoch: 3, seq: 70, chain: [5; 8], scope: 0, place, again: false };
            assert_eq!(keys.unseal(&[&[4; 24][..], &sealed].concat(), "511902"), Some(cursor));
        }
    }

    #[test]
    fn a_decision_is_proven_byte_for_byte() {
        let keys = Keys::new([1; 32]);
        let case = DocumentId::v7(1, [2; 10]);
        let sealed = keys.seal_decision(case, 70, br#"{"n":1,"unit":"a"}"#);
        let read: serde_json::Value = serde_json::from_slice(&sealed).expect("still JSON");
        assert_eq!((read["given"].as_i64(), read["n"].as_i64()), (Some(70), Some(1)));
        assert_eq!(keys.open_decision(case, &sealed).as_deref(), Some(&br#"{"n":1,"unit":"a"}"#[..]));
        assert_eq!(keys.open_decision(DocumentId::v7(1, [3; 10]), &sealed), None, "of another case");
        assert_eq!(Keys::new([2; 32]).open_decision(case, &sealed), None, "of another centre");
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert_eq!(keys.open_decision(case, &forged), None, "byte {at}");
            assert_eq!(keys.open_decision(case, &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_prefix_and_an_enrolment_show_whose_they_are() {
        let keys = Keys::new([1; 32]);
        let (device, other) = (DeviceId([5; 8]), DeviceId([6; 8]));
        let prefix = keys.prefix(device, &SystemSource);
        assert!(keys.prefix_holds(device, prefix) && !keys.prefix_holds(other, prefix));
        let proof = keys.enrolment(device, WorkerId(7), &[3; 32]);
        assert!(keys.enrolment_holds((device, WorkerId(7)), &[3; 32], &proof));
        for who in [(other, WorkerId(7)), (device, WorkerId(8))] {
            assert!(!keys.enrolment_holds(who, &[3; 32], &proof));
        }
        assert!(!keys.enrolment_holds((device, WorkerId(7)), &[4; 32], &proof));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// `PROPTEST_CASES` makes a long run. Whatever comes is no cursor, token, nonce or decision of this centre,
        /// unless it is one to the byte.
        #[test]
        fn nothing_opens_but_what_was_sealed(at: prop::sample::Index, byte: u8, cut: prop::sample::Index, junk: Vec<u8>) {
            let keys = Keys::new([1; 32]);
            let document = DocumentId(uuid::Uuid::from_bytes([8; 16]));
            let place = Some(Place { later: false, due: 7, document });
            let cursor = Cursor { epoch: 3, seq: 70, chain: [5; 8], scope: 9, place, again: true };
            let sealed = keys.seal(cursor, "511902", &SystemSource);
            let mut altered = sealed.clone();
            altered[at.index(sealed.len())] ^= byte;
            let cut = &altered[..cut.index(sealed.len())];
            for (bytes, whole) in [(&altered[..], altered == sealed), (cut, false), (&junk[..], false)] {
                prop_assert_eq!(keys.unseal(bytes, "511902"), whole.then_some(cursor));
                prop_assert_eq!(keys.open_decision(document, bytes), None);
                let text = String::from_utf8_lossy(bytes);
                let coded = BASE64URL_NOPAD.encode(bytes);
                for text in [&*text, &coded] {
                    prop_assert_eq!(keys.token_worker(text, 0), None);
                    prop_assert!(!keys.nonce_holds(text, 0));
                }
            }
            let token = keys.token(WorkerId(7), 5_000);
            let mut forged = token.clone().into_bytes();
            forged[at.index(token.len())] = byte;
            let forged = String::from_utf8_lossy(&forged).into_owned();
            prop_assert_eq!(keys.token_worker(&forged, 0), (forged == token).then_some(WorkerId(7)));
        }
    }

    #[test]
    fn nonces_and_tokens_end() {
        let keys = Keys::new([1; 32]);
        let nonce = keys.nonce(1_000, &SystemSource);
        assert!(keys.nonce_holds(&nonce, 1_000 + limits::NONCE_LIFE_MS));
        assert!(!keys.nonce_holds(&nonce, 1_001 + limits::NONCE_LIFE_MS));
        assert!(!Keys::new([2; 32]).nonce_holds(&nonce, 1_000));
        let token = keys.token(WorkerId(7), 5_000);
        assert_eq!(keys.token_worker(&token, 4_999), Some(WorkerId(7)));
        assert_eq!(keys.token_worker(&token, 5_000), None);
        assert_eq!(keys.token_worker(&nonce, 1_000), None, "one is not the other");
    }
}
