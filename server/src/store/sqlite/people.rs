//! People, their devices, and the codes by which devices are enrolled.

use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, WorkerId};
use sqlx::{Row, SqliteConnection};

use super::columns::{Columns, each, one};
use crate::store::{DeviceRow, EnrolmentRow, Kept, Person, StoreError};

/// A person.
pub(super) async fn person(connection: &mut SqliteConnection, worker: WorkerId) -> Kept<Option<Person>> {
    let row = sqlx::query("SELECT worker, name, district, unit, role, ended FROM people WHERE worker = ?1")
        .bind(worker.0)
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), read_person)
}

/// These people, by their numbers.
pub(super) async fn persons(connection: &mut SqliteConnection, workers: &[WorkerId]) -> Kept<Vec<Person>> {
    let numbers: Vec<u32> = workers.iter().map(|worker| worker.0).collect();
    let rows = sqlx::query(
        "SELECT worker, name, district, unit, role, ended FROM people
         WHERE worker IN (SELECT value FROM json_each(?1)) ORDER BY worker",
    )
    .bind(serde_json::to_string(&numbers)?)
    .fetch_all(connection)
    .await?;
    each(&rows, read_person)
}

/// The people of a district, by their numbers.
pub(super) async fn of_district(connection: &mut SqliteConnection, district: &str) -> Kept<Vec<Person>> {
    // As one row: lists of the desk ask for all of them, and a row is two switches of thread.
    let row = sqlx::query(
        "SELECT json_group_array(json_array(worker, name, unit, role, ended)) FROM
         (SELECT worker, name, unit, role, ended FROM people WHERE district = ?1 ORDER BY worker)",
    )
    .bind(district)
    .fetch_one(connection)
    .await?;
    let people: Vec<(u32, String, String, String, Option<Millis>)> =
        serde_json::from_str(&row.try_get::<String, _>(0)?)?;
    let person = |(worker, name, unit, role, ended): (u32, String, String, String, Option<Millis>)| {
        let role =
            Role::named(&role).ok_or_else(|| StoreError::Corrupt(format!("there is no role {role:?}")))?;
        Ok(Person { worker: WorkerId(worker), name, district: district.to_owned(), unit, role, ended })
    };
    people.into_iter().map(person).collect()
}

fn read_person(columns: &mut Columns<'_>) -> Kept<Person> {
    Ok(Person {
        worker: columns.worker()?,
        name: columns.take()?,
        district: columns.take()?,
        unit: columns.take()?,
        role: columns.role()?,
        ended: columns.take()?,
    })
}

/// Adds a person under the next number, from 1, unless somebody of that name, unit and role works there already.
pub(super) async fn add(connection: &mut SqliteConnection, person: &Person) -> Kept<WorkerId> {
    let there = sqlx::query(
        "SELECT min(worker) FROM people
         WHERE district = ?1 AND name = ?2 AND unit = ?3 AND role = ?4 AND ended IS NULL",
    )
    .bind(&person.district)
    .bind(&person.name)
    .bind(&person.unit)
    .bind(person.role.name())
    .fetch_one(&mut *connection)
    .await?;
    if let Some(worker) = there.try_get(0)? {
        return Ok(WorkerId(worker));
    }
    let row = sqlx::query(
        "INSERT INTO people (worker, name, district, unit, role, ended)
         VALUES (max((SELECT coalesce(max(worker), 0) + 1 FROM people), ?6), ?1, ?2, ?3, ?4, ?5) RETURNING worker",
    )
    .bind(&person.name)
    .bind(&person.district)
    .bind(&person.unit)
    .bind(person.role.name())
    .bind(person.ended)
    .bind(person.worker.0)
    .fetch_one(connection)
    .await?;
    Ok(WorkerId(row.try_get(0)?))
}

/// A person under the number that they had; one who is there stays as they are.
pub(super) async fn put_back(connection: &mut SqliteConnection, person: &Person) -> Kept<()> {
    sqlx::query(
        "INSERT INTO people (worker, name, district, unit, role, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (worker) DO NOTHING",
    )
    .bind(person.worker.0)
    .bind(&person.name)
    .bind(&person.district)
    .bind(&person.unit)
    .bind(person.role.name())
    .bind(person.ended)
    .execute(connection)
    .await?;
    Ok(())
}

