//! People and devices: one-time codes, enrolment, the device's token.
//!
//! A device makes its own Ed25519 key; the centre keeps the public half only.

use data_encoding::BASE64URL_NOPAD;
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, WorkerId, limits::WIRE_VERSION};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::clock::random;
use crate::finding::key_form;
use crate::limits;
use crate::pipeline::{Centre, epoch_of};
use crate::policies::Packs;
use crate::store::{Aside, DeviceRow, EnrolmentRow, Kept, Person, Store, StoreError};

/// A one-time code, to be shown once.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// What the worker types: 16 letters and digits without look-alikes, in groups of four.
    pub code: String,
    /// Whose device it will be.
    pub worker: WorkerId,
    /// Until when.
    pub expires: Millis,
}

/// A device that may connect.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The device.
    pub device: DeviceId,
    /// Its person.
    pub person: Person,
    /// The centre's proof of this enrolment; see [`enrol_again`].
    pub proof: String,
}

/// Who a device was, by its own account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// Its id.
    pub device: DeviceId,
    /// Its worker.
    pub worker: WorkerId,
    /// What it was given at enrolment.
    pub proof: String,
}

/// Why a device was not enrolled, or not let in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Wrong, used or expired: they look alike.
    #[error("this code is wrong, used or expired; ask for a new one")]
    Code,
    /// Not a public key.
    #[error("the public key is not 64 hex digits of an Ed25519 key")]
    Key,
    /// No such district or unit in the packs in force.
    #[error("{0} is in no policy pack of this centre")]
    Unit(String),
    /// Not signed by a device that this centre knows, or too old.
    #[error("the token is not valid or has expired; ask for a new nonce and sign again")]
    Token,
    /// The device is enrolled as it is, or the code is another worker's, or its proof does not hold.
    #[error("this device is enrolled already, or the code is for somebody else")]
    Already,
    /// The code is for somebody of another district than the device said; it stays unused.
    #[error("this code is for another district than {0}")]
    District(String),
    /// The device was shut out.
    #[error("this device was revoked; ask your office")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether somebody can be called this: one line of 1 to 64 characters, with something in it by which they are found, and
/// nothing that turns what stands beside it round.
pub fn is_name(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    // What breaks the line, and what is there and not seen.
    let hidden = |c: char| {
        matches!(
            c,
            '\u{AD}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{200B}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{3164}'
                | '\u{FFA0}'
        )
    };
    (1..=limits::MAX_NAME_CHARS).contains(&text.trim().chars().count())
        && !text.chars().any(|c| c.is_control() || turns(c) || hidden(c))
        && key_form(text).chars().any(char::is_alphabetic)
}

const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn code_hash(code: &str) -> [u8; 32] {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    Sha256::digest(plain.as_bytes()).into()
}

/// Makes a person where the district has nobody of that name, unit and role, and a one-time code.
pub async fn invite<S: Store>(
    store: &S,
    packs: &Packs,
    (district, unit, name, role): (&str, &str, &str, Role),
    (now, source): (Millis, &dyn crate::clock::Source),
) -> Result<Invitation, EnrolError> {
    let pack = packs.of(district, now).ok_or_else(|| EnrolError::Unit(format!("district {district}")))?;
    if pack.unit(unit, crate::pipeline::timestamp(now)).is_none() {
        return Err(EnrolError::Unit(format!("unit {unit}")));
    }
    let (name, district, unit) = (name.to_owned(), district.to_owned(), unit.to_owned());
    // A restored store does not know whose numbers it gave after the backup, and gives none of them again.
    let worker = WorkerId(epoch_of(store).await?);
    let worker = store.add_person(Person { worker, name, district, unit, role, ended: None }).await?;
    let letters: Vec<char> =
        random::<16>(source).iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let code = groups.join("-");
    let expires = now + limits::ENROLMENT_LIFE_MS;
    let row = EnrolmentRow { code: code_hash(&code), worker, expires, used: None };
    store.write(vec![Aside::Enrolment(row)]).await?;
    Ok(Invitation { code, worker, expires })
}

/// Uses a code, once: the device with this public key is the worker's. Where the device says for which district it takes
/// the code, that is the worker's.
pub async fn enrol<S: Store>(
    centre: &Centre<S>,
    (code, district): (&str, Option<&str>),
    key: [u8; 32],
) -> Result<Enrolled, EnrolError> {
    VerifyingKey::from_bytes(&key).map_err(|_| EnrolError::Key)?;
    let (store, now) = (centre.store(), centre.now());
    let hash = code_hash(code);
    let row = store.enrolment(hash).await?.filter(|row| row.used.is_none() && now < row.expires);
    let row = row.ok_or(EnrolError::Code)?;
    let person = centre.person(row.worker).await?.ok_or(EnrolError::Code)?;
    if let Some(other) = district.filter(|district| *district != person.district) {
        return Err(EnrolError::District(other.to_owned()));
    }
    let device = DeviceId(random::<8>(&**centre.source()));
    let device_row = DeviceRow {
        device,
        prefixes: Vec::new(),
        worker: person.worker,
        district: person.district.clone(),
        key,
        enrolled: now,
        seen: None,
        revoked: None,
    };
    if !store.enrol(hash, device_row).await? {
        return Err(EnrolError::Code);
    }
    let proof = centre.keys().enrolment(device, person.worker, &key);
    Ok(Enrolled { device, person, proof })
}

