//! How many messages ranks have that read, compute and map frames: those of their own frames, some
//! for each rank of the other kind, and as many as all collective calls have.

use std::path::{Path, PathBuf};

use jobwise_core::conformance::counting::Counting;
use jobwise_core::{Across, Cause, IndexSet, LocalCluster, Nodes, Sink};
use jobwise_frames::distributor::{Block, Distribution, Files, Key, Worker, distribute};
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::output::Writer;
use jobwise_serial::Serial;

/// Counts the frames that it gets.
struct Counted {
    data: usize,
    metadata: usize,
}

impl Worker for Counted {
    type Output = ();

    fn metadata(&mut self, _: Key, _: Frame) -> Result<(), Cause> {
        self.metadata += 1;
        Ok(())
    }

    fn data(&mut self, _: Key, _: Frame) -> Result<(), Cause> {
        self.data += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

struct Nothing;

impl Sink<()> for Nothing {
    fn done(&mut self, _: std::ops::Range<usize>) -> Result<IndexSet, Cause> {
        Ok(IndexSet::new())
    }

    fn write(&mut self, _: usize, (): ()) -> Result<(), Cause> {
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        Ok(())
    }
}

/// A file with an Observation and so many Scans.
fn file(path: &Path, scans: usize) -> PathBuf {
    let mut writer = Writer::create(path).unwrap();
    writer.write(&Frame::new(FrameType::OBSERVATION)).unwrap();
    for number in 0..scans {
        let mut frame = Frame::new(FrameType::SCAN);
        frame.put("n", number as i64);
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    path.into()
}

#[test]
fn messages_follow_from_frames_and_ranks() {
    const SCANS: usize = 48;
    let directory = tempfile::tempdir().unwrap();
    let parts = (0..8).map(|part| file(&directory.path().join(format!("{part}.g3")), SCANS));
    let distribution = Distribution::new(Files::new(vec![Block::Parallel(parts.collect())]));
    for ranks in [8, 64, 192] {
        let nodes: Vec<usize> = (0..ranks).map(|rank| rank / 8).collect();
        let counted = LocalCluster::run_on(Nodes::new(&nodes), |comm| {
            let comm = Counting::new(comm);
            let counts = comm.counts();
            let backend = Across::new(comm, Serial::new());
            let make = |_| {
                Ok(Counted {
                    data: 0,
                    metadata: 0,
                })
            };
            let made = distribute(&backend, &distribution, None, make, &mut Nothing).unwrap();
            let frames: usize = made.workers.iter().map(|w| w.data + w.metadata).sum();
            assert_eq!(made.report.done, 8 * SCANS);
            (made.readers, frames, counts.get().messages as usize)
        });
        let counted: Vec<_> = counted.into_iter().map(Result::unwrap).collect();
        let readers = counted[0].0;
        let together = 40 * (ranks.ilog2() as usize + 1);
        for (rank, &(_, frames, messages)) in counted.iter().enumerate() {
            // A reader has its files, and tells each worker.
            let most = if rank < readers {
                3 * (8 * SCANS).div_ceil(readers) + 8 * (ranks - readers)
            } else {
                3 * frames + 8 * readers
            };
            assert!(
                messages <= most + together,
                "rank {rank} of {ranks}, {readers} read: {messages} messages, {frames} frames"
            );
        }
    }
}
