//! What stands around every page: brand, district, the places, who is signed in, the other language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::nav::{Place, places};
use super::words::Words;
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::strings::Lang;
use crate::store::{Person, Store};

/// Address of the style.
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("/static/desk.css?v={}", &HEXLOWER.encode(&Sha256::digest(super::CSS))[..12]));

/// Address of the script.
static SCRIPT: LazyLock<String> =
    LazyLock::new(|| format!("/static/desk.js?v={}", &HEXLOWER.encode(&Sha256::digest(super::SCRIPT))[..12]));

/// Around every page.
pub(super) struct Frame<'a> {
    pub(super) w: Words<'a>,
    /// The page's address, for the switch of languages; none where it answers a form that would be lost by it.
    pub(super) here: String,
    pub(super) district: Option<String>,
    pub(super) who: Option<Who>,
    /// The desk is there for them, or for whoever signs in.
    pub(super) home: bool,
    /// Where this person may go.
    pub(super) places: Vec<Place>,
    /// What every form gives back.
    pub(super) form_key: String,
    pub(super) style: &'static str,
    /// For those who are signed in.
    pub(super) script: &'static str,
}

/// Who is signed in.
pub(super) struct Who {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) role: String,
}

impl<'a> Frame<'a> {
    /// The frame of one page.
    pub(super) fn new<S: Store>(app: &'a App<S>, lang: Lang, here: &str, signed: Option<&Signed>) -> Self {
        let district = signed.map(|signed| signed.person.district.as_str());
        let w = Words {
            lang,
            desk: app.shown.strings.desk(lang),
            record: app.shown.strings.desk(Lang::Zh),
            district: district.and_then(|district| app.shown.strings.district(district, lang)),
            pack: district
                .and_then(|district| app.shown.packs.of(district, app.centre.now()))
                .map(|pack| &**pack),
            now: app.centre.now(),
            people: BTreeMap::new(),
        };
        Frame {
            here: here.to_owned(),
            district: district.map(|district| w.unit(district)),
            home: signed.is_none_or(|signed| authorize(&signed.person, Wish::Desk, None)),
            who: signed.map(|signed| Who::of(&signed.person, &w)),
            places: signed.map(|signed| places(&signed.person, here, &w)).unwrap_or_default(),
            form_key: signed
                .map(|signed| app.centre.keys().form_key(signed.person.worker, app.centre.now()))
                .unwrap_or_default(),
            style: STYLE.as_str(),
            script: SCRIPT.as_str(),
            w,
        }
    }

    /// The other language.
    pub(super) fn other(&self) -> Lang {
        Lang::ALL.into_iter().find(|lang| *lang != self.w.lang).expect("there are two languages")
    }

    /// The title in the browser's tab.
    pub(super) fn title(&self, title: impl AsRef<str>) -> String {
        self.w.with("page-title", &[("title", title.as_ref())])
    }
}

impl Who {
    fn of(person: &Person, w: &Words<'_>) -> Self {
        Who {
            name: person.name.clone(),
            unit: w.unit(&person.unit),
            role: w.named("role", person.role.name()),
        }
    }
}
