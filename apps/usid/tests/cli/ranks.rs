//! Under `mpirun`: the same bytes, and killed ranks.

use std::process::Command;
use std::time::{Duration, Instant};

use hdf5::ObjectReference1;
use jobwise_hdf5::{collective, file_access};

use crate::bench::{Bench, CHANNEL, Running};
use crate::kills::marked_rows_are_there;
use jobwise_testing::{fraction, number};

const GROUP: &str = "Measurement_000/Channel_000/Raw_Data-FFT_Filtering_000";

/// The program on so many ranks of this machine.
fn ranks(bench: &Bench, count: usize, args: &[&str]) -> Command {
    let mut command = Command::new("mpirun");
    command
        .args(["--oversubscribe", "-n", &count.to_string()])
        .arg(env!("CARGO_BIN_EXE_usid"))
        .args(args)
        .current_dir(bench.path(""))
        .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
        .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command
}

const FILTER: [&str; 7] = [
    "filter",
    "work.h5",
    "-f",
    "low:2e4",
    "-t",
    "1e-3",
    "--condensed",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    FILTER.iter().chain(more).copied().collect()
}

/// The ways to write a file that this build knows.
fn writers() -> &'static [&'static str] {
    if collective::COMPILED {
        &["single", "nodes", "parallel"]
    } else {
        &["single"]
    }
}

#[test]
fn ranks_threads_and_writers_give_the_same_bytes() {
    let bench = Bench::with_lines(301, 512);
    bench.copy("lines.h5", "work.h5");
    bench.must(&with(&["--backend", "serial"]));
    let whole = bench.content("work.h5", GROUP);
    for writer in writers() {
        for count in 1..=4 {
            for threads in ["1", "2"] {
                bench.copy("lines.h5", "work.h5");
                let more = [
                    "--threads",
                    threads,
                    "--writer",
                    writer,
                    "--checkpoint",
                    "0.02",
                ];
                let mut command = ranks(&bench, count, &with(&more));
                let ended = Running::start(&mut command).end();
                assert!(ended.succeeded(), "{count} {threads} {writer}: {ended:?}");
                assert_eq!(
                    ended.stdout.matches("301 positions").count(),
                    1,
                    "{ended:?}"
                );
                bench.content("work.h5", GROUP).must_equal(&whole);
            }
        }
    }
}

/// Ranks share the devices out, and each has the host's share of its own.
#[cfg(feature = "cuda")]
#[test]
fn ranks_clean_on_devices() {
    let bench = Bench::new();
    bench.must(&["simulate", "image", "image.h5", "--size", "120"]);
    let args = ["clean-image", "image.h5", "-w", "12", "-s", "2", "-c", "6"];
    let group = |target: &str| format!("{target}/Raw_Data-Image_Cleaning_000");
    let clean = |count: usize, devices: &str| {
        let target = format!("of_{count}");
        let more = ["--device", "cuda", "--target-group", &target];
        let mut command = ranks(&bench, count, &[&args[..], &more].concat());
        command.envs(jobwise_cuda_fake::environment(devices));
        let ended = Running::start(&mut command).end();
        assert!(ended.succeeded(), "{ended:?}");
        bench.content("image.h5", &group(&target))
    };
    let alone = clean(1, "devices=1");
    assert!(alone.0.contains_key("@jobwise_on_cuda"));
    for (count, devices) in [(2, "devices=1"), (3, "devices=3")] {
        clean(count, devices).must_equal(&alone);
    }
}

