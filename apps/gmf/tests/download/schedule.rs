//! What the schedule has, and has not.

use super::archive::{Answer, Archive, SCHEDULE, file};
use super::bench::{Ended, Running};

fn gmf(archive: &Archive, more: &[&str]) -> Ended {
    Running::start(&mut archive.command(more)).end()
}

#[test]
fn a_dry_run_prints_the_address() {
    let archive = Archive::new(&[Answer::Well]);
    let ended = gmf(&archive, &["--dry-run"]);
    assert!(ended.succeeded(), "{ended:?}");
    for told in [
        "/11;12/leo_bpark_2.1u_NO20220408.zip",
        "2.0 MB",
        "leo_bpark_2.1u_NO-20220408-uhf.zip",
    ] {
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
    }
    assert_eq!(archive.names(), [""; 0]);
    assert_eq!(archive.ranges(), []);
}

#[test]
fn what_the_archive_does_not_have() {
    let with = |schedule: &str| Archive::with(schedule, file(0), &[Answer::Well]);
    with(&SCHEDULE.replace("UHF", "ESR"))
        .run()
        .must_refuse_soon("instrument", 1, &["no data of uhf", "it has ESR, VHF"]);
    with("<html>nothing</html>").run().must_refuse_soon(
        "empty",
        1,
        &["no data of leo_bpark_2.1u_NO on 20220408"],
    );
    with(&SCHEDULE.replace("2000", "much"))
        .run()
        .must_refuse_soon("size", 1, &["cannot be understood", "\"much\""]);
    let double = with(&format!("{SCHEDULE}{SCHEDULE}"));
    let ended = double.run();
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stderr.contains("1 further products of uhf"),
        "{ended:?}"
    );
}

#[test]
fn words_that_are_no_request() {
    for (day, mode, instrument, told) in [
        ("2022-04-08", "m", "i", "2022-04-08"),
        ("20221308", "m", "i", "20221308"),
        ("20220408", "../m", "i", "../m"),
        ("20220408", "m", "a b", "a b"),
        ("20220408", "", "i", "no mode"),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gmf"));
        command.args(["download", "eiscat", day, mode, instrument, "."]);
        Running::start(&mut command)
            .end()
            .must_refuse_soon(told, 2, &[told]);
    }
}
