use jobwise_testing::Python;

use crate::bench::Bench;

/// By `JOBWISE_GEOBIPY`: an interpreter with geobipy 2.3.2 and numpy 2.2.
#[test]
fn geobipy_reads_the_files() {
    let Some(python) = Python::of("JOBWISE_GEOBIPY", "geobipy, h5py") else {
        return;
    };
    let bench = Bench::new(6);
    bench.must("out", &["--line", "100"]);
    let told = python.run(include_str!("peer.py"), [bench.path("out")]);
    let half_space: Vec<f64> = {
        let dataset = bench
            .open("out/100.0.h5")
            .dataset("halfspace/data")
            .unwrap();
        dataset.read_raw().unwrap()
    };
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("halfspace "))
        .unwrap();
    let read: Vec<f64> = line.split(' ').map(|text| text.parse().unwrap()).collect();
    assert_eq!(read, half_space, "{told}");
    assert!(told.contains("True"), "{told}");
}