/// A device.
pub(super) async fn device(connection: &mut SqliteConnection, device: DeviceId) -> Kept<Option<DeviceRow>> {
    let row = sqlx::query(
        "SELECT device, prefixes, worker, district, key, enrolled, seen, revoked FROM devices
         WHERE device = ?1",
    )
    .bind(&device.0[..])
    .fetch_optional(connection)
    .await?;
    one(row.as_ref(), device_row)
}

/// The devices of a district.
pub(super) async fn devices(connection: &mut SqliteConnection, district: &str) -> Kept<Vec<DeviceRow>> {
    let rows = sqlx::query(
        "SELECT device, prefixes, worker, district, key, enrolled, seen, revoked FROM devices
         WHERE district = ?1 ORDER BY device",
    )
    .bind(district)
    .fetch_all(connection)
    .await?;
    each(&rows, device_row)
}

fn device_row(columns: &mut Columns<'_>) -> Kept<DeviceRow> {
    Ok(DeviceRow {
        device: columns.device()?,
        prefixes: columns.json()?,
        worker: columns.worker()?,
        district: columns.take()?,
        key: columns.bytes()?,
        enrolled: columns.take()?,
        seen: columns.take()?,
        revoked: columns.take()?,
    })
}

/// A device was there.
pub(super) async fn seen(connection: &mut SqliteConnection, device: DeviceId, at: Millis) -> Kept<()> {
    sqlx::query("UPDATE devices SET seen = ?2 WHERE device = ?1")
        .bind(&device.0[..])
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

/// A device gets another actor prefix.
pub(super) async fn prefix(
    connection: &mut SqliteConnection,
    device: DeviceId,
    prefix: DeviceId,
) -> Kept<()> {
    sqlx::query("UPDATE devices SET prefixes = json_insert(prefixes, '$[#]', ?2) WHERE device = ?1")
        .bind(&device.0[..])
        .bind(prefix.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// A device is shut out, as of the first time that this was said.
pub(super) async fn revoke(connection: &mut SqliteConnection, device: DeviceId, at: Millis) -> Kept<()> {
    sqlx::query("UPDATE devices SET revoked = ?2 WHERE device = ?1 AND revoked IS NULL")
        .bind(&device.0[..])
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

/// A one-time code is made.
pub(super) async fn offer(connection: &mut SqliteConnection, row: &EnrolmentRow) -> Kept<()> {
    sqlx::query("INSERT OR REPLACE INTO enrolments (code, worker, expires, used) VALUES (?1, ?2, ?3, ?4)")
        .bind(&row.code[..])
        .bind(row.worker.0)
        .bind(row.expires)
        .bind(row.used)
        .execute(connection)
        .await?;
    Ok(())
}

/// An enrolment by the hash of its code.
pub(super) async fn enrolment(
    connection: &mut SqliteConnection,
    code: [u8; 32],
) -> Kept<Option<EnrolmentRow>> {
    let row = sqlx::query("SELECT code, worker, expires, used FROM enrolments WHERE code = ?1")
        .bind(&code[..])
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), |columns| {
        Ok(EnrolmentRow {
            code: columns.bytes()?,
            worker: columns.worker()?,
            expires: columns.take()?,
            used: columns.take()?,
        })
    })
}

/// Uses a code and adds the device. False if there is no such code, or it was used.
pub(super) async fn enrol(
    connection: &mut SqliteConnection,
    code: [u8; 32],
    device: &DeviceRow,
) -> Kept<bool> {
    let used = sqlx::query("UPDATE enrolments SET used = ?2 WHERE code = ?1 AND used IS NULL")
        .bind(&code[..])
        .bind(device.enrolled)
        .execute(&mut *connection)
        .await?;
    if used.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT OR REPLACE INTO devices
         (device, prefixes, worker, district, key, enrolled, seen, revoked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(&device.device.0[..])
    .bind(serde_json::to_string(&device.prefixes)?)
    .bind(device.worker.0)
    .bind(&device.district)
    .bind(&device.key[..])
    .bind(device.enrolled)
    .bind(device.seen)
    .bind(device.revoked)
    .execute(connection)
    .await?;
    Ok(true)
}
