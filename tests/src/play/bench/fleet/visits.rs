//! Cases as districts have them: no two say the same, and days lie between one change and the next.

use doorstep_protocol::documents::Edit;

use super::Fleet;
use super::handheld::scattered;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Over how many days the visits are spread.
const DAYS: i64 = 30;
const WHERE: [&str; 8] =
    ["村口", "果园东侧", "学校后门", "二组院坝", "老桥旁", "水库坝下", "菜市场", "三组塘边"];
const WHAT: [&str; 8] =
    ["渠道漏水", "路灯不亮", "路面塌陷", "垃圾未清", "井盖缺失", "水压太低", "护栏松动", "污水外溢"];
const FOUND: [&str; 8] = [
    "还没有修好，住户很着急",
    "已经联系施工队，明天到场",
    "比上次严重，请尽快处理",
    "临时处理过，能用但不牢",
    "材料到了，等天晴施工",
    "邻居也反映了同样的情况",
    "现场没有人，留了联系卡",
    "修好了，再看几天",
];

impl Fleet {
    /// So many visits to every case, each one change; the last of them is now.
    pub(in crate::play::bench) fn visit(&mut self, visits: usize) -> Result<(), String> {
        let cases: usize = self.devices.iter().map(|device| device.cases.len()).sum();
        let pause = DAYS * DAY_MS / (visits * cases).max(1) as i64;
        self.now -= DAYS * DAY_MS;
        for visit in 0..visits {
            for (n, device) in self.devices.iter_mut().enumerate() {
                for case in 0..device.cases.len() {
                    device.cases.rotate_left(1);
                    let drawn: [u8; 16] = scattered(&[n as u64, case as u64, visit as u64]);
                    self.now +=
                        pause / 2 + i64::from(u16::from_be_bytes([drawn[0], drawn[1]])) * pause / 65_536;
                    device.edit(self.now, &edits(visit, &drawn))?;
                }
            }
        }
        Ok(())
    }
}

/// What the first visit records, and what a later one adds.
fn edits(visit: usize, drawn: &[u8; 16]) -> Vec<Edit> {
    let pick = |words: [&'static str; 8], at: usize| words[usize::from(drawn[at]) % 8];
    let put = |field: &str, value: String| Edit::Put { field: field.into(), value: Some(value) };
    let number = u32::from_be_bytes([drawn[2], drawn[3], drawn[4], drawn[5]]);
    let place = format!("{}{} 号", pick(WHERE, 6), number % 300);
    match visit {
        0 => vec![put("title", format!("{place}{}", pick(WHAT, 7)))],
        3 => vec![put("contact_phone", format!("139{:08}", number % 100_000_000))],
        5 => vec![Edit::SetText {
            field: "description".into(),
            text: format!("{place}{}，影响 {} 户，{}。", pick(WHAT, 7), number % 40, pick(FOUND, 8)),
        }],
        8 => vec![put("severity", "heavy".into())],
        _ => vec![Edit::Append {
            field: "log".into(),
            item: format!("{place}，{}；{}，{} 时到场", pick(FOUND, 8), pick(WHAT, 9), number % 24),
        }],
    }
}
