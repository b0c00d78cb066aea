//! Many rows of cases as a district of four years has them: most closed, texts of words that recur, people with numbers.
//!
//! A row of a number is the same in every run.

use std::path::Path;
use std::sync::LazyLock;

use doorstep_policy::{Audience, Closed, How, Pack, embedded_bazhou};
use doorstep_protocol::documents::{Kind, Role};
use doorstep_protocol::{DocumentId, WorkerId};
use doorstep_server::clock::SystemSource;
use doorstep_server::finding::Gist;
use doorstep_server::keys::Keys;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{CaseRow, Commit, Expect, Person, Row, Store};
use indicatif::ProgressBar;
use jiff::Timestamp;

use super::super::ingest::DISTRICT;
use crate::harness::Rng;

pub(super) const CATEGORIES: [&str; 12] = [
    "water",
    "roads",
    "housing",
    "facilities",
    "farmland",
    "environment",
    "health",
    "education",
    "social_security",
    "dispute",
    "conduct",
    "other",
];
/// Rows in one commit.
const BATCH: usize = 512;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const YEARS_MS: i64 = 4 * 365 * DAY_MS;
/// Of a hundred cases so many are open, as S-BZ-4Y has it.
const OPEN: usize = 7;

const WORDS: [&str; 60] = [
    "水沟",
    "道路",
    "路灯",
    "塌方",
    "自来水",
    "停水",
    "厕所",
    "垃圾",
    "污水",
    "下水道",
    "堵塞",
    "漏水",
    "外墙",
    "瓷砖",
    "脱落",
    "养老金",
    "低保",
    "医保",
    "报销",
    "学校",
    "接送",
    "校车",
    "果园",
    "灌溉",
    "塘坝",
    "水渠",
    "结冰",
    "出行",
    "不便",
    "老人",
    "残疾",
    "补贴",
    "宅基地",
    "纠纷",
    "邻里",
    "噪音",
    "油烟",
    "养殖",
    "气味",
    "拖欠",
    "工资",
    "土地",
    "流转",
    "占道",
    "经营",
    "停车",
    "电梯",
    "故障",
    "物业",
    "收费",
    "桥梁",
    "护栏",
    "破损",
    "危房",
    "改造",
    "搬迁",
    "补偿",
    "天然气",
    "管道",
    "公交",
];
const NAMES: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "仇", "曾"];
const GIVEN: [&str; 16] =
    ["秀英", "伟", "芳", "娜", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "超"];

static PACK: LazyLock<Pack> =
    LazyLock::new(|| Pack::load(&embedded_bazhou()).expect("the embedded pack loads"));
static VILLAGES: LazyLock<Vec<String>> = LazyLock::new(|| places(12));
static TOWNS: LazyLock<Vec<String>> = LazyLock::new(|| places(9));

fn places(length: usize) -> Vec<String> {
    let units = PACK.units().filter(|unit| unit.code.len() == length && !unit.code.contains('-'));
    units.map(|unit| unit.code.clone()).collect()
}

/// The town of a random case.
pub(super) fn town(dice: &mut Rng) -> String {
    dice.pick(&TOWNS).clone()
}

/// A place in a list: a time in the span of all, and a case that is there however many there are.
pub(super) fn depth(dice: &mut Rng) -> String {
    format!("{}.{}", start() + dice.between(0, YEARS_MS), document(dice.below(super::FEW)))
}

/// Characters that stand together in some text.
pub(super) fn piece(dice: &mut Rng, length: usize) -> String {
    let text = text(dice, 3);
    let from = dice.below(2);
    text.chars().skip(from).take(length).collect()
}

/// A name that somebody has.
pub(super) fn person(dice: &mut Rng) -> String {
    format!("{}{}", dice.pick(&NAMES), dice.pick(&GIVEN))
}

/// A telephone number of few people.
pub(super) fn phone(dice: &mut Rng) -> String {
    format!("138{:08}", dice.below(30_000))
}

fn text(dice: &mut Rng, words: usize) -> String {
    (0..words).map(|_| dice.word(&WORDS)).collect()
}

/// When the four years begin: they end now, so that something is due.
fn start() -> i64 {
    static NOW: LazyLock<i64> = LazyLock::new(|| Timestamp::now().as_millisecond());
    *NOW - YEARS_MS
}

