//! The store files of a device: FILE, and FILE.district-CODE for each further district.
//!
//! Owns their names. A file that never came to be enrolled is no district.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use doorstep_client::districts::Districts;
use doorstep_client::source::System;
use doorstep_client::{Replica, Sqlite};

use crate::failure::Failure;

const INFIX: &str = ".district-";

/// A device with its files open.
pub(crate) struct Stores {
    path: PathBuf,
    system: System,
    open: Vec<Sqlite>,
    pub(crate) districts: Districts<Sqlite, System>,
}

impl Stores {
    /// Opens what there is, or of the further districts the one that is named: then one whose file is damaged is in
    /// nobody's way. Makes FILE where there is none.
    pub(crate) async fn open(path: PathBuf, named: Option<&str>, system: System) -> Result<Self, Failure> {
        let mut further = further(&path).map_err(|error| Failure::file(&path, &error))?;
        if let Some(code) = named {
            let wanted = beside(&path, code)?;
            further.retain(|file| *file == wanted);
        }
        let mut open = Vec::new();
        for file in [path.clone()].into_iter().chain(further) {
            let opened = Sqlite::open(&file).await;
            open.push(opened.map_err(|error| Failure::from(error).of_file(&file))?);
        }
        let replicas = open.iter().map(|store| Replica::new(store.clone(), system)).collect();
        let districts = Districts::of(replicas).await?;
        Ok(Stores { path, system, open, districts })
    }

    /// Where a district's cases are, or will be once it is enrolled: the first goes into FILE itself.
    pub(crate) async fn of_district(
        &mut self,
        code: Option<&str>,
    ) -> Result<&mut Replica<Sqlite, System>, Failure> {
        let known = self.districts.all(None)?;
        let first = known.first().and_then(|member| member.district.as_deref());
        let is_first = code.is_none() || first.is_none() || first == code;
        let is_known = known.iter().any(|member| member.district.as_deref() == code);
        match code {
            Some(code) if is_known => Ok(self.districts.one(Some(code))?),
            Some(code) if !is_first => {
                let store = Sqlite::open(&beside(&self.path, code)?).await?;
                self.open.push(store.clone());
                Ok(&mut self.districts.add(Replica::new(store, self.system)).replica)
            }
            _ => Ok(self.districts.first()),
        }
    }

    /// Closes the files; the write-ahead logs are folded in.
    pub(crate) async fn close(self) {
        for store in self.open {
            store.close().await;
        }
    }
}

fn is_code(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn beside(path: &Path, code: &str) -> Result<PathBuf, Failure> {
    if !is_code(code) {
        return Err(Failure::usage(format!("{code:?} is no code of a district")));
    }
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(INFIX);
    name.push(code);
    Ok(name.into())
}

/// The files of further districts, in the order of their codes.
fn further(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let Some(first) = path.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    // Where the folder is not there, opening FILE says so.
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut codes = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let code = name.to_str().and_then(|name| name.strip_prefix(first)?.strip_prefix(INFIX));
        codes.extend(code.filter(|code| is_code(code)).map(str::to_owned));
    }
    codes.sort_unstable();
    Ok(codes.iter().filter_map(|code| beside(path, code).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_has_a_file_beside_the_first_and_nothing_else_is_one() {
        let folder = std::env::temp_dir().join(format!("doorstep-stores-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let first = folder.join("store.sqlite");
        let other = beside(&first, "510302").expect("a code");
        for name in [
            "store.sqlite",
            "store.sqlite.district-510302",
            "store.sqlite.district-510302-wal",
            "store.sqlite.bak",
        ] {
            std::fs::write(folder.join(name), "").expect("writes");
        }
        let found = further(&first).expect("reads");
        std::fs::remove_dir_all(&folder).expect("removes its own folder");
        assert_eq!(found, [other]);
        assert!(beside(&first, "../x").is_err() && beside(&first, "").is_err());
    }
}
