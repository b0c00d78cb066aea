//! What people write in a scenario's cases: titles, descriptions, names and telephone numbers that belong to nobody.
//!
//! Owns the words. No rule reads them.

use crate::harness::Rng;

const FAMILY: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何",
    "郭", "马", "罗",
];
const GIVEN: [&str; 24] = [
    "秀英", "建国", "桂兰", "德明", "玉珍", "志强", "春梅", "国华", "小红", "文军", "永福", "素芬", "光明",
    "淑兰", "大勇", "丽华", "成贵", "天云", "家和", "雪梅", "㐂", "正义", "淼", "喆",
];
const WHERE: [&str; 8] = ["村口", "三社", "小学旁", "堰塘边", "安置房后", "集市", "机耕道", "卫生站前"];

const ABOUT: [(&str, [&str; 4]); 12] = [
    ("water", ["山坪塘渗漏", "自来水停水", "水管爆裂", "灌溉渠堵塞"]),
    ("roads", ["路面塌陷", "入户路未硬化", "涵洞堵塞", "护栏缺失"]),
    ("housing", ["屋面漏雨", "外墙瓷砖脱落", "危房鉴定", "安置房产权"]),
    ("facilities", ["路灯不亮", "公厕缺失", "健身器材损坏", "垃圾房太远"]),
    ("farmland", ["撂荒地整治", "果园缺水", "土地流转租金", "农机补贴"]),
    ("environment", ["养殖污水", "焚烧秸秆", "噪音扰民", "河道垃圾"]),
    ("health", ["医保报销", "村医不在岗", "慢病用药", "体检安排"]),
    ("education", ["校车线路", "营养餐", "学位安排", "校门口安全"]),
    ("social_security", ["低保申请", "养老金停发", "临时救助", "残疾证办理"]),
    ("dispute", ["邻里界址", "工资拖欠", "合同纠纷", "宅基地纠纷"]),
    ("conduct", ["收受礼金", "优亲厚友", "挪用资金", "作风粗暴"]),
    ("other", ["政策咨询", "意见建议", "证明开具", "其他事项"]),
];

/// The written fields of a case about this.
pub(super) fn of(category: &str, rng: &mut Rng) -> Vec<(&'static str, String)> {
    let what = ABOUT
        .iter()
        .find(|(known, _)| *known == category)
        .map_or("其他事项", |(_, titles)| rng.word(titles));
    let place = rng.word(&WHERE);
    let name = format!("{}{}", rng.word(&FAMILY), rng.word(&GIVEN));
    // No such numbers are given out.
    let phone = format!("100{:08}", rng.below(100_000_000));
    vec![
        ("title", format!("{place}{what}")),
        ("description", format!("群众反映{place}{what}，希望尽快解决。")),
        ("person.name", name),
        ("person.phone", phone),
    ]
}

/// What came of a case.
pub(super) fn outcome(rng: &mut Rng) -> &'static str {
    rng.word(&["已现场处理完毕", "已协调解决，群众知晓", "已修复并验收", "已答复并落实到位"])
}
