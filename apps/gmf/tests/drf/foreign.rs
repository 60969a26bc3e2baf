//! Recordings that were not written by us.

use jobwise_gmf::clock::Rate;
use jobwise_gmf::dmd::{Metadata, Value};
use jobwise_gmf::drf::Recording;

use crate::peer;
use jobwise_testing::{Python, digital_rf_source};

#[test]
fn the_distributed_recordings_equal_the_peer_sample_by_sample() {
    let (Some(source), Some(python)) = (digital_rf_source(), Python::with("h5py, digital_rf"))
    else {
        return;
    };
    let synthetic = source.join("data/synthetic");
    let rate = Recording::open(&synthetic).unwrap();
    for name in rate.channels() {
        let channel = rate.channel(name).unwrap();
        assert_eq!(
            channel.properties().rate,
            Rate::new(200, 3).unwrap(),
            "{name}"
        );
    }
    let (compared, _) = peer::assert_equal(&python, &synthetic);
    assert!(compared > 8 * 900, "{compared} samples");
    let (compared, missing) = peer::assert_equal(&python, &source.join("data/example"));
    assert_eq!(compared, 10_000);
    assert!(missing < compared, "{missing} missing");
}

#[test]
fn nested_metadata_of_a_receiver_are_read() {
    let Some(source) = digital_rf_source() else {
        return;
    };
    let metadata = Metadata::open(source.join("data/example/ch0/metadata")).unwrap();
    assert_eq!(
        metadata.bounds().unwrap(),
        Some(15_671_057_000_001..=15_671_057_000_001)
    );
    let (index, entry) = metadata.at_or_before(u64::MAX).unwrap().unwrap();
    assert_eq!(index, 15_671_057_000_001);
    assert_eq!(entry["sample_rate_denominator"], Value::Integer(1));
    assert!(matches!(entry["receiver/bandwidth"], Value::Float(_)));
    assert!(matches!(entry["receiver/info/mboard_id"], Value::Text(_)));
    assert!(matches!(
        entry["processing/channelizer_filter_taps"],
        Value::Other(_)
    ));
}
