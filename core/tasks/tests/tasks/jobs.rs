//! Several jobs at once on one directory, and jobs that die.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use jobwise_core::{Cluster, Comm, LocalCluster, Solo};
use jobwise_tasks::{Ignore, Layout, Options, State, TaskDirs, TaskPool};

use super::directory::contents;
use super::names;
use super::shards::marks;

const JOB: &str = "JOBWISE_TEST_JOB";
const RANKS: usize = 2;

/// A process that is one job, of two ranks.
struct Job {
    child: Child,
    from: BufReader<ChildStdout>,
}

impl Job {
    /// Starts it; it waits for a word.
    fn new(root: &Path, what: &str, tasks: usize) -> Job {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "jobs::is_a_job_itself",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(JOB, format!("{what} {tasks} {}", root.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut job = Job { child, from };
        assert_eq!(job.hear(), "ready");
        job
    }

    fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line).unwrap() == 0 {
                let mut why = String::new();
                self.child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut why)
                    .unwrap();
                panic!("the job is gone: {why}");
            }
            if let Some((_, answer)) = line.split_once(">> ") {
                return answer.trim().to_owned();
            }
        }
    }

    fn say(&mut self, word: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn end(mut self) {
        let mut why = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut why)
            .unwrap();
        assert!(self.child.wait().unwrap().success(), "{why}");
    }
}

#[test]
fn is_a_job_itself() {
    let Ok(what) = std::env::var(JOB) else { return };
    let [what, tasks, root] = what.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
    let (root, names) = (PathBuf::from(root), names(tasks.parse().unwrap()));
    println!(">> ready");
    std::io::stdin().lines().next().unwrap().unwrap();
    match what {
        "work" | "shards" => {
            let layout = match what {
                "shards" => Layout::Shards,
                _ => Layout::Flat,
            };
            let outcomes = LocalCluster::run(RANKS, |comm| work(&comm, &root, &names, layout));
            assert!(outcomes.iter().all(Result::is_ok));
        }
        "hold" => {
            let options = Options {
                lease: Duration::from_secs(1),
                ..Options::default()
            };
            let pool = TaskPool::on_directory(&Solo, 1, &root, &names, None, &options).unwrap();
            println!(">> {:?}", pool.next(Ignore::default()).unwrap());
            std::io::stdin().lines().next().unwrap().unwrap();
            println!(">> {}", pool.fail(0, "it woke up late").unwrap());
        }
        other => panic!("what is {other}?"),
    }
}

/// Does all tasks that can be had, and writes down when each begins and when it is known to be
/// done.
fn work(comm: &dyn Cluster, root: &Path, names: &[String], layout: Layout) {
    // Who is killed all the time must not be given up on.
    let options = Options {
        attempts: 10_000,
        layout,
        ..Options::default()
    };
    let pool = TaskPool::on_directory(comm, 1, root, names, None, &options).unwrap();
    let mut diary = OpenOptions::new()
        .append(true)
        .create(true)
        .open(diary(root))
        .unwrap();
    let mut note = |what: &str, task: usize| {
        let pid = std::process::id();
        diary
            .write_all(format!("{what} {task} {pid}\n").as_bytes())
            .unwrap();
    };
    loop {
        match pool.next(Ignore::default()).unwrap() {
            Some(task) => {
                note("begin", task);
                let busy = root.with_extension(format!("busy-{task}"));
                enter(&busy);
                fs::remove_file(&busy).unwrap();
                note("end", task);
                assert!(pool.set(task, State::Done).unwrap());
                note("done", task);
            }
            None if pool.pending().unwrap() > 0 => std::thread::sleep(Duration::from_millis(2)),
            None => break,
        }
    }
    assert!(pool.take_warnings().is_empty());
    (comm as &dyn Comm).barrier().unwrap();
}

/// Nobody else who lives may be at the same task.
fn enter(busy: &Path) {
    let me = std::process::id().to_string();
    if let Err(error) = File::create_new(busy).and_then(|mut file| file.write_all(me.as_bytes())) {
        let who = fs::read_to_string(busy).unwrap_or_default();
        let alive = fs::read_to_string(format!("/proc/{who}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "));
        assert!(
            who.is_empty() || !alive || who == me,
            "{} has {who} in it: {error}",
            busy.display()
        );
    }
}

fn diary(root: &Path) -> PathBuf {
    root.with_extension("diary")
}

