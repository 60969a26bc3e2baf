use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use jobwise_claims::{Answer, Claim};

use super::join;

const ROOT: &str = "JOBWISE_TEST_CLAIMS";

/// A process of its own that does what it is told.
pub(crate) struct Puppet {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Puppet {
    pub(crate) fn new(root: &Path, lease: Duration) -> Puppet {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "puppet::plays",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(ROOT, format!("{} {}", lease.as_millis(), root.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut puppet = Puppet { child, to, from };
        assert_eq!(puppet.hear(), "ready");
        puppet
    }

    pub(crate) fn say(&mut self, words: &str) {
        writeln!(self.to, "{words}").unwrap();
    }

    /// The next answer.
    pub(crate) fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the puppet is gone"
            );
            // The test harness writes to the same place, also in front.
            if let Some((_, answer)) = line.split_once(">> ") {
                return answer.trim().to_owned();
            }
        }
    }

    pub(crate) fn ask(&mut self, words: &str) -> String {
        self.say(words);
        self.hear()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    /// Ends it at once. Afterwards the system knows it no more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills it, and leaves it unburied until [`kill`](Self::kill).
    pub(crate) fn strike(&mut self) {
        self.child.kill().unwrap();
    }

    pub(crate) fn leave(mut self) {
        drop(self.to);
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn plays() {
    let Ok(how) = std::env::var(ROOT) else { return };
    let (lease, root) = how.split_once(' ').unwrap();
    let root = Path::new(root);
    let owner = join(root, Duration::from_millis(lease.parse().unwrap()));
    let mut claims: HashMap<String, Claim> = HashMap::new();
    println!(">> ready");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["claim", name] => match owner.claim(root, name).unwrap() {
                Answer::Won(claim) => {
                    println!(">> won {}", claim.attempt());
                    claims.insert(name.to_owned(), claim);
                }
                Answer::Held(_) => println!(">> held"),
            },
            ["mine", name] => println!(">> {}", claims[name].still_mine().unwrap()),
            ["release", name] => {
                claims.remove(name).unwrap().release().unwrap();
                println!(">> released");
            }
            // Tries for some time, and says whether it ever succeeded.
            ["covet", name, millis] => {
                let until = Instant::now() + Duration::from_millis(millis.parse().unwrap());
                let mut ever = false;
                println!(">> coveting");
                while Instant::now() < until && !ever {
                    ever = matches!(owner.claim(root, name).unwrap(), Answer::Won(_));
                    std::thread::sleep(Duration::from_millis(5));
                }
                println!(">> {ever}");
            }
            ["work", names] => println!(
                ">> {}",
                super::races::work(&owner, root, names.parse().unwrap())
            ),
            _ => panic!("what is {line}?"),
        }
    }
}
