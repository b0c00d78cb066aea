//! A server that has just started opens what it will read with, so that the first people to ask do not wait for it: the
//! connections, with the schema read, and the file's pages in the system's memory.
//!
//! Never needed: what was not read here is read when it is asked for.

use std::fs::File;
use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::path::Path;

use futures_util::future::try_join_all;

use super::{READERS, SqliteStore};
use crate::limits;
use crate::store::Kept;

impl SqliteStore {
    /// Opens every connection that reads, and begins to read the file ahead. How many connections that is.
    pub async fn warm(&self) -> Kept<usize> {
        let file = self.options.get_filename().to_owned();
        // Whether it can be read ahead changes nothing, and nobody waits for it: a server that ends does not either.
        drop(std::thread::Builder::new().name("read-ahead".into()).spawn(move || drop(read_ahead(&file))));
        let open = try_join_all((0..READERS).map(|_| self.readers.acquire())).await?;
        let mut opened = 0;
        for mut connection in open {
            // The first statement reads the schema.
            sqlx::query("SELECT 1 FROM listed LIMIT 1").fetch_optional(&mut *connection).await?;
            opened += 1;
        }
        Ok(opened)
    }
}

/// Reads a file up to a limit, and keeps nothing of it. How many bytes that was.
///
/// The file is never closed: a process that closes a file loses all its locks on it, SQLite's too (POSIX, `fcntl`). The
/// next program that looked into the database would take itself for the only one, and delete the log of what was
/// acknowledged.
fn read_ahead(path: &Path) -> io::Result<u64> {
    let mut part = vec![0; limits::READ_AHEAD_PART];
    let file = ManuallyDrop::new(File::open(path)?);
    let mut file = (&*file).take(limits::READ_AHEAD_BYTES);
    let mut read = 0;
    loop {
        match file.read(&mut part)? {
            0 => return Ok(read),
            some => read += some as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether this process holds a lock on the file, as the system sees it.
    fn is_locked(path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let inode = std::fs::metadata(path).expect("a file").ino();
        let locks = std::fs::read_to_string("/proc/locks").expect("the system's locks");
        let held = |line: &str| {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let of = |n: usize| parts.get(n).copied().unwrap_or_default();
            of(4) == std::process::id().to_string() && of(5).ends_with(&format!(":{inode}"))
        };
        locks.lines().any(held)
    }

    #[tokio::test]
    async fn a_warm_store_has_its_connections_open_and_its_file_read() {
        let folder = std::env::temp_dir().join(format!("doorstep-warm-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("doorstep.db");
        let store = SqliteStore::open(&path).await.expect("opens");
        assert_eq!(store.readers.size(), 0, "nobody has asked yet");
        assert_eq!(store.warm().await.expect("reads"), READERS as usize);
        assert_eq!(store.readers.size(), READERS);
        let size = std::fs::metadata(&path).expect("a file").len();
        assert_eq!(read_ahead(&path).expect("reads"), size.min(limits::READ_AHEAD_BYTES));
        assert!(read_ahead(&folder.join("absent")).is_err());
        assert!(is_locked(&path), "whoever opens the file now must see that it is in use");
        store.close().await.expect("closes");
        std::fs::remove_dir_all(&folder).expect("goes");
    }
}