/// Lets a device back in that was enrolled after the backup from which this centre was restored: with its old
/// key, its old id and its old worker's number, so that all that it made still fits. Its proof shows that this
/// centre enrolled it; the new code shows that somebody stands for it today.
pub async fn enrol_again<S: Store>(
    centre: &Centre<S>,
    (code, district): (&str, Option<&str>),
    (key, former): ([u8; 32], Former),
) -> Result<Enrolled, EnrolError> {
    let (store, now) = (centre.store(), centre.now());
    let Former { device, worker, proof } = former;
    if !centre.keys().enrolment_holds((device, worker), &key, &proof) {
        return Err(EnrolError::Already);
    }
    match store.device(device).await? {
        Some(row) if row.revoked.is_some() => return Err(EnrolError::Revoked),
        Some(_) => return Err(EnrolError::Already),
        None => {}
    }
    let hash = code_hash(code);
    let row = store.enrolment(hash).await?.filter(|row| row.used.is_none() && now < row.expires);
    let row = row.ok_or(EnrolError::Code)?;
    let invited = centre.person(row.worker).await?.ok_or(EnrolError::Code)?;
    // What the device holds belongs to its district for ever.
    if let Some(other) = district.filter(|district| *district != invited.district) {
        return Err(EnrolError::District(other.to_owned()));
    }
    let person = match store.person(worker).await? {
        Some(known) if known.worker == invited.worker => known,
        Some(_) => return Err(EnrolError::Already),
        None => Person { worker, ..invited },
    };
    store.write(vec![Aside::Person(person.clone())]).await?;
    let district = person.district.clone();
    let device_row = DeviceRow {
        device,
        prefixes: Vec::new(),
        worker,
        district,
        key,
        enrolled: now,
        seen: None,
        revoked: None,
    };
    if !store.enrol(hash, device_row).await? {
        return Err(EnrolError::Code);
    }
    Ok(Enrolled { device, person, proof })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    device: DeviceId,
    nonce: String,
    version: u16,
}

/// Who connects, by the token that the device signed. See `doorstep-v1.cddl`.
pub async fn device_of_token<S: Store>(
    centre: &Centre<S>,
    token: &str,
) -> Result<(DeviceRow, Person), EnrolError> {
    let (payload, signature) = token.split_once('.').ok_or(EnrolError::Token)?;
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| EnrolError::Token);
    let claim: Claim = serde_json::from_slice(&decode(payload)?).map_err(|_| EnrolError::Token)?;
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| EnrolError::Token)?;
    if claim.version != WIRE_VERSION || !centre.keys().nonce_holds(&claim.nonce, centre.now()) {
        return Err(EnrolError::Token);
    }
    let device = centre.store().device(claim.device).await?.ok_or(EnrolError::Token)?;
    let key = VerifyingKey::from_bytes(&device.key).map_err(|_| EnrolError::Token)?;
    let signed = format!("doorstep.v1\n{payload}");
    key.verify_strict(signed.as_bytes(), &signature).map_err(|_| EnrolError::Token)?;
    if device.revoked.is_some() {
        return Err(EnrolError::Revoked);
    }
    let person = centre.person(device.worker).await?.ok_or(EnrolError::Revoked)?;
    Ok((device, person))
}

/// The person of a bearer token.
pub async fn person_of_bearer<S: Store>(centre: &Centre<S>, token: &str) -> Kept<Option<Person>> {
    match centre.keys().token_worker(token, centre.now()) {
        Some(worker) => centre.person(worker).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_is_seen_on_one_line_and_found() {
        for name in ["王敏", "阿布都·热合曼", "ᠪᠠᠲᠤ", "Alim Can", "  李静 ", "O’Neil"] {
            assert!(is_name(name), "{name}");
        }
        let long = "长".repeat(65);
        for name in [
            "",
            " ",
            "···",
            "...",
            "-",
            "1",
            "a\u{202e}b",
            "a\u{200f}b",
            "x\u{2028}y",
            "\u{3164}",
            "a\u{ad}b",
            "a\nb",
            long.as_str(),
        ] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
