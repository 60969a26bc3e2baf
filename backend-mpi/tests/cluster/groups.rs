use jobwise_core::{Channel, Cluster, Comm};

use crate::{regions, words};

/// Halves of the world, and rows and columns of a grid, with their orders turned round: regions,
/// words and messages are their own.
pub(crate) fn have_their_own_of_everything(comm: &dyn Cluster) {
    let (rank, size) = (comm.rank(), comm.size());
    let across = (1..=size)
        .filter(|n| n * n <= size && size.is_multiple_of(*n))
        .max();
    let across = across.expect("1 at least");
    for (colour, key) in [
        (rank * 2 / size, 0),
        (rank % across, usize::MAX - rank),
        (rank / across + (1 << 40), size - rank),
        (rank, 0),
        (7, 7),
    ] {
        let part = comm.split(colour, key).expect("a part");
        check(comm, &*part);
        let inner = part.split(part.rank() % 2, 0).expect("a part of a part");
        check(&*part, &*inner);
        words::are_atomic(&*inner, 1000);
        regions::are_one_copy_per_node(&*inner);
        regions::tell_failures_to_the_node(&*part);
        words::are_atomic(&*part, 1000);
    }
}

/// A part knows the nodes of its ranks, and its messages do not meet those of the whole.
fn check(whole: &dyn Cluster, part: &dyn Cluster) {
    let all: &dyn Comm = part;
    let next = (part.rank() + 1) % part.size();
    let last = (part.rank() + part.size() - 1) % part.size();
    // What is sent to oneself in the whole first is taken there last.
    whole
        .send(whole.rank(), Channel::OUTPUT, b"whole")
        .expect("it is sent");
    part.send(next, Channel::OUTPUT, b"part")
        .expect("it is sent");
    let (from, text) = all.receive(None, Channel::OUTPUT).expect("a message");
    assert_eq!((from, &*text), (last, &b"part"[..]));
    let whole_comm: &dyn Comm = whole;
    let (_, text) = whole_comm
        .receive(None, Channel::OUTPUT)
        .expect("a message");
    assert_eq!(text, b"whole");

    let mine = (whole.rank() as u64).to_le_bytes();
    let mut members = all
        .gather(0, &mine)
        .expect("a gathering")
        .map_or(Vec::new(), |m| m.concat());
    all.broadcast(0, &mut members).expect("a broadcast");
    let members: Vec<usize> = members
        .chunks_exact(8)
        .map(|rank| {
            rank.iter()
                .rev()
                .fold(0, |sum, &byte| sum * 256 + usize::from(byte))
        })
        .collect();
    assert_eq!(members[part.rank()], whole.rank());
    assert_eq!(part.nodes(), &whole.nodes().among(&members));
}

/// Communicators are scarce: those of parts are given back.
pub(crate) fn come_and_go(comm: &dyn Cluster, rounds: usize) {
    for round in 0..rounds {
        let part = comm
            .split((comm.rank() + round) % 2, 0)
            .expect("a part again");
        if round % 100 == 0 {
            words::come_and_go(&*part, 3);
        }
        assert!(part.size() <= comm.size());
    }
}
