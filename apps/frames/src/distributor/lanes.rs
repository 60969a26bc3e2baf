use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jobwise_core::{Cause, CpuKernel, IndexSet, Signature, Sink};

use super::message::DataFrame;
use super::store::{MetadataStore, Own};
use super::{Files, Key, Worker};
use crate::frame::{Digest, Frame, FrameType};

/// The workers of a rank, one for each lane.
pub(super) struct Lanes<'d, W> {
    files: &'d Files,
    store: &'d MetadataStore,
    all: Vec<Mutex<Lane<W>>>,
    /// Workers that no lane has taken.
    free: Mutex<Vec<usize>>,
}

struct Lane<W> {
    worker: W,
    /// How many of the common metadata it has seen.
    seen: u64,
    /// The last of each type that it has seen of those that readers have of their own.
    last: HashMap<FrameType, Digest>,
}

impl<'d, W: Worker> Lanes<'d, W> {
    /// More metadata than this are given to lanes that have no data.
    const MOST_KEPT: usize = 64;

    pub(super) fn new(files: &'d Files, store: &'d MetadataStore, workers: Vec<W>) -> Self {
        let lane = |worker| {
            Mutex::new(Lane {
                worker,
                seen: 0,
                last: HashMap::new(),
            })
        };
        Lanes {
            files,
            store,
            free: Mutex::new((0..workers.len()).rev().collect()),
            all: workers.into_iter().map(lane).collect(),
        }
    }

    /// Gives all lanes the metadata that have waited for long, once their frame is computed.
    pub(super) fn catch_up(&self) -> Result<(), Cause> {
        if self.store.kept() > Self::MOST_KEPT {
            self.show_all()?;
        }
        Ok(())
    }

    fn show_all(&self) -> Result<(), Cause> {
        let visible = self.store.visible();
        for lane in &self.all {
            locked(lane).show(self.store, visible)?;
        }
        self.store.forget(visible);
        Ok(())
    }

    /// All frames were computed.
    pub(super) fn end(&self) -> Result<(), Cause> {
        self.show_all()?;
        let mut lanes = self.all.iter();
        lanes.try_for_each(|lane| locked(lane).worker.end())
    }

    pub(super) fn into_workers(self) -> Vec<W> {
        let lanes = self.all.into_iter();
        let unlocked = lanes.map(|lane| lane.into_inner().unwrap_or_else(PoisonError::into_inner));
        unlocked.map(|lane| lane.worker).collect()
    }

    /// A data frame, behind the metadata that go in front of it.
    fn data(&self, index: usize, frame: DataFrame, lane: &mut Lane<W>) -> Result<W::Output, Cause> {
        let context = self.store.take_context(index).unwrap_or_default();
        lane.show(self.store, context.sequence)?;
        for Own {
            digest,
            index,
            frame,
        } in &*context.set
        {
            if lane.last.insert(frame.kind(), *digest) != Some(*digest) {
                lane.worker
                    .metadata(Key::from_index(*index), frame.clone())?;
            }
        }
        let key = Key::from_index(index);
        lane.worker.data(key, self.frame(key, frame)?)
    }
}

impl<W> Lanes<'_, W> {
    /// The frame itself, with its place.
    fn frame(&self, key: Key, frame: DataFrame) -> Result<Frame, Cause> {
        let place = |offset| key.place(self.files, offset);
        match frame {
            DataFrame::Whole(mut frame) | DataFrame::Standing(mut frame) => {
                let offset = frame.place().map_or(0, |place| place.offset);
                if let Some(place) = place(offset) {
                    frame.set_place(place);
                }
                Ok(frame)
            }
            DataFrame::Stretch(stretch) => {
                let place = place(stretch.offset).ok_or("a frame of no file")?;
                stretch.read(place)
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Worker> Lane<W> {
    /// Shows its worker the common metadata up to this number.
    fn show(&mut self, store: &MetadataStore, to: u64) -> Result<(), Cause> {
        for (index, frame) in store.between(self.seen.min(to), to) {
            self.worker.metadata(Key::from_index(index), frame)?;
        }
        self.seen = self.seen.max(to);
        Ok(())
    }
}

impl<W: Worker> Signature for Lanes<'_, W> {
    type Item<'t>
        = DataFrame
    where
        Self: 't;
    /// An error is raised where the output is taken: with the place of its frame it says more than
    /// with the number of the item.
    type Output = Result<W::Output, Cause>;
}

impl<W: Worker> CpuKernel for Lanes<'_, W> {
    type Scratch = usize;

    fn scratch(&self) -> Result<usize, Cause> {
        let free = locked(&self.free).pop();
        free.ok_or_else(|| "the worker of this lane has panicked".into())
    }

    fn compute(
        &self,
        index: usize,
        item: DataFrame,
        lane: &mut usize,
    ) -> Result<Result<W::Output, Cause>, Cause> {
        Ok(self.data(index, item, &mut locked(&self.all[*lane])))
    }
}

/// Gives the outputs of workers to a sink, and raises their errors.
pub(super) struct Outputs<'s, O>(pub(super) &'s mut dyn Sink<O>);

impl<O> Sink<Result<O, Cause>> for Outputs<'_, O> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        self.0.done(within)
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        self.0.limit()
    }

    fn write(&mut self, index: usize, output: Result<O, Cause>) -> Result<(), Cause> {
        self.0.write(index, output?)
    }

    fn failed(&mut self, index: usize) -> Result<(), Cause> {
        self.0.failed(index)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.0.commit(fresh)
    }
}
