//! The growing end of a channel, while a recorder goes from one directory to the next.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::drf::{
    Cadence, Channel, ElementType, Kind, Order, Properties, Tail, Writer, WriterOptions,
};
use num_complex::Complex;

const RATE: u64 = 100;
/// The last two seconds of an hour, and of the next one the first two.
const START: u64 = (1_618_228_800 - 2) * RATE;
const LENGTH: usize = 4 * RATE as usize;

fn record(directory: &Path) {
    let rate = Rate::hertz(RATE).unwrap();
    let element = ElementType {
        kind: Kind::I16,
        order: Order::Little,
        is_complex: true,
    };
    let cadence = Cadence::new(3600, 1000).unwrap();
    let properties = Properties::new(rate, cadence, element, 1, true);
    let options = WriterOptions {
        compression: 0,
        checksum: false,
        uuid: "tail".into(),
    };
    let mut writer = Writer::create(directory, properties, options).unwrap();
    let samples = vec![Complex::new(3_i16, -4); LENGTH];
    writer.write(START, &samples).unwrap();
    writer.finish().unwrap();
}

#[test]
fn the_last_files_of_the_directory_before_are_not_missed() {
    let top = tempfile::tempdir().unwrap();
    let live = top.path().join("live");
    record(&live);
    let hidden = |name: &str| top.path().join(name.replace('/', "_"));
    let late = [
        "2021-04-12T11-00-00/rf@1618228799.000.h5",
        "2021-04-12T12-00-00/rf@1618228800.000.h5",
        "2021-04-12T12-00-00/rf@1618228801.000.h5",
    ];
    for name in late {
        fs::rename(live.join(name), hidden(name)).unwrap();
    }
    // As a survey does, before the recorder goes on.
    let channel = Channel::open(&live).unwrap();
    let mut samples = vec![Complex::new(0_i16, 0); LENGTH];
    let missing = channel.read_native(START, 0, &mut samples).unwrap();
    let rest = START + RATE..START + LENGTH as u64;
    assert_eq!(missing, std::slice::from_ref(&rest));
    for name in late {
        fs::rename(hidden(name), live.join(name)).unwrap();
    }
    let tail = Tail::new(&channel, Duration::from_secs(2))
        .unwrap()
        .unwrap();
    assert_eq!(tail.end(), START + LENGTH as u64);
    let missing = channel.read_native(START, 0, &mut samples).unwrap();
    assert_eq!(missing, []);
}
