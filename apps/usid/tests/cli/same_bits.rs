//! The same bytes, whoever computes and however they are stored.

use jobwise_hdf5::file_access;

use crate::bench::{Bench, CHANNEL};

#[test]
fn backends_threads_memory_and_storage_do_not_matter() {
    let bench = Bench::with_lines(300, 256);
    let filter = [
        "-f",
        "low:2e4",
        "-t",
        "1e-3",
        "--condensed",
        "--num-pix",
        "3",
    ];
    let run = |target: &str, more: &[&str]| {
        let mut args = vec!["filter", "lines.h5", "--target-group", target];
        args.extend(filter);
        args.extend(more);
        bench.must(&args);
        bench.content("lines.h5", &format!("{target}/Raw_Data-FFT_Filtering_000"))
    };
    let whole = run("serial", &["--backend", "serial"]);
    let ways: [(&str, &[&str]); 5] = [
        ("one", &["--threads", "1"]),
        ("five", &["--threads", "5"]),
        ("small", &["--threads", "2", "--max-memory", "1"]),
        ("often", &["--checkpoint", "0.001"]),
        ("compressed", &["--compress", "4", "--checkpoint", "0.01"]),
    ];
    for (target, more) in ways {
        run(target, more).must_equal(&whole);
    }
    let file = file_access::open(bench.path("lines.h5")).unwrap();
    let size = |target: &str| {
        let name = format!("{target}/Raw_Data-FFT_Filtering_000/Noise_Floors");
        file.dataset(&name).unwrap().storage_size()
    };
    assert_eq!(size("one"), 400);
    assert!(
        !file
            .group(CHANNEL)
            .unwrap()
            .link_exists("Raw_Data-FFT_Filtering_000")
    );
}
