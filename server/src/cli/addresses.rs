//! Addresses of the configuration file that are told what is decided.
//!
//! Owns what one may say. What is told, and when, is elsewhere (`http/hooks.rs`, `telling.rs`).

use std::collections::BTreeSet;
use std::path::PathBuf;

use data_encoding::BASE64;
use doorstep_policy::Directive;
use doorstep_server::http::hooks::{Form, Hook, USUAL};
use doorstep_server::limits;
use doorstep_server::policies::Packs;
use serde::Deserialize;
use ureq::http::Uri;

use super::Failure;

/// An address that is told what is decided.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    /// In the journal, and part of every letter's id: letters, digits and dashes.
    pub(crate) name: String,
    /// Division code.
    pub(crate) district: String,
    pub(crate) form: Form,
    pub(crate) url: String,
    /// A file with the secrets that letters are signed with, one in a line.
    pub(crate) secret: Option<PathBuf>,
    /// Codes of directives; the usual ones without.
    #[serde(default)]
    pub(crate) events: Vec<String>,
    /// Of which units; of all without.
    #[serde(default)]
    pub(crate) units: Vec<String>,
    /// Numbers for short messages.
    #[serde(default)]
    pub(crate) to: Vec<String>,
    /// The desk's own address, for links.
    pub(crate) desk: Option<String>,
}

/// The addresses with their secrets read. Each name is used once: it says how far an address was told.
pub(crate) fn hooks(addresses: Vec<Address>) -> Result<Vec<Hook>, Failure> {
    if addresses.len() > limits::HOOKS {
        return Err(bad("", &format!("there are more than {}.", limits::HOOKS)));
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = addresses.iter().find(|address| !names.insert(address.name.clone())) {
        return Err(bad(&twice.name, "there are two of this name."));
    }
    addresses.into_iter().map(Address::hook).collect()
}

/// An address of a district that is not here would never be told anything.
pub(crate) fn are_ours(hooks: &[Hook], packs: &Packs) -> Result<(), Failure> {
    let strange = hooks.iter().find(|hook| !packs.districts().any(|known| known == hook.district));
    strange.map_or(Ok(()), |hook| Err(bad(&hook.name, "no pack here is of its district.")))
}

fn bad(name: &str, why: &str) -> Failure {
    let message = format!("[[hooks]] {name:?}: {why}");
    Failure { exit: 2, ..Failure::new("hook.bad", message, "Compare it with deploy/config/doorstep.toml.") }
}

impl Address {
    fn hook(self) -> Result<Hook, Failure> {
        let bad = |why: &str| bad(&self.name, why);
        let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
        if !(1..=40).contains(&self.name.len()) || !self.name.chars().all(plain) {
            return Err(bad("its name is not 1 to 40 letters, digits and dashes."));
        }
        let uri: Uri = self.url.parse().map_err(|_| bad("its url does not read."))?;
        let near = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if near => {}
            _ => return Err(bad("its url is neither https nor on this machine.")),
        }
        if self.form == Form::Sms && self.to.is_empty() {
            return Err(bad("it says no number to send to."));
        }
        let event = |code: &String| {
            let known = Directive::ALL.iter().copied().find(|known| known.code() == code);
            known.ok_or_else(|| bad(&format!("there is no event {code:?}.")))
        };
        let events = self.events.iter().map(event).collect::<Result<Vec<_>, _>>()?;
        let text = self.secret.as_ref().map(std::fs::read_to_string).transpose();
        let text = text.map_err(|error| bad(&format!("its secret cannot be read: {error}.")))?;
        let lines = text.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty());
        let secrets = lines.map(secret).collect::<Option<Vec<_>>>();
        let secrets = secrets.ok_or_else(|| bad("a secret is shorter than 24 bytes, or no base64."))?;
        if self.secret.is_some() && secrets.is_empty() {
            return Err(bad("the file of its secret is empty."));
        }
        Ok(Hook {
            events: if events.is_empty() { USUAL.to_vec() } else { events },
            secrets,
            name: self.name,
            district: self.district,
            form: self.form,
            url: self.url,
            units: self.units,
            to: self.to,
            desk: self.desk,
        })
    }
}

/// A secret as Standard Webhooks writes it (`whsec_` and base64), or its bytes as they are.
fn secret(line: &str) -> Option<Vec<u8>> {
    let bytes = match line.strip_prefix("whsec_") {
        Some(coded) => BASE64.decode(coded.as_bytes()).ok()?,
        None => line.as_bytes().to_vec(),
    };
    (bytes.len() >= limits::HOOK_SECRET_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(line: &str) -> Result<Hook, Failure> {
        let text = format!("name = \"duty-room\"\ndistrict = \"511902\"\nform = \"event\"\n{line}");
        hooks(vec![toml::from_str(&text).expect("it reads")]).map(|mut hooks| hooks.remove(0))
    }

    #[test]
    fn letters_leave_this_machine_sealed_and_for_nobody_who_only_looks_near() {
        for url in
            ["https://in.example/a?key=1", "http://127.0.0.1:9/a", "http://localhost/a", "http://[::1]:9/"]
        {
            assert!(address(&format!("url = {url:?}")).is_ok(), "{url}");
        }
        let far = [
            "http://in.example/",
            "http://localhost:80@in.example/",
            "http://127.0.0.1.in.example/",
            "ftp://a/",
            "a",
        ];
        for url in far {
            let failure = address(&format!("url = {url:?}")).map(drop).expect_err(url);
            assert_eq!((failure.exit, failure.code), (2, "hook.bad"));
        }
    }

    #[test]
    fn what_cannot_be_told_is_refused_when_the_server_starts() {
        let url = "url = \"https://in.example/\"";
        for line in ["events = [\"asign\"]", "secret = \"there/is/none\""] {
            assert!(address(&format!("{url}\n{line}")).is_err(), "{line}");
        }
        let read = |text: &str| toml::from_str::<Address>(text).expect("it reads");
        let sms = "name = \"a\"\ndistrict = \"511902\"\nform = \"sms\"\nurl = \"https://in.example/\"";
        assert!(hooks(vec![read(sms)]).is_err(), "to nobody");
        let one = read(&format!("{sms}\nto = [\"12345678901\"]"));
        assert!(hooks(vec![one.clone()]).is_ok());
        assert!(hooks(vec![one.clone(), one.clone()]).is_err(), "two would share how far they were told");
        assert!(
            hooks(vec![Address { name: "a_b".into(), ..one }]).is_err(),
            "the id of a letter is taken apart at it"
        );
    }

    #[test]
    fn secrets_read_as_their_bytes_or_as_the_standard_writes_them() {
        assert_eq!(secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").map(|bytes| bytes.len()), Some(24));
        assert_eq!(secret("a secret of 24 bytes, or more"), Some(b"a secret of 24 bytes, or more".to_vec()));
        assert_eq!([secret("short"), secret("whsec_%"), secret("whsec_MfKQ9r8G")], [None, None, None]);
    }
}
