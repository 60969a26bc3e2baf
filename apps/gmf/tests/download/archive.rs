//! An archive on this machine: its schedule, and one file that each connection gets in its own way.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::bench::{Ended, Running};

pub(crate) const SCHEDULE: &str = "<table>
    <tr><td><input type=checkbox name=r \
      value=11></td><td>data</td><td>a</td><td>b</td><td>c</td><td>2000</td></tr>
    <tr><td><input type=checkbox name=r value=12></td><td>info</td><td>a</td><td>b</td><td>kst0 \
      UHF leo_bpark_2.1u_NO</td></tr>
    <tr><td><input type=checkbox name=r value=13></td><td>info</td><td>a</td><td>b</td><td>kst0 \
      VHF leo_bpark_2.1u_NO</td></tr>
    </table>";

/// How the server answers one request for the file.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// As asked, ranges too.
    Well,
    /// As asked, but the connection breaks after so many bytes.
    Cut(usize),
    /// The whole file, whatever was asked for.
    Whole,
    /// A status and nothing more.
    Status(u16),
    /// Says nothing.
    Silent,
    /// Half a file, then nothing.
    Stalls,
    /// The range one byte further than asked.
    Shifted,
    /// The whole file under no name of a version, and no length.
    Nameless,
    /// As asked, some bytes at a time.
    Slow,
    /// From here on another file, of version "2".
    Changed,
}

/// A ZIP file as far as it is looked at: bytes, and the record at the end.
pub(crate) fn file(seed: u8) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8 ^ seed).collect();
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 18]);
    bytes
}

/// Path and range of every request so far.
type Requests = Arc<Mutex<Vec<(String, Option<String>)>>>;

pub(crate) struct Archive {
    directory: TempDir,
    address: String,
    requests: Requests,
}

struct Server {
    schedule: String,
    content: Vec<u8>,
    version: u32,
    answers: Vec<Answer>,
    requests: Requests,
}

impl Archive {
    /// Answers requests for the file in this order, the last of them for ever.
    pub(crate) fn new(answers: &[Answer]) -> Archive {
        Archive::with(SCHEDULE, file(0), answers)
    }

    pub(crate) fn with(schedule: &str, content: Vec<u8>, answers: &[Answer]) -> Archive {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut server = Server {
            schedule: schedule.to_owned(),
            content,
            version: 1,
            answers: answers.iter().rev().cloned().collect(),
            requests: requests.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that goes away is what some tests are about.
                let _ = server.serve(stream.unwrap());
            }
        });
        Archive {
            directory: tempfile::tempdir().unwrap(),
            address,
            requests,
        }
    }

    /// An archive at an address where nobody listens.
    pub(crate) fn nowhere() -> Archive {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Archive {
            directory: tempfile::tempdir().unwrap(),
            address: format!("http://{}", listener.local_addr().unwrap()),
            requests: Arc::default(),
        }
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gmf"));
        command
            .args([
                "download",
                "eiscat",
                "20220408",
                "leo_bpark_2.1u_NO",
                "uhf",
                ".",
            ])
            .args(["--timeout", "1", "--pause", "1"])
            .args(["--data-url", &self.address])
            .args(["--schedule-url", &format!("{}/tape2.cgi", self.address)])
            .args(more)
            .current_dir(self.directory.path());
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command
    }

    pub(crate) fn run(&self) -> Ended {
        Running::start(&mut self.command(&[])).end()
    }

    pub(crate) fn path(&self, ending: &str) -> PathBuf {
        let name = format!("leo_bpark_2.1u_NO-20220408-uhf.zip{ending}");
        self.directory.path().join(name)
    }

    /// The ranges of all requests for the file so far.
    pub(crate) fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.requests.lock().unwrap();
        let file = |(path, _): &&(String, _)| path.contains(".zip");
        requests
            .iter()
            .filter(file)
            .map(|(_, range)| range.clone())
            .collect()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|(path, _)| path.clone())
            .collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[track_caller]
    pub(crate) fn must_hold(&self, content: &[u8]) {
        assert!(fs::read(self.path("")).unwrap() == content);
        assert_eq!(self.names().len(), 1, "{:?}", self.names());
    }
}

impl Server {
    fn serve(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut path = String::new();
        let (mut range, mut condition) = (None, None);
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        if let Some(line) = lines.next() {
            line?.split(' ').nth(1).unwrap_or("").clone_into(&mut path);
        }
        for line in lines {
            let line = line?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "range" => range = Some(value.to_owned()),
                "if-range" => condition = Some(value.to_owned()),
                _ => {}
            }
        }
        self.requests
            .lock()
            .unwrap()
            .push((path.clone(), range.clone()));
        if !path.contains(".zip") {
            let (status, page) = if path.contains("date=20220408") {
                (200, self.schedule.as_str())
            } else {
                (404, "")
            };
            return write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
        }
        let answer = if self.answers.len() > 1 {
            self.answers.pop()
        } else {
            self.answers.last().cloned()
        };
        self.answer(&mut stream, &answer.unwrap(), range, condition.as_ref())
    }

    fn answer(
        &mut self,
        stream: &mut TcpStream,
        answer: &Answer,
        range: Option<String>,
        condition: Option<&String>,
    ) -> std::io::Result<()> {
        if let Answer::Changed = answer {
            self.content = file(9);
            self.version = 2;
        }
        let mark = format!("\"{}\"", self.version);
        let start = range.and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse::<usize>()
                .ok()
        });
        let start = start.filter(|_| condition == Some(&mark) && !matches!(answer, Answer::Whole));
        let total = self.content.len();
        let body = &self.content[start.unwrap_or(0)..];
        let head = match start {
            Some(start) => {
                let told = start + usize::from(matches!(answer, Answer::Shifted));
                format!(
                    "HTTP/1.1 206 X\r\nContent-Range: bytes {told}-{}/{total}\r\n",
                    total - 1
                )
            }
            None => "HTTP/1.1 200 X\r\n".to_owned(),
        };
        let known = match answer {
            Answer::Nameless => String::new(),
            _ => format!("Content-Length: {}\r\nETag: {mark}\r\n", body.len()),
        };
        let head = format!("{head}{known}Connection: close\r\n\r\n");
        match answer {
            Answer::Status(status) => write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            Answer::Silent => {
                std::thread::sleep(Duration::from_secs(2));
                Ok(())
            }
            Answer::Stalls => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&body[..body.len() / 2])?;
                std::thread::sleep(Duration::from_secs(2));
                Ok(())
            }
            Answer::Cut(bytes) => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&body[..(*bytes).min(body.len())])
            }
            Answer::Slow => {
                stream.write_all(head.as_bytes())?;
                for piece in body.chunks(10_000) {
                    stream.write_all(piece)?;
                    std::thread::sleep(Duration::from_millis(50));
                }
                Ok(())
            }
            Answer::Well | Answer::Whole | Answer::Shifted | Answer::Nameless | Answer::Changed => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(body)
            }
        }
    }
}