fn document(n: usize) -> DocumentId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    DocumentId::v7(1_600_000_000_000 + n as i64, random)
}

/// Brings the store up to `wanted` cases, each with these rows beside its own.
pub(in crate::play::bench) fn fill(
    file: &Path,
    (stored, wanted): (&mut usize, usize),
    with: &[Row],
    shown: &ProgressBar,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let folder = file.parent().ok_or("a data folder")?;
    let keys = Keys::open(folder, &SystemSource).map_err(|error| error.to_string())?;
    let filled: Result<(), doorstep_server::store::StoreError> = runtime.block_on(async {
        let store = SqliteStore::open(file).await?;
        while *stored < wanted {
            let until = wanted.min(*stored + BATCH);
            let batch = (*stored..until).map(|n| commit(n, wanted, with, &keys)).collect();
            store.commit(batch).await?;
            *stored = until;
            shown.set_position(until as u64);
        }
        store.close().await
    });
    filled.map_err(|error| error.to_string())
}

fn commit(n: usize, of: usize, with: &[Row], keys: &Keys) -> Commit {
    let mut dice = Rng::new(n as u64);
    let village = dice.pick(&VILLAGES).clone();
    let author = Person {
        worker: WorkerId(100 + (n % 400) as u32),
        name: String::new(),
        district: DISTRICT.into(),
        unit: village.clone(),
        role: Role::Worker,
        ended: None,
    };
    let registered = start() + (n as i64) * YEARS_MS / of as i64;
    let mut row = CaseRow::new(document(n), Kind::Case, &author, registered);
    let words = 2 + dice.below(2);
    row.title = Some(text(&mut dice, words));
    row.category = Some(dice.word(&CATEGORIES).into());
    row.place = Some(village.clone());
    row.urgency = Some(["normal", "normal", "normal", "soon", "urgent", "danger"][dice.below(6)].into());
    row.channel = Some(["visit", "scan", "questionnaire", "hotline", "window"][dice.below(5)].into());
    row.updated = registered + dice.between(0, 60 * DAY_MS);
    stand(&mut row, &village, &mut dice);
    let (person, number) = (person(&mut dice), phone(&mut dice));
    let mut found = vec![keys.find_key(DISTRICT, &person), keys.find_key(DISTRICT, &number)];
    found.sort_unstable();
    let length = 10 + dice.below(20);
    let gist = Gist {
        description: text(&mut dice, length),
        outcome: text(&mut dice, 5),
        person,
        contact: format!("138****{}", &number[7..]),
        keys: found,
        ..Gist::default()
    };
    Commit { row, expect: Expect::New, by: None, staff: None, rows: with.to_vec(), gist: Some(gist) }
}

/// Where the case stands: most are archived, the rest somewhere on their way.
fn stand(row: &mut CaseRow, village: &str, dice: &mut Rng) {
    let town = &village[..9];
    let desk = format!("{DISTRICT}-intake");
    let conduct = row.category.as_deref() == Some("conduct");
    let open = dice.below(100) < OPEN;
    let step =
        if open { ["triage", "handle", "handle", "verify", "sign"][dice.below(5)] } else { "archived" };
    row.step = Some(step.into());
    row.unit = Some(if dice.one_in(3) { town.to_owned() } else { format!("{town}-centre") });
    row.directive = Some("assign".into());
    row.decided = 2;
    row.due = Some(row.updated + dice.between(1, 90) * DAY_MS);
    row.turned = Some(row.updated);
    let at = Timestamp::from_millisecond(row.updated).unwrap_or(Timestamp::UNIX_EPOCH);
    row.life.closed = (!open).then_some(Closed { at, how: How::Signed });
    row.life.claimed_at = (!open || matches!(step, "verify" | "sign")).then_some(at);
    let units = if conduct {
        vec![format!("{DISTRICT}-discipline")]
    } else {
        vec![desk, town.to_owned(), format!("{town}-centre"), DISTRICT.to_owned()]
    };
    row.audience = Some(Audience {
        units: units.into_iter().collect(),
        author: !conduct,
        compartment: conduct.then(|| "discipline".into()),
        excluded_units: std::collections::BTreeSet::new(),
    });
}
