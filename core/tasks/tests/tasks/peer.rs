//! The Python program that the format comes from: both go on with each other's directory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jobwise_core::Solo;
use jobwise_tasks::{Ignore, Options, State, TaskPool};
use jobwise_testing::Python;

use super::directory::contents;
use super::model::Model;
use super::names;

/// The states after `turn`s of the same kind by the model, and the tasks it took. Every fourth task
/// is left running.
fn modelled(model: &mut Model, count: usize) -> Vec<usize> {
    let mut taken = Vec::new();
    for turn in 0..count {
        let Some(task) = model.next(Ignore::default()) else {
            break;
        };
        taken.push(task);
        match turn % 4 {
            0 | 1 => model.set(task, State::Done),
            2 => model.set(task, State::Failed),
            _ => {}
        }
    }
    taken
}

fn theirs(
    python: &Python,
    root: &Path,
    names: &[String],
    count: usize,
) -> (Vec<usize>, Vec<State>) {
    let root = root.to_str().unwrap();
    let out = python.run(
        include_str!("peer.py"),
        [root, &names.join(","), &count.to_string()],
    );
    let numbers = |word: &str| -> Vec<i32> {
        let line = out
            .lines()
            .find_map(|line| line.strip_prefix(word))
            .unwrap();
        line.split_whitespace()
            .map(|number| number.parse().unwrap())
            .collect()
    };
    let states = numbers("states")
        .into_iter()
        .map(|number| State::of_number(number).unwrap());
    (
        numbers("taken")
            .into_iter()
            .map(|task| task as usize)
            .collect(),
        states.collect(),
    )
}

fn ours(root: &Path, names: &[String], count: usize) -> (Vec<usize>, Vec<State>) {
    let pool = TaskPool::on_directory(&Solo, 1, root, names, None, &Options::default()).unwrap();
    let mut taken = Vec::new();
    for turn in 0..count {
        let Some(task) = pool.next(Ignore::default()).unwrap() else {
            break;
        };
        taken.push(task);
        match turn % 4 {
            0 | 1 => assert!(pool.set(task, State::Done).unwrap()),
            2 => assert!(pool.set(task, State::Failed).unwrap()),
            _ => {}
        }
    }
    let states = (0..names.len())
        .map(|task| pool.get(task).unwrap())
        .collect();
    drop(pool);
    (taken, states)
}

#[test]
fn each_goes_on_where_the_other_left_off() {
    let Some(python) = Python::of("JOBWISE_PSHMEM", "mpi4py, pshmem") else {
        return;
    };
    let names = names(40);
    for they_begin in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("batch");
        let mut model = Model::new(vec![State::Open; names.len()]);
        for turn in 0..6 {
            let count = 5 + turn;
            let expected = modelled(&mut model, count);
            let they = (turn % 2 == 0) == they_begin;
            let (taken, states) = if they {
                theirs(&python, &root, &names, count)
            } else {
                ours(&root, &names, count)
            };
            assert_eq!(taken, expected, "turn {turn}, they: {they}");
            assert_eq!(states, model.states, "turn {turn}, they: {they}");
            if !they {
                // What we do not finish we give back; what they do not finish stays.
                for &task in taken.iter().skip(3).step_by(4) {
                    model.set(task, State::Open);
                }
            }
        }
        let left: Vec<_> = (0..names.len())
            .filter(|&task| model.states[task] == State::Running)
            .collect();
        assert!(!left.is_empty(), "they left something");
        // All that is open or was left by them is done in the end, and the directory is as they
        // would have left it.
        let options = Options {
            reclaim_unowned: Some(Duration::ZERO),
            ..Options::default()
        };
        let pool = TaskPool::on_directory(&Solo, 1, &root, &names, None, &options).unwrap();
        while let Some(task) = pool
            .next(Ignore {
                failed: true,
                ..Ignore::default()
            })
            .unwrap()
        {
            assert!(pool.set(task, State::Done).unwrap());
        }
        drop(pool);
        let (taken, states) = theirs(&python, &root, &names, 1);
        assert_eq!((taken, states), (vec![], vec![State::Done; names.len()]));
        for name in &names {
            assert_eq!(
                fs::read_to_string(root.join(name).join("state")).unwrap(),
                "DONE\n"
            );
        }
        let mut expected: Vec<_> = names.iter().map(|name| format!("{name}/state")).collect();
        expected.sort_unstable();
        assert_eq!(contents(&root), expected);
    }
}
