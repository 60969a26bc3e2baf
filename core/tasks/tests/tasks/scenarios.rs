use std::fs;
use std::path::{Path, PathBuf};

use jobwise_core::{Cluster, Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, Options, State, TaskPool};
use serde_json::Value;

use super::make_all;
use super::model::Model;
use super::reference;

/// Calls of the reference, one after the other.
struct Scenario {
    name: String,
    ranks: usize,
    worker_size: usize,
    tasks: usize,
    local: bool,
    init: Option<Vec<State>>,
    names: Option<Vec<String>>,
    before: Vec<Option<String>>,
    ops: Vec<Value>,
}

fn number(value: &Value, key: &str) -> Option<usize> {
    Some(value.get(key)?.as_u64()? as usize)
}

fn state(value: &Value) -> State {
    State::of_number(value.as_i64().unwrap() as i32).unwrap()
}

/// What a text in a state file means.
fn said(text: Option<&str>) -> State {
    let line = text
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    State::of_word(line.trim_end()).unwrap_or(State::Invalid)
}

impl Scenario {
    fn new(value: &Value) -> Scenario {
        let list = |key: &str| value[key].as_array().cloned();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Scenario {
            name: text(&value["name"]).unwrap(),
            ranks: number(value, "ranks").unwrap(),
            worker_size: number(value, "worker_size").unwrap(),
            tasks: number(value, "n_task").unwrap(),
            local: value["local"].as_bool().unwrap(),
            init: list("init_state").map(|states| states.iter().map(state).collect()),
            names: list("task_names")
                .map(|names| names.iter().map(|name| text(name).unwrap()).collect()),
            before: list("pre_files").map_or(Vec::new(), |files| files.iter().map(text).collect()),
            ops: list("ops").unwrap(),
        }
    }

    /// Whether the other program's rule is ours: it gives tasks out again and again when told to
    /// ignore states, and without a communicator.
    fn as_the_other(&self) -> bool {
        let ignores = |op: &Value| {
            op.as_object()
                .unwrap()
                .keys()
                .any(|key| key.starts_with("ignore"))
        };
        !self.local && !self.ops.iter().any(ignores)
    }

    fn ignore(op: &Value) -> Ignore {
        let flag = |key: &str| op.get(key).and_then(Value::as_bool).unwrap_or(false);
        Ignore {
            running: flag("ignore_running"),
            failed: flag("ignore_failed"),
            done: flag("ignore_done"),
        }
    }

    /// Results of the calls, and the states or state files at the end, as the model has them.
    fn modelled(&self) -> (Vec<Value>, Value) {
        let first = |task: usize| match (&self.init, self.before.get(task)) {
            (Some(states), _) => states[task],
            // An earlier run's INVALID is open again; what makes no sense is left alone.
            (None, Some(Some(text)))
                if text
                    .lines()
                    .next()
                    .is_some_and(|line| line.trim_end() == "INVALID") =>
            {
                State::Open
            }
            (None, Some(Some(text))) => said(Some(text)),
            (None, _) => State::Open,
        };
        let mut model = Model::new((0..self.tasks).map(first).collect());
        let mut files: Vec<Option<String>> = (0..self.tasks)
            .map(|task| match self.before.get(task) {
                Some(Some(text)) if said(Some(text)) == model.states[task] => Some(text.clone()),
                _ => Some(format!("{}\n", model.states[task])),
            })
            .collect();
        let mut results = Vec::new();
        for op in &self.ops {
            let task = number(op, "task").unwrap_or(0);
            results.push(match op["op"].as_str().unwrap() {
                "next" => model.next(Self::ignore(op)).map_or(Value::Null, |task| {
                    files[task] = Some("RUNNING\n".to_owned());
                    task.into()
                }),
                "get" => model.states[task].number().into(),
                "set" => {
                    model.set(task, state(&op["state"]));
                    files[task] = Some(format!("{}\n", model.states[task]));
                    Value::Null
                }
                "external" => {
                    files[task] = op["text"].as_str().map(str::to_owned);
                    model.see(task, said(files[task].as_deref()));
                    Value::Null
                }
                other => panic!("what is {other}?"),
            });
        }
        let end = match &self.names {
            Some(names) => names
                .iter()
                .cloned()
                .zip(files.into_iter().map(Value::from))
                .collect(),
            None => model.states.iter().map(|state| state.number()).collect(),
        };
        (results, end)
    }

    fn file(&self, root: &Path, task: usize) -> PathBuf {
        root.join(&self.names.as_ref().unwrap()[task]).join("state")
    }

