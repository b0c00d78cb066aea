//! Who works in a district, by what they are called or were: whom a case is about when it names a person, and of which
//! units they are. Policy knows units only, and whose they are is the centre's to say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use doorstep_policy::{Pack, Projection, Unit};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, WorkerId};

use super::Centre;
use super::case::Case;
use super::settle;
use crate::finding::{Mark, Tag, key_form, names_within};
use crate::limits;
use crate::store::{CaseRow, Kept, Person, Store, StoreError};

/// Somebody who works here, as a name leads to them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) worker: WorkerId,
    pub(crate) unit: String,
}

/// Everybody of a district, also those who have left: their colleagues are still there.
#[derive(Debug, Default)]
pub(crate) struct Staff {
    called: BTreeMap<String, BTreeSet<Member>>,
    /// Names and codes of units: whoever writes 「向阳社区」 means nobody who is called 向阳.
    units: BTreeSet<String>,
    /// Changes of this process until it was read.
    as_of: Option<u64>,
}

impl Staff {
    /// By their names of today and those that they had before, beside the units of their district.
    pub(crate) fn of(people: &[Person], former: &[(WorkerId, String)], pack: Option<&Pack>) -> Self {
        let called = |unit: &Unit| unit.names().chain([unit.code.clone()]).collect::<Vec<_>>();
        let called = pack.into_iter().flat_map(|pack| pack.units()).flat_map(called);
        let mut staff = Staff { units: called.map(|name| key_form(&name)).collect(), ..Staff::default() };
        for person in people {
            let before = former.iter().filter(|(worker, _)| *worker == person.worker);
            for name in before.map(|(_, name)| name).chain([&person.name]) {
                staff.add(name, person);
            }
        }
        staff
    }

    /// As of which change of who works here; nothing where nobody has looked.
    pub(super) fn as_of(&self) -> Option<u64> {
        self.as_of
    }

    fn add(&mut self, name: &str, person: &Person) {
        let key = key_form(name);
        if key.is_empty() {
            return;
        }
        let member = Member { worker: person.worker, unit: person.unit.clone() };
        self.called.entry(key).or_default().insert(member);
    }

    /// Everybody whose whole name a text is, or has in it: 「水利局王敏」 is about 王敏.
    pub(crate) fn named_in(&self, text: &str) -> BTreeSet<&Member> {
        let key = key_form(text);
        if self.units.contains(&key) {
            return BTreeSet::new();
        }
        let names = names_within(text).into_iter().chain([key]);
        let mut found = BTreeSet::new();
        for name in names {
            found.extend(self.called.get(&name).into_iter().flatten());
        }
        found
    }

    /// Everybody whom any side of a case names as responsible subject.
    pub(crate) fn subjects(&self, projection: &Projection) -> BTreeSet<&Member> {
        let subject = projection.field("subject");
        subject.values().into_iter().flat_map(|text| self.named_in(text)).collect()
    }
}

/// A staff as it was read.
#[derive(Debug)]
pub(super) struct Known {
    at: Millis,
    /// Changes of this process until then.
    changes: u64,
    staff: Arc<Staff>,
}

impl<S: Store> Centre<S> {
    /// Who works in a district now. Read again once this process has changed it, and before long all the same: `admin
    /// enrol` is a process of its own.
    pub(super) async fn staff(&self, district: &str) -> Kept<Arc<Staff>> {
        let (now, changes) = (self.now(), self.store.staff_changes());
        let known = || self.staff.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = known().get_mut(district).filter(|of| of.changes == changes) {
            if (0..limits::STAFF_MS).contains(&(now - of.at)) {
                return Ok(Arc::clone(&of.staff));
            }
            // One reads again; the hundreds beside it go on with what was known until it has.
            of.at = now;
        }
        let people = self.store.people(district).await?;
        let former = self.store.former_names(district).await?;
        let staff = Staff::of(&people, &former, self.pack(district).ok().as_deref());
        let staff = Arc::new(Staff { as_of: Some(changes), ..staff });
        known().insert(district.to_owned(), Known { at: now, changes, staff: Arc::clone(&staff) });
        Ok(staff)
    }

    /// Whoever is new, called otherwise or elsewhere now: the cases that name them so are looked at again, that they and their
    /// unit are kept out of them from now on.
    pub async fn look_who(&self, district: &str, name: &str) -> Kept<()> {
        let (name, key) = (name.trim(), key_form(name));
        let tags = [(Mark::Concerns, name), (Mark::Concerns, &*key), (Mark::Mentions, &*key)]
            .map(|(mark, name)| Tag::of(district, mark, name));
        for document in self.tagged(district, tags.to_vec()).await? {
            self.look_again_who(document).await?;
        }
        // Also for whoever writes down whose numbers were given.
        self.moved.send_modify(|n| *n += 1);
        Ok(())
    }

