//! The rule and its form in tags say the same of everybody and every row.

use std::sync::LazyLock;

use doorstep_policy::{Audience, Pack, embedded_bazhou};
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::{Kind, Role};
use proptest::prelude::*;

use super::{Wish, authorize, seen_by, sight};
use crate::store::{CaseRow, Person};

static PACK: LazyLock<Pack> =
    LazyLock::new(|| Pack::load(&embedded_bazhou()).expect("the embedded pack loads"));

const DISTRICT: &str = "511902";
/// The desk, the discipline unit, a town, its centre, one of its villages, another town, the district itself.
const UNITS: [&str; 7] = [
    "511902-intake",
    "511902-discipline",
    "511902105",
    "511902105-centre",
    "511902105001",
    "511902104",
    DISTRICT,
];

fn unit() -> impl Strategy<Value = String> {
    prop::sample::select(UNITS.to_vec()).prop_map(str::to_owned)
}

fn person() -> impl Strategy<Value = Person> {
    let role = prop::sample::select(vec![
        Role::Worker,
        Role::Handler,
        Role::Reviewer,
        Role::Leader,
        Role::Inspector,
        Role::Admin,
        Role::Auditor,
    ]);
    let name = prop::sample::select(vec!["王敏", "陈刚"]).prop_map(str::to_owned);
    let district = prop_oneof![9 => Just(DISTRICT), 1 => Just("other")].prop_map(str::to_owned);
    (1u32..4, name, unit(), role, district).prop_map(|(worker, name, unit, role, district)| Person {
        worker: WorkerId(worker),
        name,
        district,
        unit,
        role,
        ended: None,
    })
}

fn audience() -> impl Strategy<Value = Option<Audience>> {
    let units = || prop::collection::btree_set(unit(), 0..3);
    let compartment = prop::option::of(Just("discipline".to_owned()));
    let some = (units(), any::<bool>(), compartment, units());
    prop::option::weighted(
        0.9,
        some.prop_map(|(units, author, compartment, excluded_units)| Audience {
            units,
            author,
            compartment,
            excluded_units,
        }),
    )
}

fn row() -> impl Strategy<Value = CaseRow> {
    let named = prop::sample::select(vec!["王敏", "511902105", "曾口镇", "化成镇", "nobody"]);
    let concerned = prop::collection::btree_set(named.prop_map(str::to_owned), 0..2);
    let recused = prop::collection::btree_set((1u32..4).prop_map(WorkerId), 0..2);
    let kind = prop::sample::select(vec![Kind::Case, Kind::Case, Kind::Visit]);
    (1u32..4, unit(), (concerned, recused), kind, audience()).prop_map(
        |(author, author_unit, (concerned, recused), kind, audience)| {
            let author = Person {
                worker: WorkerId(author),
                name: "?".into(),
                district: DISTRICT.into(),
                unit: author_unit,
                role: Role::Worker,
                ended: None,
            };
            let document = doorstep_protocol::DocumentId(uuid::Uuid::from_u64_pair(1, 1));
            CaseRow { concerned, recused, audience, ..CaseRow::new(document, kind, &author, 0) }
        },
    )
}

proptest! {
    #[test]
    fn tags_say_what_the_rule_says(person in person(), row in row(), whole in any::<bool>()) {
        let pack = &*PACK;
        // Asked for its kind, or for all.
        let sight = sight(&person, pack, (!whole).then_some(row.kind));
        let seen = seen_by(&row);
        let by_tags = sight.any.iter().any(|tag| seen.contains(tag)) && !sight.none.iter().any(|tag| seen.contains(tag));
        prop_assert_eq!(by_tags, authorize(&person, Wish::Read, Some((&row, pack))));
    }
}
