//! What forms carry: a key of whoever reads them; and what somebody had typed when their session ended, sealed
//! for them, for whoever signs in on that page may be somebody else.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;

use super::{Keys, tag};
use crate::limits;

/// Bytes of a nonce.
const NONCE: usize = 24;

impl Keys {
    /// A value that a form must give back; bound to whoever it is shown to, and to the week. Not to their session: whoever signs
    /// in anew in another window goes on with what they had begun to write in this one.
    pub fn form_key(&self, worker: WorkerId, now: Millis) -> String {
        let week = now.div_euclid(limits::FORM_LIFE_MS);
        let of = [&worker.0.to_be_bytes()[..], &week.to_be_bytes()].concat();
        format!("{worker}-{}", HEXLOWER.encode(&tag(&self.secret, b"form", &of)[..16]))
    }

    /// To whom a form was shown that gives this back; nobody where it is no key of this server, or too old.
    pub fn form_reader(&self, given: &str, now: Millis) -> Option<WorkerId> {
        let worker: WorkerId = given.split_once('-')?.0.parse().ok()?;
        let of = |now| {
            let key = self.form_key(worker, now);
            let differ = key.len() ^ given.len();
            key.bytes().zip(given.bytes()).fold(differ, |all, (a, b)| all | usize::from(a ^ b)) == 0
        };
        (of(now) | of(now - limits::FORM_LIFE_MS)).then_some(worker)
    }

    /// What a person had typed into the form of an address, so that nobody else reads it and it goes nowhere else.
    pub fn keep(&self, of: (WorkerId, &str), plain: &[u8], nonce: [u8; NONCE]) -> String {
        let aad = bound(of);
        let sealed = self.cursor.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad });
        BASE64URL_NOPAD.encode(&[&nonce[..], &sealed.unwrap_or_default()].concat())
    }

    /// The same again, for that person; nothing for anybody else.
    pub fn kept(&self, of: (WorkerId, &str), sealed: &str) -> Option<Vec<u8>> {
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let aad = bound(of);
        self.cursor.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad }).ok()
    }
}

fn bound((worker, to): (WorkerId, &str)) -> Vec<u8> {
    [&b"kept"[..], &worker.0.to_be_bytes(), to.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_to_whom_it_was_shown_for_two_weeks_at_most() {
        let (keys, now) = (Keys::new([7; 32]), 1_795_255_200_000);
        let key = keys.form_key(WorkerId(3), now);
        assert_eq!(keys.form_reader(&key, now), Some(WorkerId(3)));
        assert_eq!(keys.form_reader(&key, now + limits::FORM_LIFE_MS), Some(WorkerId(3)));
        assert_eq!(keys.form_reader(&key, now + 2 * limits::FORM_LIFE_MS), None);
        assert_eq!(keys.form_reader(&key.replacen("w3", "w4", 1), now), None, "another's number before it");
        assert_eq!(Keys::new([8; 32]).form_reader(&key, now), None, "of another server");
        for given in ["", "w3", "w3-", "-", &key[..key.len() - 1]] {
            assert_eq!(keys.form_reader(given, now), None, "{given}");
        }
    }

    #[test]
    fn what_was_typed_opens_for_whoever_typed_it_and_for_nobody_else() {
        let keys = Keys::new([7; 32]);
        let (mine, theirs) = ((WorkerId(3), "/leave"), (WorkerId(4), "/leave"));
        let kept = keys.keep(mine, "张三收钱".as_bytes(), [1; NONCE]);
        assert_eq!(keys.kept(mine, &kept).as_deref(), Some("张三收钱".as_bytes()));
        assert_eq!(keys.kept(theirs, &kept), None);
        assert_eq!(keys.kept((WorkerId(3), "/admin/people"), &kept), None, "another form");
        assert_eq!(Keys::new([8; 32]).kept(mine, &kept), None, "of another server");
        assert_eq!(keys.kept(mine, &kept[..kept.len() - 2]), None);
        assert_eq!(keys.kept(mine, ""), None);
    }
}