    pub(super) async fn look_again_who(&self, document: DocumentId) -> Kept<()> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take(document).await?;
            let Some(mut case) = case.filter(|case| case.row.erased.is_none()) else { return Ok(()) };
            let pack = self.pack_of(&case)?;
            let said = |row: &CaseRow| (row.concerned.clone(), row.audience.clone(), row.unsettled_since);
            let (before, quiet) = (said(&case.row), case.row.quiet_from);
            case.refresh(&pack, self.now());
            // Nobody writes on it: there is nothing to wait for.
            case.row.quiet_from = quiet;
            if case.is_others_to_look_into() {
                case.row.settled_digest = None;
                case.row.unsettled_since = case.row.unsettled_since.or(Some(self.now()));
            }
            if before == said(&case.row) {
                self.put_back(case);
                return Ok(());
            }
            // Whoever has a complaint may be of those whom it names by now: then it is decided again who looks into it.
            settle::schedule(&mut case, &pack, &self.settings, self.now(), |device| self.progress(device));
            let staged = case.stage(Vec::new());
            if self.commit(case, staged).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Failed("another writer was always first; try again".into()))
    }

    /// A case knows who works in its district.
    pub(super) async fn tell_staff(&self, case: Option<&mut Case>) -> Kept<()> {
        if let Some(case) = case {
            case.staff = self.staff(&case.row.district).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use doorstep_protocol::documents::Role;

    use super::*;

    fn staff() -> Staff {
        let person = |worker, name: &str, unit: &str| Person {
            worker: WorkerId(worker),
            name: name.into(),
            district: "511902".into(),
            unit: unit.into(),
            role: Role::Worker,
            ended: None,
        };
        let people = [
            person(1, "王敏", "511902-water"),
            person(2, "王敏", "511902105"),
            person(3, "阿布都·热合曼", "511902106"),
            person(4, "Li", "511902107"),
            person(5, "陈刚强", "511902108"),
            person(6, "明", "511902109"),
            person(7, "水利", "511902110"),
            person(8, "ᠪᠠᠲᠤ", "511902111"),
            person(9, "Alim Can", "511902112"),
            person(10, "欧阳Wei", "511902113"),
        ];
        let pack = Pack::load(&doorstep_policy::embedded_bazhou()).expect("the embedded pack loads");
        Staff::of(&people, &[(WorkerId(5), "陈刚".into())], Some(&pack))
    }

    fn found(text: &str) -> Vec<u32> {
        staff().named_in(text).into_iter().map(|member| member.worker.0).collect()
    }

    #[test]
    fn a_name_is_found_however_it_is_spaced_and_where_something_stands_around_it() {
        for text in ["王敏", " 王 敏 ", "王\u{3000}敏", "环卫所王敏局长", "王敏（环卫所）"]
        {
            assert_eq!(found(text), [1, 2], "{text:?}");
        }
        for text in ["阿布都热合曼", "阿布都•热合曼", "河长阿布都・热合曼"] {
            assert_eq!(found(text), [3], "{text:?}");
        }
        assert_eq!(found("陈刚"), [5], "as he was called before");
        assert_eq!(found("陈刚强、王敏"), [1, 2, 5]);
    }

    #[test]
    fn a_letter_or_a_character_within_a_word_is_nobody() {
        assert_eq!((found("Li"), found("LI")), (vec![4], vec![4]));
        for text in ["Li 局长", "局长Li", "MR. LI"] {
            assert_eq!(found(text), [4], "{text:?}: a word of its own");
        }
        assert_eq!((found("ᠪᠠᠲᠤ 主任"), found("Alim Can局长"), found("Alimjan")), (vec![8], vec![9], vec![]));
        assert!(found("Lighting").is_empty() && found("路灯照明").is_empty() && found("").is_empty());
        for text in ["欧阳Wei", "环卫所欧阳Wei局长", "欧阳 wei"] {
            assert_eq!(found(text), [10], "{text:?}: of both scripts");
        }
        assert!(found("欧阳Weiss").is_empty() && found("欧阳 局长 Wei").is_empty());
        assert_eq!(found("明"), [6]);
        assert!(found("巴州区水利局").is_empty() && found(" 巴州区 水利局").is_empty(), "a unit");
        assert_eq!(found("水利局长王敏"), [1, 2, 7], "and what is none may be anybody");
        assert!(Staff::default().named_in("王敏").is_empty());
    }

    #[test]
    fn the_units_of_everybody_whom_any_side_names() {
        use doorstep_policy::FieldView;
        let sides = FieldView::Disputed([Some("王敏".into()), Some("511902-water".into()), None].into());
        let projection = Projection { fields: [("subject".into(), sides)].into(), ..Projection::default() };
        let units: Vec<String> = staff().subjects(&projection).into_iter().map(|m| m.unit.clone()).collect();
        assert_eq!(units, ["511902-water", "511902105"]);
    }
}
