use jobwise_frames::frame::FrameType;
use jobwise_frames::object::TimestreamMap;
use jobwise_testing::names;

use super::Bench;

#[test]
fn simulated_files_hold_what_was_asked_for() {
    let bench = Bench::new();
    let sky = |directory: &str, flags: &str| {
        let line = format!("simulate {directory} --scans 7 --detectors 3 --samples 50 --files 2");
        bench.well(&format!("{line}{flags}")).must_succeed();
    };
    sky("a", "");
    sky("b", "");
    sky("flac", " --flac");
    sky("other", " --seed 2");
    let files = ["list.json", "part0000.g3", "part0001.g3", "shared.g3"];
    assert_eq!(names(&bench.path("a")), files);
    let list = bench.json("a/list.json");
    assert_eq!(
        list,
        serde_json::json!(["shared.g3", ["part0000.g3", "part0001.g3"]])
    );
    for file in files {
        let bytes = |directory: &str| bench.bytes(&format!("{directory}/{file}"));
        assert!(bytes("a") == bytes("b"), "{file}");
        let is_scans = file.starts_with("part");
        assert_eq!(bytes("a") != bytes("other"), is_scans, "{file}");
        assert_eq!(bytes("a").len() > bytes("flac").len(), is_scans, "{file}");
    }
    let mut numbers = Vec::new();
    for part in ["part0000.g3", "part0001.g3"] {
        let plain = bench.read(&format!("a/{part}"));
        let compressed = bench.read(&format!("flac/{part}"));
        assert_eq!(plain[0].kind(), FrameType::CALIBRATION);
        for (plain, compressed) in plain[1..].iter().zip(&compressed[1..]) {
            numbers.push(*plain.get_as::<i64>("ScanNumber").unwrap());
            let [plain, compressed] = [plain, compressed]
                .map(|frame| frame.get_as::<TimestreamMap>("RawTimestreams_I").unwrap());
            assert_eq!(plain.iter().count(), 3);
            for ((name, one), (other_name, other)) in plain.iter().zip(compressed.iter()) {
                assert_eq!((name, one.samples.len()), (other_name, 50));
                assert_eq!(one.samples.to_f64(), other.samples.to_f64());
            }
        }
    }
    assert!(numbers.into_iter().eq(0..7));
}

#[test]
fn the_source_is_where_it_was_put() {
    let bench = Bench::new();
    bench.well("simulate sky");
    bench.well(
        "run --files sky/list.json --timestreams CalTimestreams --pointing OnlineRaDecRotation \
         --filter poly:1 --weights TodWeights --map zea:41x41@0.15deg,30,-50 --id sky -o map.g3",
    );
    let map = jobwise_frames::map::StoredMap::read(&bench.read("map.g3")[0]).unwrap();
    let brightest = map.sum.unweighted().filter(|(_, sky)| !sky[0].is_nan());
    let brightest = brightest.max_by(|(_, one), (_, other)| one[0].total_cmp(&other[0]));
    let (pixel, sky) = brightest.unwrap();
    let (column, row) = (pixel % 41, pixel / 41);
    assert!(
        column.abs_diff(20) <= 1 && row.abs_diff(20) <= 1,
        "{column}, {row}"
    );
    assert!((0.5..1.5).contains(&sky[0]), "{}", sky[0]);
}
