use super::step;
use crate::FairLock;
use crate::conformance::{text, together};
use jobwise_core::conformance::{Verdict, ensure};
use jobwise_core::{Channel, Cluster, Comm, Result};

/// What else is sent while ranks take turns.
const CHANNELS: [Channel; 4] = [
    Channel::OUTPUT,
    Channel::ARRAY,
    Channel::LOCK,
    Channel::application(0),
];

/// Three locks at once, while the ranks send each other messages on other channels.
pub(in crate::conformance) fn traffic(cluster: &dyn Cluster) -> Verdict {
    let locks: Vec<_> = (0..3)
        .map(|_| FairLock::new(cluster))
        .collect::<Result<_>>()
        .map_err(text)?;
    let words = cluster.words(3).map_err(text)?;
    let (rank, size) = (cluster.rank(), cluster.size());
    let rounds = 200u32;
    let mine = (0..rounds).try_for_each(|round| {
        let which = (round as usize + rank) % 3;
        if size > 1 {
            cluster
                .send(
                    (rank + 1) % size,
                    CHANNELS[round as usize % CHANNELS.len()],
                    &round.to_le_bytes(),
                )
                .map_err(text)?;
        }
        let outer = locks[which].lock().map_err(text)?;
        step(&*words, which)?;
        if which < 2 {
            // In the order of the locks, so that nobody waits in a circle.
            let inner = locks[which + 1].lock().map_err(text)?;
            step(&*words, which + 1)?;
            inner.unlock().map_err(text)?;
        }
        outer.unlock().map_err(text)
    });
    if size > 1 {
        // Nobody took a message for a turn, and no turn came as a message.
        for round in 0..rounds {
            let channel = CHANNELS[round as usize % CHANNELS.len()];
            let (_, bytes) = (cluster as &dyn Comm)
                .receive(Some((rank + size - 1) % size), channel)
                .map_err(text)?;
            ensure(bytes == round.to_le_bytes(), || {
                format!("{bytes:?} in round {round}")
            })?;
        }
    }
    together(cluster, mine)?;
    let all = (0..3)
        .map(|at| words.load(at))
        .sum::<Result<u64>>()
        .map_err(text)?;
    let expected: u64 = (0..size)
        .flat_map(|rank| {
            (0..rounds as usize).map(move |round| if (round + rank) % 3 < 2 { 2 } else { 1 })
        })
        .sum();
    ensure(all == expected, || format!("{all} steps, not {expected}"))
}
