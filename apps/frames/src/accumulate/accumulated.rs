use std::cmp::Ordering;
use std::collections::HashMap;

use jobwise_core::{Channel, Comm, Error, Result, Wire};

use super::collector::{Accumulator, Kept};
use super::entry::Origin;
use crate::distributor::Files;

/// What all ranks have found, in groups: every rank knows all metadata, and has the data of which
/// it is the owner.
#[derive(Clone, Debug)]
pub struct Accumulated<M, D> {
    groups: Vec<Group<M>>,
    /// The data of this rank, by group and place in it.
    own: HashMap<(usize, usize), D>,
}

/// What was found of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<M> {
    /// Its name.
    pub name: String,
    /// What there is of it, in its order.
    pub entries: Vec<Entry<M>>,
}

/// One of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<M> {
    /// What is known of it everywhere.
    pub metadata: M,
    /// The rank that has its data.
    pub owner: usize,
}

/// Requests for data go to their owners on this channel, and data back.
const DATA: Channel = Channel::application(0);

/// What ranks tell each other: where something was found, its group and metadata.
type Told<M> = (Origin, String, M);

/// Data by group and place in it, on their way to another rank.
type Parcel<D> = Vec<(usize, usize, D)>;

impl<M: Send + Clone + Wire, D: Send> Accumulator<M, D> {
    /// Brings together what all ranks have found. Groups, and what is in them, have the order of
    /// `files` and of the frames in them, for any number of ranks. Collective.
    ///
    /// # Errors
    /// When a rank is gone.
    pub fn gather(self, comm: &dyn Comm, files: &Files) -> Result<Accumulated<M, D>> {
        let kept = self.take();
        let told = kept
            .iter()
            .map(|(origin, found)| (origin.clone(), found.group.clone(), found.metadata.clone()));
        let all: Vec<Vec<Told<M>>> = comm.all_gather(&told.collect())?;
        Ok(arrange(all, kept, comm.rank(), files))
    }
}

fn arrange<M, D>(
    all: Vec<Vec<Told<M>>>,
    kept: Vec<Kept<M, D>>,
    rank: usize,
    files: &Files,
) -> Accumulated<M, D> {
    let names = files.iter().map(|file| file.as_os_str().as_encoded_bytes());
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    for (place, name) in names.enumerate() {
        places.entry(name).or_insert(place);
    }
    let mut sorted: Vec<_> = (0..)
        .zip(all)
        .flat_map(|(owner, told)| (0..).zip(told).map(move |(at, told)| (owner, at, told)))
        .collect();
    sorted.sort_by_key(|(owner, at, (origin, ..))| {
        let place = places.get(&*origin.file).copied().unwrap_or(usize::MAX);
        (place, origin.clone(), *owner, *at)
    });
    let mut groups: Vec<Group<M>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut mine: Vec<Option<(usize, usize)>> = kept.iter().map(|_| None).collect();
    for (owner, at, (_, name, metadata)) in sorted {
        let group = *known.entry(name).or_insert_with_key(|name| {
            groups.push(Group {
                name: name.clone(),
                entries: Vec::new(),
            });
            groups.len() - 1
        });
        let entries = &mut groups[group].entries;
        if owner == rank {
            let at: usize = at;
            mine[at] = Some((group, entries.len()));
        }
        entries.push(Entry { metadata, owner });
    }
    let data = kept.into_iter().map(|(_, found)| found.data);
    let own = mine.into_iter().flatten().zip(data).collect();
    Accumulated { groups, own }
}

impl<M, D> Accumulated<M, D> {
    /// The groups, in the order of the first frame of each.
    pub fn groups(&self) -> &[Group<M>] {
        &self.groups
    }

    /// The data of an entry, on its owner.
    pub fn data(&self, group: usize, entry: usize) -> Option<&D> {
        self.own.get(&(group, entry))
    }

    /// Sorts each group; equal entries stay as they are. The same on every rank.
    pub fn sort_by(&mut self, mut compare: impl FnMut(&M, &M) -> Ordering) {
        let mut own = HashMap::with_capacity(self.own.len());
        for (at, group) in self.groups.iter_mut().enumerate() {
            let mut entries: Vec<_> = std::mem::take(&mut group.entries)
                .into_iter()
                .enumerate()
                .collect();
            entries.sort_by(|(_, one), (_, other)| compare(&one.metadata, &other.metadata));
            for (now, (before, entry)) in entries.into_iter().enumerate() {
                if let Some(data) = self.own.remove(&(at, before)) {
                    own.insert((at, now), data);
                }
                group.entries.push(entry);
            }
        }
        self.own = own;
    }

