//! Giving up a district: its file is overwritten and deleted. Never with anything in it that the centre has not answered.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::failure::Failure;
use crate::output::Done;
use crate::run::{Given, done};
use crate::stores::Stores;

/// The end of the name of a file that is given up: it is no district any more, whatever happens meanwhile.
const GONE: &str = ".left";
const PIECE: [u8; 64 * 1024] = [0; 64 * 1024];

/// Gives up the district that is named, which has to be named even where it is the only one.
pub(crate) async fn leave(stores: &mut Stores, given: &Given<'_>) -> Result<Done, Failure> {
    let code = given.district.ok_or_else(|| Failure::usage("leave wants --district CODE".into()))?;
    let status = stores.districts.one(Some(code))?.status().await?;
    if status.pending + status.attachments.pending > 0 {
        return Err(Failure::unsent(code, status.pending + status.attachments.pending));
    }
    if status.rejected > 0 {
        return Err(Failure::unread(code, status.rejected));
    }
    for file in stores.close_district(code).await? {
        give_up(&file).map_err(|error| Failure::file(&file, &error))?;
    }
    let text = given.strings.with("left", &[("name", code.to_owned()), ("held", status.held.to_string())]);
    Ok(done(json!({"district": code, "left": true, "held": status.held}), text))
}

fn give_up(file: &Path) -> io::Result<()> {
    let gone = with(file, GONE);
    fs::rename(file, &gone)?;
    overwrite(&gone)?;
    for log in ["-wal", "-shm"].map(|end| with(file, end)) {
        if log.exists() {
            overwrite(&log)?;
        }
    }
    Ok(())
}

/// Ends what a crash left half done.
pub(crate) fn finish(files: &[PathBuf]) -> io::Result<()> {
    files.iter().filter(|file| is_gone(file)).try_for_each(|file| overwrite(file))
}

fn is_gone(file: &Path) -> bool {
    file.as_os_str().as_encoded_bytes().ends_with(GONE.as_bytes())
}

fn with(file: &Path, end: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Zeros instead of what people said, on the disk, before the name goes.
fn overwrite(file: &Path) -> io::Result<()> {
    let mut open = OpenOptions::new().write(true).open(file)?;
    let mut left = open.metadata()?.len();
    while left > 0 {
        let piece = left.min(PIECE.len() as u64);
        open.write_all(&PIECE[..piece as usize])?;
        left -= piece;
    }
    open.sync_all()?;
    fs::remove_file(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_left_is_overwritten_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("doorstep-leaving-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let [kept, gone] =
            ["store.sqlite", "store.sqlite.district-510302.left"].map(|name| folder.join(name));
        for file in [&kept, &gone] {
            fs::write(file, vec![7; PIECE.len() + 3]).expect("writes");
        }
        // A second name shows what the first one's bytes have become.
        let witness = folder.join("witness");
        fs::hard_link(&gone, &witness).expect("links");
        finish(&[kept.clone(), gone.clone()]).expect("ends it");
        let (there, bytes) = (kept.exists() && !gone.exists(), fs::read(&witness).expect("reads"));
        fs::remove_dir_all(&folder).expect("removes its own folder");
        assert!(there && bytes.len() == PIECE.len() + 3 && bytes.iter().all(|byte| *byte == 0));
    }
}
