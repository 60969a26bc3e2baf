use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Names a file to which every test that is skipped adds a line.
const LIST: &str = "JOBWISE_SKIPPED";
/// Set where everything that tests need should be there.
const REQUIRE_ALL: &str = "JOBWISE_REQUIRE_ALL";

/// Says that the calling test, or a part of it, is skipped, because something is not there that
/// could be: data, a program, a package. Returns `None`, for what was looked for.
///
/// # Panics
/// Where everything must be there (`JOBWISE_REQUIRE_ALL`); when the list of skipped tests
/// (`JOBWISE_SKIPPED`) cannot be written.
pub fn skipped<T>(why: &str) -> Option<T> {
    let required = env::var_os(REQUIRE_ALL).is_some_and(|value| !value.is_empty());
    assert!(!required, "{REQUIRE_ALL} is set, but {why}");
    note(why);
    None
}

/// As [`skipped`], because this machine or this user does not allow it: nobody can be asked to
/// install that.
///
/// # Panics
/// When the list of skipped tests cannot be written.
pub fn impossible_here<T>(why: &str) -> Option<T> {
    note(why);
    None
}

fn note(why: &str) {
    let line = format!("{}: {why}", calling_test());
    eprintln!("SKIPPED: {line}");
    if let Some(list) = env::var_os(LIST) {
        // One write, so that tests of several programs do not mix their lines.
        let added = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&list)
            .and_then(|mut list| list.write_all(format!("{line}\n").as_bytes()));
        added.unwrap_or_else(|error| panic!("{}: {error}", Path::new(&list).display()));
    }
}

/// The package where cargo tells it, the program, and the test, by the name of its thread.
fn calling_test() -> String {
    let package = env::var("CARGO_PKG_NAME").ok();
    let program = env::current_exe().ok();
    let program = program
        .as_deref()
        .and_then(Path::file_stem)
        .map(|stem| stem.to_string_lossy().into_owned());
    // Without the hash that cargo appends.
    let program = program.map(|stem| match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => stem,
    });
    let thread = std::thread::current().name().map(str::to_owned);
    let parts = [package, program, thread.filter(|name| name != "main")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "JOBWISE_SKIPPING";

    fn child(list: &Path, required: &str) -> (bool, String) {
        let ended = Command::new(env::current_exe().unwrap())
            .args([
                "skip::tests::a_skipped_test_is_listed",
                "--exact",
                "--nocapture",
            ])
            .env(CHILD, "1")
            .env(LIST, list)
            .env(REQUIRE_ALL, required)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        (ended.status.success(), said)
    }

    #[test]
    fn a_skipped_test_is_listed() {
        if env::var_os(CHILD).is_some() {
            assert_eq!(skipped::<u8>("there is no moon"), None);
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("list");
        for _ in 0..2 {
            let (passed, said) = child(&list, "");
            assert!(passed && said.contains("SKIPPED: "), "{said}");
        }
        let lines = std::fs::read_to_string(&list).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("skip::tests::a_skipped_test_is_listed: there is no moon"));
        let (passed, said) = child(&list, "1");
        assert!(!passed && said.contains("no moon"), "{said}");
    }
}
