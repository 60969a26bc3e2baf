use jobwise_core::{Cluster, Comm, Error, Region};
use jobwise_mpi::MpiComm;

/// Every rank in turn writes, on its node; whoever is on the node sees it, and nobody else.
pub(crate) fn are_one_copy_per_node(comm: &dyn Cluster) {
    let node = comm.nodes().of(comm.rank());
    let members = comm.nodes().members(node);
    for bytes in [0, 1, 64, 4095, 4096, 100_000] {
        let mut region = comm.region(bytes).expect("a small region");
        assert!(region.bytes().len() == bytes && region.bytes().iter().all(|&b| b == 0));
        assert_eq!(region.bytes().as_ptr().align_offset(64), 0);
        for round in 0..20 {
            let writer = members[round % members.len()];
            let value = |at: usize| (at * 7 + round * 31 + writer + node * 3) as u8;
            let mut write = |bytes: &mut [u8]| {
                for (at, byte) in bytes.iter_mut().enumerate() {
                    *byte = value(at);
                }
                Ok(())
            };
            let mine = writer == comm.rank();
            region
                .update(mine.then_some(&mut write))
                .expect("an update");
            for (at, &byte) in region.bytes().iter().enumerate() {
                assert_eq!(byte, value(at), "byte {at} in round {round}");
            }
        }
    }
}

pub(crate) fn tell_failures_to_the_node(comm: &dyn Cluster) {
    let members = comm.nodes().members(comm.nodes().of(comm.rank()));
    let last = members[members.len() - 1];
    let mut region = comm.region(8).expect("a small region");
    let mut failing = |_: &mut [u8]| Err(Error::Malformed("no".into()));
    let mine = comm.rank() == last;
    match region.update(mine.then_some(&mut failing)) {
        Err(Error::Malformed(_)) if mine => {}
        Err(Error::Peer { rank, cause }) if !mine => {
            assert_eq!((rank, &*cause), (last, "malformed message: no"));
        }
        other => panic!("rank {}: {other:?}", comm.rank()),
    }
    if members.len() > 1 {
        let crowd = region.update(Some(&mut |_: &mut [u8]| Ok(())));
        let error = crowd.expect_err("one writes").to_string();
        assert!(error.contains("ranks of a node write at once"), "{error}");
    }
    region.update(None).expect("nobody writes");
    let mut seven = |bytes: &mut [u8]| {
        bytes[7] = 7;
        Ok(())
    };
    region
        .update(mine.then_some(&mut seven))
        .expect("an update");
    assert_eq!(region.bytes(), [0, 0, 0, 0, 0, 0, 0, 7]);
}

pub(crate) fn are_refused_on_every_rank(comm: &dyn Cluster) {
    for bytes in [usize::MAX, isize::MAX as usize - 5000, 1 << 48] {
        let error = comm.region(bytes).err().expect("too large").to_string();
        assert!(error.contains(&bytes.to_string()), "{error}");
        assert!(bytes != 1 << 48 || error.contains("available"), "{error}");
    }
    assert_eq!(comm.region(3).expect("a small region").bytes(), [0; 3]);
}

/// Open files of this process.
fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux").count()
}

/// Thousands at once cost no file and no communicator, and all are freed, in whatever order each
/// rank likes.
pub(crate) fn are_many(comm: &dyn Cluster, many: usize) {
    let node = comm.nodes().of(comm.rank()) as u8;
    let writes = comm.nodes().leader(usize::from(node)) == comm.rank();
    let before = files();
    for many in [many, many.min(100)] {
        let mut regions: Vec<Box<dyn Region + '_>> = Vec::new();
        for number in 0..many {
            let mut region = comm.region(40).expect("one of many regions");
            let mut write = |bytes: &mut [u8]| {
                bytes.fill(number as u8 ^ node);
                Ok(())
            };
            region
                .update(writes.then_some(&mut write))
                .expect("an update");
            regions.push(region);
        }
        assert!(
            files() <= before + 2,
            "{} open files, {before} before",
            files()
        );
        for (number, region) in regions.iter().enumerate() {
            assert_eq!(region.bytes(), [number as u8 ^ node; 40]);
        }
        if comm.rank() % 2 == 1 {
            regions.reverse();
        }
    }
}

/// Every byte of 2^31 + 9 is written and counted.
pub(crate) fn are_large(comm: &MpiComm) {
    let bytes = (1usize << 31) + 9;
    let mut region = comm.region(bytes).expect("2 GiB for each node");
    let leader = comm.nodes().leader(comm.nodes().of(comm.rank()));
    let mut ones = |bytes: &mut [u8]| {
        bytes.fill(1);
        Ok(())
    };
    let mine = comm.rank() == leader;
    region.update(mine.then_some(&mut ones)).expect("an update");
    let ones: usize = region.bytes().iter().map(|&byte| usize::from(byte)).sum();
    assert_eq!(ones, bytes);
}
