//! A recorder that writes a finished recording again, file by file.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Bench;

/// Delivers the files of the recording's channel into a channel of the recording `live`.
pub(super) struct Recorder {
    /// Sources and destinations, in order of time.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Recorder {
    /// The channel exists, with the experiment, but without samples.
    pub(super) fn begin(bench: &Bench, channel: &str) -> Recorder {
        let (from, to) = (
            bench.path("recording/sim"),
            bench.path("live").join(channel),
        );
        fs::create_dir_all(&to).unwrap();
        fs::copy(from.join("drf_properties.h5"), to.join("drf_properties.h5")).unwrap();
        fs::copy(
            bench.path("recording/metadata.ini"),
            bench.path("live/metadata.ini"),
        )
        .unwrap();
        let names = bench.tree("recording/sim").names();
        let files: Vec<_> = names
            .iter()
            .filter(|name| name.contains("rf@"))
            .map(|name| (from.join(name), to.join(name)))
            .collect();
        assert_eq!(files.len(), 300);
        Recorder { files }
    }

    /// Writes files under their temporary names, then renames them, as recorders do.
    pub(super) fn deliver(&self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            let (from, to) = &self.files[number];
            let name = to.file_name().unwrap().to_string_lossy();
            let temporary = to.with_file_name(format!("tmp.{name}"));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, &temporary).unwrap();
            fs::rename(&temporary, to).unwrap();
        }
    }

    /// Delivers one file every 10 ms, as fast as they were recorded.
    pub(super) fn play(&self, numbers: impl IntoIterator<Item = usize>) {
        let start = Instant::now();
        for (position, number) in (1..).zip(numbers) {
            let due = start + Duration::from_millis(10) * position;
            sleep(due.saturating_duration_since(Instant::now()));
            self.deliver([number]);
        }
    }
}
