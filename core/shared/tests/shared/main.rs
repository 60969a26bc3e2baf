//! The laws of shared arrays and locks on ranks that are threads, on layouts of every kind; and the
//! reference data.

mod faulty;

use std::panic::catch_unwind;
use std::time::Duration;

use faulty::{Fault, Faulty};
use jobwise_core::conformance::{Verdict, within};
use jobwise_core::{Cluster, Comm, LocalCluster, Nodes, Solo};
use jobwise_shared::conformance::{arrays, check_reference, check_shared, reference, shared_laws};
use jobwise_shared::{FairLock, SharedArray};

/// By rank, the node.
const LAYOUTS: [&[usize]; 8] = [
    &[0],
    &[0, 0],
    &[0, 1],
    &[0, 0, 0, 0],
    &[0, 0, 1, 1],
    &[0, 0, 0, 1, 1],
    &[0, 1, 0, 1, 2, 2],
    &[0, 1, 1, 2, 1, 3, 4],
];

fn on(nodes: Nodes, law: impl Fn(&dyn Cluster) -> Verdict + Sync) -> Verdict {
    for (rank, verdict) in LocalCluster::run_on(nodes, |comm| law(&comm))
        .into_iter()
        .enumerate()
    {
        verdict.map_err(|_| format!("rank {rank} panicked"))??;
    }
    Ok(())
}

fn laws(cluster: &dyn Cluster) -> Verdict {
    let mut broken = Vec::new();
    check_shared(cluster, |name, verdict| {
        if let Err(how) = verdict {
            broken.push(format!("{name}: {how}"));
        }
    });
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("; "))
    }
}

#[test]
fn every_layout_keeps_the_laws() {
    for layout in LAYOUTS {
        within(Duration::from_mins(2), move || {
            on(Nodes::new(layout), laws).map_err(|how| format!("{layout:?}: {how}"))
        });
    }
    laws(&Solo).unwrap();
}

#[test]
fn arrays_hold_what_the_reference_says() {
    let Some((scenarios, results)) =
        reference("shm_scenarios.json").zip(reference("shm_results.json"))
    else {
        return;
    };
    assert_eq!(scenarios.len(), 48);
    for (scenario, result) in scenarios.into_iter().zip(results) {
        assert_eq!(scenario["name"], result["name"]);
        // "2+1": two ranks on node 0, one on node 1.
        let layout = scenario["layout"].as_str().unwrap();
        let sizes = layout.split('+').map(|size| size.parse::<usize>().unwrap());
        let labels: Vec<usize> = sizes
            .enumerate()
            .flat_map(|(node, size)| vec![node; size])
            .collect();
        assert_eq!(Some(labels.len() as u64), scenario["ranks"].as_u64());
        within(Duration::from_mins(1), move || {
            on(Nodes::new(&labels), |cluster| {
                arrays(cluster, &scenario, &result)
            })
        });
    }
}

#[test]
fn locks_go_round_as_the_reference_says() {
    for labels in [[0; 6], [0, 0, 1, 1, 2, 0]] {
        within(Duration::from_mins(1), move || {
            on(Nodes::new(&labels), |cluster| {
                let mut scenarios = 0;
                let kept = check_reference(cluster, |name, verdict| {
                    scenarios += usize::from(name.starts_with("lock"));
                    if let Err(how) = verdict {
                        eprintln!("{name}: {how}");
                    }
                });
                match scenarios {
                    _ if !kept => Err("otherwise than the reference".to_owned()),
                    0 | 6 => Ok(()),
                    other => Err(format!("{other} scenarios of locks")),
                }
            })
        });
    }
}

#[test]
fn a_rank_that_is_lost_while_an_array_changes_is_noticed_on_every_node() {
    let outcomes = LocalCluster::run_on(Nodes::new(&[0, 0, 1, 1]), |comm| {
        let mut array = SharedArray::<u8>::new(&comm, &[4]).unwrap();
        assert!(comm.rank() != 1, "gone");
        array.set(1, None)
    });
    for rank in [0, 2, 3] {
        assert!(outcomes[rank].as_ref().unwrap().is_err(), "rank {rank}");
    }
}

#[test]
fn a_rank_that_panics_lets_go_of_its_lock() {
    let outcomes = LocalCluster::run_on(Nodes::new(&[0, 1, 0]), |comm| {
        let lock = FairLock::new(&comm).unwrap();
        (&comm as &dyn Comm).barrier().unwrap();
        let _guard = lock.lock().unwrap();
        assert!(comm.rank() != 1, "with the lock");
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
}

/// Locks that stand on words with a fault break a law, or never end.
#[test]
fn locks_on_faulty_words_are_caught() {
    for fault in Fault::ALL {
        let mut laws = shared_laws()
            .into_iter()
            .filter(|(name, _)| name.starts_with("lock"));
        let broken = laws.find(|&(_, law)| {
            let run = move || {
                let verdicts = LocalCluster::run(3, |comm| law(&Faulty(comm, fault)));
                let broken = verdicts.into_iter().find(|v| !matches!(v, Ok(Ok(()))));
                broken.map_or(Ok(()), |how| Err(format!("{how:?}")))
            };
            catch_unwind(|| within(Duration::from_secs(10), run)).is_err()
        });
        assert!(broken.is_some(), "{fault:?} is not noticed");
    }
}