/// Everything is done, nothing was begun again that was done, nothing is left but what belongs
/// there. How often each task was begun.
fn check(root: &Path, names: &[String]) -> Vec<usize> {
    let mut begun = vec![0; names.len()];
    let mut done: HashMap<usize, bool> = HashMap::new();
    for line in fs::read_to_string(diary(root)).unwrap().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let task: usize = words[1].parse().unwrap();
        match words[0] {
            "begin" => {
                assert!(!done.contains_key(&task), "{line}, after it was done");
                begun[task] += 1;
            }
            "done" => drop(done.insert(task, true)),
            _ => {}
        }
    }
    let dirs = TaskDirs::at(root).unwrap();
    let mut expected = Vec::new();
    for name in names {
        let state = dirs.of(OsStr::new(name)).join("state");
        assert_eq!(fs::read_to_string(&state).unwrap(), "DONE\n", "{name}");
        let place = state.strip_prefix(root).unwrap();
        expected.push(place.to_str().unwrap().to_owned());
    }
    expected.sort_unstable();
    let mut found = contents(root);
    found.retain(|file| !file.starts_with(".batch/done/"));
    assert_eq!(found, expected);
    let (firm, new) = marks(root);
    let all_marked = dirs.layout() == Layout::Flat || firm.len() == names.len();
    assert!(all_marked && new.is_empty(), "{firm:?}, {new:?}");
    begun
}

fn wanted(variable: &str, few: usize) -> usize {
    std::env::var(variable).map_or(few, |many| many.parse().unwrap())
}

#[test]
fn two_and_four_jobs_that_start_at_once_do_each_task_once() {
    let names = names(1000);
    for repetition in 0..wanted("JOBWISE_REPEAT", 1) {
        for (jobs, what) in [(2, "work"), (4, "work"), (4, "shards")] {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().join("batch");
            let mut running: Vec<_> = (0..jobs)
                .map(|_| Job::new(&root, what, names.len()))
                .collect();
            for job in &mut running {
                job.say("go");
            }
            running.into_iter().for_each(Job::end);
            // What was done when the last one had begun already, is marked by the next.
            let mut last = Job::new(&root, what, names.len());
            last.say("go");
            last.end();
            let begun = check(&root, &names);
            assert!(
                begun.iter().all(|times| *times == 1),
                "repetition {repetition}, {jobs} jobs: {begun:?}"
            );
        }
    }
}

#[test]
fn jobs_that_are_killed_at_any_instant_lose_nothing_and_repeat_nothing_that_is_done() {
    let names = names(300);
    let (mut kills, mut seed) = (wanted("JOBWISE_KILLS", 12), 1_u64);
    for what in ["work", "shards"].into_iter().cycle() {
        if kills == 0 {
            break;
        }
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("batch");
        let start = || {
            let mut job = Job::new(&root, what, names.len());
            job.say("go");
            job
        };
        let mut jobs = vec![start(), start()];
        let all_done = || {
            let dirs = TaskDirs::at(&root).unwrap();
            names.iter().all(|name| {
                let state = dirs.of(OsStr::new(name)).join("state");
                fs::read(state).is_ok_and(|state| state == b"DONE\n")
            })
        };
        while kills > 0 && !all_done() {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(Duration::from_micros(seed >> 33 & 0x7fff));
            jobs.remove(0).kill();
            kills -= 1;
            jobs.push(start());
        }
        jobs.into_iter().for_each(Job::end);
        // Whoever was killed last is swept away by the next one who comes.
        let mut last = start();
        drop(last.child.stdin.take());
        last.end();
        let begun = check(&root, &names);
        assert!(begun.iter().all(|times| *times >= 1));
    }
}

#[test]
fn a_stopped_job_loses_its_task_after_the_lease_and_cannot_harm_it_when_it_wakes_up() {
    std::thread::scope(|scope| {
        scope.spawn(|| lose_it(false));
        lose_it(true);
    });
}

/// `is_over`: the other one has done with the task when it wakes up, and has failed.
fn lose_it(is_over: bool) {
    let dir = tempfile::tempdir().unwrap();
    let (root, names) = (dir.path().join("batch"), names(1));
    let mut job = Job::new(&root, "hold", 1);
    job.say("go");
    assert_eq!(job.hear(), "Some(0)");
    let pool = super::open(&Solo, &root, &names).unwrap();
    assert_eq!(
        (
            pool.next(Ignore::default()).unwrap(),
            pool.pending().unwrap()
        ),
        (None, 1)
    );
    job.signal("STOP");
    let since = Instant::now();
    while pool.next(Ignore::default()).unwrap().is_none() {
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "the lease does not end"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    if is_over {
        assert!(pool.fail(0, "in earnest").unwrap());
    }
    job.signal("CONT");
    job.say("fail");
    assert_eq!(job.hear(), "false");
    job.end();
    if is_over {
        assert_eq!(pool.get(0).unwrap(), State::Failed);
        let reason = fs::read_to_string(root.join(&names[0]).join("reason"));
        assert_eq!(reason.unwrap(), "in earnest\n");
        return;
    }
    assert_eq!(pool.get(0).unwrap(), State::Running);
    assert!(!root.join(&names[0]).join("reason").exists());
    assert!(pool.set(0, State::Done).unwrap());
    drop(pool);
    assert_eq!(contents(&root), ["task-0000/state"]);
}