    /// The same by a batch, on every rank alike; `None` for what a rank has no part in.
    fn played(&self, comm: &dyn Cluster, root: &Path) -> (Vec<Option<Value>>, Value) {
        let group: &dyn Comm = comm;
        let pool = match &self.names {
            None => TaskPool::in_memory(comm, self.worker_size, self.tasks, self.init.as_deref()),
            Some(names) => TaskPool::on_directory(
                comm,
                self.worker_size,
                root,
                names,
                self.init.as_deref(),
                &Options::default(),
            ),
        };
        let pool = pool.unwrap();
        make_all(&pool);
        let mut results = Vec::new();
        for op in &self.ops {
            let task = number(op, "task").unwrap_or(0);
            let mine = number(op, "worker") == Some(pool.worker());
            let leading = mine && pool.worker_rank() == 0;
            results.push(match op["op"].as_str().unwrap() {
                "next" if mine => {
                    // What other programs wrote counts for the model at once.
                    if leading {
                        pool.look_again().unwrap();
                    }
                    Some(
                        pool.next(Self::ignore(op))
                            .unwrap()
                            .map_or(Value::Null, Value::from),
                    )
                }
                "get" if leading => Some(pool.get(task).unwrap().number().into()),
                "set" if leading => {
                    assert!(pool.set(task, state(&op["state"])).unwrap());
                    Some(Value::Null)
                }
                "external" if comm.rank() == 0 => {
                    match op["text"].as_str() {
                        Some(text) => fs::write(self.file(root, task), text).unwrap(),
                        None => drop(fs::remove_file(self.file(root, task))),
                    }
                    Some(Value::Null)
                }
                _ => None,
            });
            group.barrier().unwrap();
        }
        let end = match &self.names {
            None => pool
                .states()
                .unwrap()
                .iter()
                .map(|state| state.number())
                .collect(),
            Some(names) => {
                let text = |task: usize| fs::read_to_string(self.file(root, task)).ok();
                names
                    .iter()
                    .enumerate()
                    .map(|(task, name)| (name.clone(), Value::from(text(task))))
                    .collect()
            }
        };
        group.barrier().unwrap();
        (results, end)
    }

    fn check(&self, reference: &Value) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("batch");
        for (task, text) in self.before.iter().enumerate() {
            fs::create_dir_all(self.file(&root, task).parent().unwrap()).unwrap();
            if let Some(text) = text {
                fs::write(self.file(&root, task), text).unwrap();
            }
        }
        let (expected, end) = self.modelled();
        if self.as_the_other() {
            assert_eq!(
                Value::from(expected.clone()),
                reference["results"],
                "{}: the model",
                self.name
            );
            let theirs = if self.names.is_some() {
                "final_files"
            } else {
                "final_states"
            };
            assert_eq!(end, reference[theirs], "{}: the model", self.name);
        }
        let played: Vec<_> = if self.local {
            vec![self.played(&Solo, &root)]
        } else {
            let ranks = LocalCluster::run(self.ranks, |comm| self.played(&comm, &root));
            ranks.into_iter().map(Result::unwrap).collect()
        };
        for (rank, (results, our_end)) in played.iter().enumerate() {
            for (call, (ours, expected)) in results.iter().zip(&expected).enumerate() {
                assert!(
                    ours.as_ref().is_none_or(|ours| ours == expected),
                    "{}, rank {rank}, call {call}: {ours:?} for {expected}",
                    self.name
                );
            }
            assert_eq!(our_end, &end, "{}, rank {rank}", self.name);
        }
        for call in 0..self.ops.len() {
            assert!(
                played.iter().any(|(results, _)| results[call].is_some()),
                "{}, call {call} was made by nobody",
                self.name
            );
        }
    }
}

#[test]
fn every_scenario_of_the_reference_goes_as_it_must() {
    let (Some(scenarios), Some(results)) = (
        reference("batch_scenarios.json"),
        reference("batch_results.json"),
    ) else {
        return;
    };
    let read =
        |path: PathBuf| -> Vec<Value> { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let (scenarios, results) = (read(scenarios), read(results));
    assert_eq!((scenarios.len(), results.len()), (40, 40));
    let scenarios: Vec<_> = scenarios.iter().map(Scenario::new).collect();
    assert_eq!(
        scenarios
            .iter()
            .filter(|scenario| scenario.as_the_other())
            .count(),
        5
    );
    for (scenario, result) in scenarios.iter().zip(&results) {
        scenario.check(result);
    }
}
