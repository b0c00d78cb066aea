//! The store files of a device: FILE, and FILE.district-CODE for each further district.
//!
//! Owns their names. A file that never came to be enrolled is no district.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use doorstep_client::districts::{Districts, WhichDistrict};
use doorstep_client::replica::Status;
use doorstep_client::source::System;
use doorstep_client::store::Store;
use doorstep_client::{Replica, Sqlite};

use crate::failure::Failure;

const INFIX: &str = ".district-";

/// A device with its files open.
pub(crate) struct Stores {
    path: PathBuf,
    system: System,
    /// FILE first.
    open: Vec<Sqlite>,
    pub(crate) districts: Districts<Sqlite, System>,
}

impl Stores {
    /// Opens what there is, or of the further districts the one that is named: then one whose file is damaged is in
    /// nobody's way. Makes FILE where there is none.
    pub(crate) async fn open(path: PathBuf, named: Option<&str>, system: System) -> Result<Self, Failure> {
        // Beside the file itself, not beside a link to it.
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        let mut open = vec![opened(&path).await?];
        let mut replicas = vec![Replica::new(open[0].clone(), system)];
        for code in further(&path).map_err(|error| Failure::file(&path, &error))? {
            if named.is_some_and(|named| named != code) {
                continue;
            }
            let file = beside(&path, &code)?;
            let store = opened(&file).await?;
            let replica = Replica::new(store.clone(), system);
            open.push(store);
            match replica.identity().await?.map(|identity| identity.district) {
                Some(district) if district != code => {
                    tracing::warn!(file = %file.display(), district, "the store of another district is left alone");
                }
                _ => replicas.push(replica),
            }
        }
        let districts = Districts::of(replicas).await?;
        Ok(Stores { path, system, open, districts })
    }

    /// Where a district's cases are, or will be once it is enrolled: the first goes into FILE itself.
    pub(crate) async fn of_district(
        &mut self,
        code: Option<&str>,
    ) -> Result<&mut Replica<Sqlite, System>, Failure> {
        let first = Replica::new(self.open[0].clone(), self.system);
        let first_in = first.identity().await?.map(|identity| identity.district);
        let codes = self.districts.codes();
        match code {
            // FILE is lost, others are there: a code could be for any of them.
            None if first_in.is_none() && !codes.is_empty() => Err(WhichDistrict::Needed(codes).into()),
            None => Ok(self.districts.one(first_in.as_deref())?),
            Some(code) if codes.iter().any(|known| known == code) => Ok(self.districts.one(Some(code))?),
            Some(_) if codes.is_empty() => Ok(self.districts.one(None)?),
            Some(_) if first_in.is_none() => Ok(&mut self.districts.add(first).replica),
            Some(code) => {
                let store = opened(&beside(&self.path, code)?).await?;
                self.open.push(store.clone());
                Ok(&mut self.districts.add(Replica::new(store, self.system)).replica)
            }
        }
    }

    /// The files of a district: FILE, the one beside it, or both where one is a copy. Closes everything.
    pub(crate) async fn members(&self, code: &str) -> Result<Vec<Member>, Failure> {
        self.close_all().await;
        let mut members = Vec::new();
        for file in [self.path.clone(), beside(&self.path, code)?] {
            if !file.exists() {
                continue;
            }
            let store = opened(&file).await?;
            let replica = Replica::new(store.clone(), self.system);
            let identity = replica.identity().await?;
            // Read first: whatever another program writes from here on is seen when the store is emptied.
            let sequence = store.sequence().await?;
            let status = replica.status().await?;
            store.close().await;
            if identity.is_some_and(|identity| identity.district == code) {
                members.push(Member { file, sequence, status });
            }
        }
        Ok(members)
    }

    /// Empties one of them, if it still stands as it was read and nobody has it open. An empty file is no district; one beside
    /// FILE goes, FILE itself is where the next enrolment goes.
    pub(crate) async fn empty(&self, Member { file, sequence, .. }: Member) -> Result<bool, Failure> {
        let emptied = Sqlite::empty(&file, sequence).await?;
        if emptied && file != self.path {
            std::fs::remove_file(&file).map_err(|error| Failure::file(&file, &error))?;
        }
        Ok(emptied)
    }

    /// Closes the files; the write-ahead logs are folded in.
    pub(crate) async fn close(self) {
        self.close_all().await;
    }

    async fn close_all(&self) {
        for store in &self.open {
            store.close().await;
        }
    }
}

/// A file of a district, as it was read.
pub(crate) struct Member {
    file: PathBuf,
    sequence: u64,
    pub(crate) status: Status,
}

async fn opened(file: &Path) -> Result<Sqlite, Failure> {
    Sqlite::open(file).await.map_err(|error| Failure::from(error).of_file(file))
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

/// The districts that have a file beside FILE, in the order of their codes.
fn further(path: &Path) -> std::io::Result<Vec<String>> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut first = path.file_name().unwrap_or_default().to_owned();
    first.push(INFIX);
    let mut codes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let code = name.as_encoded_bytes().strip_prefix(first.as_encoded_bytes());
        let code = code.and_then(|code| std::str::from_utf8(code).ok()).filter(|code| is_code(code));
        codes.extend(code.map(str::to_owned));
    }
    codes.sort_unstable();
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_has_a_file_beside_the_first_and_nothing_else_is_one() {
        let folder = std::env::temp_dir().join(format!("doorstep-stores-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let first = folder.join("store.sqlite");
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
        assert_eq!(found, ["510302"]);
        assert!(further(&folder.join("gone/store.sqlite")).is_err(), "what cannot be read is said");
        assert!(beside(&first, "../x").is_err() && beside(&first, "").is_err());
    }
}
