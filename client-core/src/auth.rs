//! Tokens: a device proves with its own key, over a nonce of the centre, that it is the device.
//!
//! Never stores a token and never sends the key.

use data_encoding::BASE64URL_NOPAD;
use doorstep_protocol::limits;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;

use crate::store::Identity;

/// The `Authorization` header for one upgrade: `Doorstep P.S`, where S signs `doorstep.v1\n` and P.
pub fn authorization(identity: &Identity, nonce: &str) -> String {
    let claim = json!({"device": identity.device, "nonce": nonce, "version": limits::WIRE_VERSION});
    let claim = BASE64URL_NOPAD.encode(claim.to_string().as_bytes());
    let signed = format!("{}\n{claim}", limits::SUBPROTOCOL);
    let signature = SigningKey::from_bytes(&identity.secret).sign(signed.as_bytes());
    format!("Doorstep {claim}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

/// The public half of a device's key, as the centre keeps it.
pub fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(secret).verifying_key().to_bytes()
}

/// The address of the sync socket of a centre.
pub fn socket_url(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let socket = match url.split_once("://") {
        Some(("https" | "wss", rest)) => format!("wss://{rest}"),
        Some((_, rest)) => format!("ws://{rest}"),
        None => format!("ws://{url}"),
    };
    format!("{socket}/sync/v1")
}

#[cfg(test)]
mod tests {
    use doorstep_protocol::{DeviceId, WorkerId};
    use ed25519_dalek::Signature;

    use super::*;

    #[test]
    fn the_centre_can_check_a_token_with_the_public_key() {
        let identity = Identity {
            url: "http://127.0.0.1:1".into(),
            device: DeviceId([7; 8]),
            worker: WorkerId(1),
            name: "邢锡梅".into(),
            district: "511902".into(),
            unit: "511902104".into(),
            role: "worker".into(),
            secret: [3; 32],
            proof: None,
        };
        let header = authorization(&identity, "n-1");
        let (claim, signature) =
            header.strip_prefix("Doorstep ").and_then(|token| token.split_once('.')).expect("P.S");
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).expect("base64url");
        let signature = Signature::from_slice(&signature).expect("64 bytes");
        let key = SigningKey::from_bytes(&identity.secret).verifying_key();
        key.verify_strict(format!("doorstep.v1\n{claim}").as_bytes(), &signature)
            .expect("signed by the device");
        let claim = BASE64URL_NOPAD.decode(claim.as_bytes()).expect("base64url");
        let claim: serde_json::Value = serde_json::from_slice(&claim).expect("JSON");
        assert_eq!(claim, json!({"device": "0707070707070707", "nonce": "n-1", "version": 1}));
        assert_eq!(socket_url("http://127.0.0.1:1/"), "ws://127.0.0.1:1/sync/v1");
    }
}
