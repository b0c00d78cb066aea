//! The people of a scenario's offices: who acts for a unit in which role. Somebody is taken on when first needed.
//!
//! Owns who they are. Whether they may do something the centre says.

use std::collections::BTreeMap;

use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;
use doorstep_server::store::{Person, Store};
use tokio::sync::Mutex;

/// Unit, role, and which of several.
type Post = (String, &'static str, usize);

/// Everybody who sits at a desk.
pub(super) struct People {
    district: String,
    posts: Mutex<BTreeMap<Post, Person>>,
}

impl People {
    pub(super) fn new(district: &str) -> Self {
        People { district: district.to_owned(), posts: Mutex::default() }
    }

    /// Whoever acts for a unit in this role; `nth` tells several of one role apart.
    pub(super) async fn of<S: Store>(
        &self,
        store: &S,
        unit: &str,
        (role, nth): (Role, usize),
    ) -> Result<Person, String> {
        let mut posts = self.posts.lock().await;
        let post = (unit.to_owned(), role.name(), nth);
        if let Some(person) = posts.get(&post) {
            return Ok(person.clone());
        }
        let name = format!("{unit}-{}-{}", role.name(), nth + 1);
        let (district, unit) = (self.district.clone(), unit.to_owned());
        let mut person = Person { worker: WorkerId(0), name, district, unit, role, ended: None };
        person.worker = store.add_person(person.clone()).await.map_err(|error| error.to_string())?;
        posts.insert(post, person.clone());
        Ok(person)
    }
}