#[test]
fn rows_may_be_dealt_as_ranks_get_free_and_are_not_leased() {
    let bench = Bench::with_lines(301, 512);
    bench.copy("lines.h5", "work.h5");
    bench.must(&with(&["--backend", "serial"]));
    let whole = bench.content("work.h5", GROUP);
    bench.copy("lines.h5", "work.h5");
    let mut command = ranks(&bench, 3, &with(&["--division", "dynamic"]));
    let ended = Running::start(&mut command).end();
    assert!(ended.succeeded(), "{ended:?}");
    bench.content("work.h5", GROUP).must_equal(&whole);
    for (more, why) in [
        (&["--division", "leased"][..], "these results go into one"),
        (
            &["--division", "dynamic", "--writer", "parallel"],
            if collective::COMPILED {
                "dealt beforehand"
            } else {
                "parallel HDF5"
            },
        ),
    ] {
        let ended = Running::start(&mut ranks(&bench, 2, &with(more))).end();
        assert!(!ended.succeeded(), "{ended:?}");
        assert!(ended.stderr.contains(why), "{ended:?}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_left_out_or_ends_all_ranks() {
    let bench = Bench::with_lines(40, 4096);
    // The raw data once more, compressed, and one chunk of it damaged.
    let file = file_access::open_rw(bench.path("lines.h5")).unwrap();
    let group = file.group(CHANNEL).unwrap();
    let raw = group.dataset("Raw_Data").unwrap();
    let rows: ndarray::Array2<f32> = raw.read_2d().unwrap();
    let packed = group
        .new_dataset::<f32>()
        .chunk((1, 4096))
        .deflate(1)
        .shape((40, 4096))
        .create("Packed")
        .unwrap();
    packed.write(&rows).unwrap();
    for (name, value) in [("quantity", "Current"), ("units", "nA")] {
        jobwise_usid::format::Value::from(value)
            .write(&packed, name)
            .unwrap();
    }
    for name in [
        "Position_Indices",
        "Position_Values",
        "Spectroscopic_Indices",
        "Spectroscopic_Values",
    ] {
        let target: ObjectReference1 = group.reference(name).unwrap();
        let attribute = packed.new_attr::<ObjectReference1>().create(name).unwrap();
        attribute.write_scalar(&target).unwrap();
    }
    file.flush().unwrap();
    let chunk = packed.chunk_info(29).unwrap();
    drop((packed, raw, group, file));
    let mut content = std::fs::read(bench.path("lines.h5")).unwrap();
    content[chunk.addr as usize..][..64].fill(0x55);
    std::fs::write(bench.path("work.h5"), content).unwrap();
    for count in [2, 3] {
        let dataset = format!("/{CHANNEL}/Packed");
        let strict = ["--dataset", &dataset, "--strict"];
        let started = Instant::now();
        let ended = Running::start(&mut ranks(&bench, count, &with(&strict))).end();
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let told: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|l| l.starts_with("usid: "))
            .collect();
        assert_eq!(told.len(), 1, "{ended:?}");
        for word in ["29", "work.h5", "Packed"] {
            assert!(told[0].contains(word), "no {word}: {told:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(12), "{ended:?}");
        let mut command = ranks(&bench, count, &with(&["--dataset", &dataset]));
        let ended = Running::start(&mut command).end();
        assert_eq!(ended.status, Some(3), "{ended:?}");
        for word in ["warning: ", "29", "work.h5", "Packed"] {
            assert!(ended.stderr.contains(word), "no {word}: {ended:?}");
        }
    }
}

#[test]
fn a_killed_rank_ends_the_job_and_the_next_run_completes() {
    let bench = Bench::with_lines(400, 4096);
    let seed = number("JOBWISE_SEED").unwrap_or(7);
    let kills = number("JOBWISE_KILLS").unwrap_or(4);
    bench.copy("lines.h5", "work.h5");
    bench.must(&with(&["--backend", "serial"]));
    let whole = bench.content("work.h5", GROUP);
    for writer in writers() {
        let (mut in_time, mut partial) = (0, 0);
        let more = ["--checkpoint", "0.02", "--writer", writer, "--threads", "1"];
        for kill in 0..kills {
            bench.copy("lines.h5", "work.h5");
            let mut running = Running::start(&mut ranks(&bench, 3, &with(&more)));
            std::thread::sleep(Duration::from_secs_f64(0.2 + 1.3 * fraction(seed, kill)));
            let mine = running.id();
            let found = Command::new("pgrep")
                .args(["-P", &mine, "-f", "usid filter"])
                .output();
            let found = String::from_utf8(found.unwrap().stdout).unwrap();
            let victims: Vec<&str> = found.lines().collect();
            if !running.is_over() && !victims.is_empty() {
                let victim = victims[kill as usize % victims.len()];
                let sent = Command::new("kill").args(["-s", "KILL", victim]).status();
                in_time += u64::from(sent.unwrap().success());
            }
            let started = Instant::now();
            running.end();
            assert!(started.elapsed() < Duration::from_secs(10), "it ended late");
            let file = file_access::open(bench.path("work.h5")).unwrap();
            if let Ok(group) = file.group(GROUP) {
                partial += u64::from(marked_rows_are_there(&group, &whole));
            }
            drop(file);
            let next = bench.run(with(&["--backend", "threads"]));
            assert!(next.succeeded(), "seed {seed}, kill {kill}: {next:?}");
            bench.content("work.h5", GROUP).must_equal(&whole);
        }
        println!(
            "{writer}: {in_time} of {kills} killed while running; {partial} had some positions done"
        );
    }
}
