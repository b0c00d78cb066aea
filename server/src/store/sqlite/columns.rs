//! Rows of SQLite into rows of the store, column by column in the order of the SELECT, and the forms of ids
//! and numbers in SQL.

use data_encoding::HEXLOWER;
use doorstep_protocol::documents::{Facts, Kind, Role};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};
use uuid::Uuid;

use crate::store::rows::AnnouncedRow;
use crate::store::{CaseRow, ChangeRow, CheckoutRow, Kept, QuarantineRow, StoreError};

/// Reads the columns of one row from left to right.
pub(super) struct Columns<'row> {
    row: &'row SqliteRow,
    next: usize,
}

impl<'row> Columns<'row> {
    pub(super) fn of(row: &'row SqliteRow) -> Self {
        Columns { row, next: 0 }
    }

    /// The next column.
    pub(super) fn take<T: Decode<'row, Sqlite> + Type<Sqlite>>(&mut self) -> Kept<T> {
        let value = self.row.try_get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// A blob of a fixed length.
    pub(super) fn bytes<const N: usize>(&mut self) -> Kept<[u8; N]> {
        let bytes: &[u8] = self.take()?;
        let wrong = |_| StoreError::Corrupt(format!("a blob of {} bytes where {N} belong", bytes.len()));
        bytes.try_into().map_err(wrong)
    }

    /// A digest that may be missing.
    pub(super) fn digest(&mut self) -> Kept<Option<[u8; 32]>> {
        let bytes: Option<&[u8]> = self.take()?;
        let wrong = |_| StoreError::Corrupt("a digest that has not 32 bytes".into());
        bytes.map(|bytes| bytes.try_into().map_err(wrong)).transpose()
    }

    pub(super) fn document(&mut self) -> Kept<DocumentId> {
        self.bytes().map(|bytes| DocumentId(Uuid::from_bytes(bytes)))
    }

    /// Hexadecimal ids, joined by commas.
    pub(super) fn documents(&mut self) -> Kept<Vec<DocumentId>> {
        let text: &str = self.take()?;
        let wrong = |_| StoreError::Corrupt(format!("{} bytes that are no ids", text.len()));
        text.split(',').map(|id| Uuid::try_parse(id).map(DocumentId).map_err(wrong)).collect()
    }

    pub(super) fn device(&mut self) -> Kept<DeviceId> {
        self.bytes().map(DeviceId)
    }

    pub(super) fn hash(&mut self) -> Kept<Hash> {
        self.bytes().map(Hash)
    }

    pub(super) fn worker(&mut self) -> Kept<WorkerId> {
        let number: i64 = self.take()?;
        let wrong = |_| StoreError::Corrupt(format!("{number} is no worker's number"));
        u32::try_from(number).map(WorkerId).map_err(wrong)
    }

    /// A number of 64 bits without a sign, whose bits SQLite holds as one with a sign.
    pub(super) fn unsigned(&mut self) -> Kept<u64> {
        self.take::<i64>().map(|number| number as u64)
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Kept<T> {
        Ok(serde_json::from_str(self.take()?)?)
    }

    pub(super) fn role(&mut self) -> Kept<Role> {
        let name: &str = self.take()?;
        Role::named(name).ok_or_else(|| StoreError::Corrupt(format!("there is no role {name:?}")))
    }

    /// `body, version, seq`.
    pub(super) fn case(&mut self) -> Kept<CaseRow> {
        let mut row: CaseRow = self.json()?;
        row.version = self.unsigned()?;
        row.seq = self.unsigned()?;
        Ok(row)
    }

    /// `hash, bytes, worker, device, made, received, seq`.
    pub(super) fn change(&mut self) -> Kept<ChangeRow> {
        let (hash, bytes) = (self.hash()?, self.take()?);
        let facts = Facts {
            worker: self.worker()?,
            device: self.device()?,
            made: self.take()?,
            received: self.take()?,
            receipt: doorstep_protocol::Receipt::default(),
        };
        Ok(ChangeRow { hash, bytes, facts, seq: self.unsigned()? })
    }

    /// `device, worker, document, hash, at`.
    pub(super) fn announced(&mut self) -> Kept<AnnouncedRow> {
        Ok(AnnouncedRow {
            device: self.device()?,
            worker: self.worker()?,
            document: self.document()?,
            hash: self.hash()?,
            at: self.take()?,
        })
    }

    /// `id, device, worker, document, session, until, ended`.
    pub(super) fn checkout(&mut self) -> Kept<CheckoutRow> {
        Ok(CheckoutRow {
            id: self.bytes()?,
            device: self.device()?,
            worker: self.worker()?,
            document: self.document()?,
            session: self.unsigned()?,
            until: self.take()?,
            ended: self.take()?,
        })
    }

    /// `id, district, device, worker, document, hash, code, message, bytes, at`.
    pub(super) fn quarantined(&mut self) -> Kept<QuarantineRow> {
        Ok(QuarantineRow {
            id: self.take()?,
            district: self.take()?,
            device: self.device()?,
            worker: self.worker()?,
            document: self.document()?,
            hash: self.hash()?,
            code: self.take()?,
            message: self.take()?,
            bytes: self.take()?,
            at: self.take()?,
        })
    }
}

/// Every row, read by the same function.
pub(super) fn each<'row, T>(
    rows: &'row [SqliteRow],
    read: impl Fn(&mut Columns<'row>) -> Kept<T>,
) -> Kept<Vec<T>> {
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

/// The row that may be there.
pub(super) fn one<'row, T>(
    row: Option<&'row SqliteRow>,
    read: impl Fn(&mut Columns<'row>) -> Kept<T>,
) -> Kept<Option<T>> {
    row.map(|row| read(&mut Columns::of(row))).transpose()
}

/// A document's id as SQL has it.
pub(super) fn id(document: &DocumentId) -> &[u8] {
    document.0.as_bytes()
}

/// Documents as a JSON array of hexadecimal ids, for `IN (SELECT unhex(value) FROM json_each(?))`:
/// one statement text for any number of them.
pub(super) fn ids<'a>(documents: impl IntoIterator<Item = &'a DocumentId>) -> String {
    let ids: Vec<String> = documents.into_iter().map(|document| document.0.simple().to_string()).collect();
    serde_json::Value::from(ids).to_string()
}

/// Devices, as [`ids`].
pub(super) fn device_ids<'a>(devices: impl IntoIterator<Item = &'a DeviceId>) -> String {
    let ids: Vec<String> = devices.into_iter().map(|device| HEXLOWER.encode(&device.0)).collect();
    serde_json::Value::from(ids).to_string()
}

/// A number that is compared in SQL: what is beyond SQLite's range is as far as its range goes.
pub(super) fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A kind as SQL has it.
pub(super) fn kind(kind: Kind) -> &'static str {
    kind.name()
}