    /// The data of entries, wherever they are, by (group, entry). Collective; every rank asks for
    /// what it wants.
    ///
    /// # Errors
    /// When a rank is gone, or there is no such entry.
    pub fn fetch(&self, comm: &dyn Comm, wanted: &[(usize, usize)]) -> Result<Vec<D>>
    where
        D: Wire + Clone,
    {
        let mut requests = vec![Vec::new(); comm.size()];
        let found = wanted.iter().try_for_each(|&(group, entry)| {
            let found = self
                .groups
                .get(group)
                .and_then(|group| group.entries.get(entry));
            let found = found.ok_or_else(|| {
                Error::Program(format!("there is no entry {entry} of group {group}").into())
            })?;
            requests[found.owner].push((group, entry));
            Ok(())
        });
        comm.agree(found)?;
        let asked = exchange(comm, requests.iter().map(Wire::to_bytes))?;
        let answers = asked.iter().map(|asked| {
            let asked: Vec<(usize, usize)> = Vec::from_bytes(asked)?;
            let own = asked
                .into_iter()
                .filter_map(|place| Some((place.0, place.1, self.own.get(&place)?.clone())));
            Ok(own.collect::<Parcel<D>>().to_bytes())
        });
        let answers = answers.collect::<Result<Vec<_>>>()?;
        let mut got = HashMap::new();
        for answer in exchange(comm, answers.into_iter())? {
            for (group, entry, data) in Parcel::<D>::from_bytes(&answer)? {
                got.insert((group, entry), data);
            }
        }
        let lost =
            |place| Error::Program(format!("the owner of entry {place:?} does not have it").into());
        let each = wanted
            .iter()
            .map(|place| got.get(place).cloned().ok_or_else(|| lost(place)));
        comm.agree(each.collect())
    }

    /// Runs `root` on rank 0, which may ask for the data of any entry, one at a time, wherever they
    /// are; the other ranks send what it asks for. Returns what `root` does, on rank 0. Collective.
    ///
    /// # Errors
    /// When a rank is gone, and, on every rank, when `root` fails.
    ///
    /// # Panics
    /// When `root` asks for an entry that is not there.
    pub fn at_root<T>(
        &self,
        comm: &dyn Comm,
        root: impl FnOnce(&mut dyn FnMut(usize, usize) -> Result<D>) -> Result<T>,
    ) -> Result<Option<T>>
    where
        D: Wire + Clone,
    {
        let lost = || Error::Program("the owner of an entry does not have it".into());
        let own = |place: &(usize, usize)| self.own.get(place).cloned().ok_or_else(lost);
        if comm.rank() > 0 {
            loop {
                let (_, request) = comm.receive(Some(0), DATA)?;
                let Some(place) = Option::<(usize, usize)>::from_bytes(&request)? else {
                    return comm.agree(Ok(None));
                };
                let answer = own(&place)
                    .ok()
                    .map_or_else(Vec::new, |data| data.to_bytes());
                comm.send(0, DATA, &answer)?;
            }
        }
        let outcome = root(&mut |group, entry| {
            let owner = self.groups[group].entries[entry].owner;
            if owner == 0 {
                return own(&(group, entry));
            }
            comm.send(owner, DATA, &Some((group, entry)).to_bytes())?;
            let (_, answer) = comm.receive(Some(owner), DATA)?;
            D::from_bytes(&answer).map_err(|_| lost())
        });
        let end = Option::<(usize, usize)>::None.to_bytes();
        let told = (1..comm.size()).try_for_each(|rank| comm.send(rank, DATA, &end));
        comm.agree(outcome.and_then(|done| told.map(|()| Some(done))))
    }

    /// Gives every entry the owner that `owner` says, by (group, entry), and sends the data there.
    /// Collective; the same function on all ranks.
    ///
    /// # Errors
    /// When a rank is gone, or an owner is none of the ranks.
    pub fn redistribute(
        mut self,
        comm: &dyn Comm,
        owner: impl Fn(usize, usize) -> usize,
    ) -> Result<Self>
    where
        D: Wire,
    {
        let mut parcels: Vec<Parcel<D>> = (0..comm.size()).map(|_| Vec::new()).collect();
        for (group, entries) in self.groups.iter_mut().enumerate() {
            for (entry, told) in entries.entries.iter_mut().enumerate() {
                told.owner = owner(group, entry);
                if told.owner >= comm.size() {
                    let problem = format!(
                        "rank {} is to have an entry, and there are {} ranks",
                        told.owner,
                        comm.size()
                    );
                    return Err(Error::Program(problem.into()));
                }
                if let Some(data) = self.own.remove(&(group, entry)) {
                    parcels[told.owner].push((group, entry, data));
                }
            }
        }
        let sent = parcels.iter().map(Wire::to_bytes);
        for bytes in exchange(comm, sent)? {
            for (group, entry, data) in Parcel::<D>::from_bytes(&bytes)? {
                self.own.insert((group, entry), data);
            }
        }
        Ok(self)
    }
}

/// Sends each rank its message; returns those that the ranks sent here, by rank.
fn exchange(comm: &dyn Comm, messages: impl Iterator<Item = Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    let mut own = Vec::new();
    for (rank, message) in messages.enumerate() {
        if rank == comm.rank() {
            own = message;
        } else {
            comm.send(rank, DATA, &message)?;
        }
    }
    let mut receive = |rank| match rank {
        _ if rank == comm.rank() => Ok(std::mem::take(&mut own)),
        _ => comm.receive(Some(rank), DATA).map(|(_, message)| message),
    };
    (0..comm.size()).map(&mut receive).collect()
}
