//! The districts of one device. A document belongs to one district for ever, so each district has a replica of its own: its
//! own identity, line, feed and cursor, at a centre of its own if need be.
//!
//! Owns which of them is meant. Never lets one see what another holds.

use doorstep_protocol::DocumentId;

use crate::explain::{AS_IT_WAS, Explain};
use crate::replica::Replica;
use crate::source::Source;
use crate::store::{Store, StoreError};

/// The replicas of a device.
#[derive(Debug)]
pub struct Districts<S, R> {
    /// Each enrolled; or the only one there is, before it is.
    all: Vec<Member<S, R>>,
}

/// One district of a device.
#[derive(Debug)]
pub struct Member<S, R> {
    /// Its code; `None` before enrolment.
    pub district: Option<String>,
    /// What the device holds of it.
    pub replica: Replica<S, R>,
}

/// Why it is not clear which district is meant. Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum WhichDistrict {
    /// There are several, and none was named.
    #[error("this device is enrolled in several districts: {}", .0.join(", "))]
    Needed(Vec<String>),
    /// The one that was named is not among them.
    #[error("this device is not enrolled in district {0}")]
    Absent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for WhichDistrict {
    fn code(&self) -> &str {
        match self {
            WhichDistrict::Needed(_) => "district.needed",
            WhichDistrict::Absent(_) => "district.absent",
            WhichDistrict::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        AS_IT_WAS
    }

    fn next(&self) -> &str {
        match self {
            WhichDistrict::Needed(_) => "Say which one: --district CODE.",
            WhichDistrict::Absent(_) => {
                "Check the code; or enrol there first: enrol URL CODE --district CODE."
            }
            WhichDistrict::Store(error) => error.next(),
        }
    }
}

impl<S: Store, R: Source> Districts<S, R> {
    /// The replicas of a device, its first one first. One that never came to be enrolled is left out where there are
    /// others, and so is a copy of one that is there.
    pub async fn of(replicas: Vec<Replica<S, R>>) -> Result<Self, StoreError> {
        let (mut all, mut bare) = (Vec::<Member<S, R>>::new(), None);
        for replica in replicas {
            let district = replica.identity().await?.map(|identity| identity.district);
            let member = Member { district, replica };
            if member.district.is_none() {
                bare = bare.or(Some(member));
            } else if all.iter().all(|known| known.district != member.district) {
                all.push(member);
            }
        }
        if all.is_empty() {
            all.extend(bare);
        }
        Ok(Districts { all })
    }

    /// Another one, before it is enrolled.
    pub fn add(&mut self, replica: Replica<S, R>) -> &mut Member<S, R> {
        self.all.push(Member { district: None, replica });
        self.all.last_mut().expect("it was just added")
    }

    /// Whether one has to be named: there are several and none was.
    pub fn must_name(&self, named: Option<&str>) -> Result<(), WhichDistrict> {
        if named.is_none() && self.are_several() { Err(WhichDistrict::Needed(self.codes())) } else { Ok(()) }
    }

    /// Codes of those that are enrolled.
    pub fn codes(&self) -> Vec<String> {
        self.all.iter().filter_map(|member| member.district.clone()).collect()
    }

    /// Whether there is more than one to tell apart.
    pub fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// Every one, or the one that is named.
    pub fn all(&mut self, named: Option<&str>) -> Result<Vec<&mut Member<S, R>>, WhichDistrict> {
        match named {
            Some(_) => Ok(vec![self.member(named)?]),
            None => Ok(self.all.iter_mut().collect()),
        }
    }

    /// The one that is named, or the only one: for what is new.
    pub fn one(&mut self, named: Option<&str>) -> Result<&mut Replica<S, R>, WhichDistrict> {
        self.member(named).map(|member| &mut member.replica)
    }

    /// The one that holds a document; where none does, the first, which says so.
    pub async fn holding(
        &mut self,
        document: DocumentId,
        named: Option<&str>,
    ) -> Result<&mut Replica<S, R>, WhichDistrict> {
        if named.is_some() || !self.are_several() {
            return self.one(named);
        }
        let mut holder = 0;
        for (n, member) in self.all.iter().enumerate() {
            if member.replica.store().load(document).await?.is_some() {
                holder = n;
                break;
            }
        }
        Ok(&mut self.all[holder].replica)
    }

    fn member(&mut self, named: Option<&str>) -> Result<&mut Member<S, R>, WhichDistrict> {
        self.must_name(named)?;
        match named {
            None => Ok(&mut self.all[0]),
            Some(code) => {
                let found = self.all.iter_mut().find(|member| member.district.as_deref() == Some(code));
                found.ok_or_else(|| WhichDistrict::Absent(code.to_owned()))
            }
        }
    }
}
