use std::path::Path;

use jobwise_inversion::forward::TimeDomain;
use jobwise_inversion::system::{System, TimeSystem};

use crate::fixtures::refused;

/// Two moments, one gate removed from each.
pub(crate) const GEX: &str = "/made up
[General]
Description=nothing
TxLoopArea=314.159265358979
NumberOfTurnsLM=1
RxCoilPosition1=-12 0 -2
RxCoilLPFilter1=0.8 4E5
WaveformLMPoint01=-1.0E-3 0
WaveformLMPoint02=-8.0E-4 1
WaveformLMPoint03=0 1
WaveformLMPoint04=5.0E-6 0
WaveformHMPoint01=-4.0E-3 0
WaveformHMPoint02=-3.0E-3 1
WaveformHMPoint03=0 1
WaveformHMPoint04=4.0E-5 0
GateTime01=1.0E-6 0.5E-6 1.5E-6
GateTime02=1.0E-5 0.8E-5 1.2E-5
GateTime03=3.0E-5 2.0E-5 4.0E-5
GateTime04=1.0E-4 0.7E-4 1.5E-4

[Channel1]
RxCoilNumber=1
TransmitterMoment=LM
NoGates=3
RemoveInitialGates=1
GateTimeShift=-1.0E-6
MeaTimeDelay=0.5E-6
RepFreq=220
TiBLowPassFilter=1 3E5
ReceiverPolarizationXYZ=Z

[Channel2]
TransmitterMoment=HM
NoGates=4
RemoveInitialGates=2
RepFreq=25
";

fn systems(text: &str) -> Vec<TimeSystem> {
    let systems = System::parse(Path::new("a.gex"), text).unwrap();
    let times = systems.into_iter().map(|system| match system {
        System::Time(system) => system,
        System::Frequency(_) => panic!("a system of the frequency domain"),
    });
    times.collect()
}

#[test]
fn each_channel_is_a_system() {
    let systems = systems(GEX);
    let [low, high] = &systems[..] else {
        panic!("{systems:?}")
    };
    assert_eq!(
        (low.name.as_str(), high.name.as_str()),
        ("a Channel1 LM", "a Channel2 HM")
    );
    assert_eq!((low.windows.len(), high.windows.len()), (2, 2));
    assert!(
        (low.windows[0][0] - 7.5e-6).abs() < 1e-18 && (high.windows[1][1] - 1.5e-4).abs() < 1e-18
    );
    assert!((low.loop_radius - 10.0).abs() < 1e-9);
    assert_eq!(low.low_pass, [(4e5 / 0.8, 2), (3e5, 1)]);
    assert_eq!(
        low.scaling.map(f64::to_bits),
        [0.0, 0.0, 1.0f64].map(f64::to_bits)
    );
    // Zero until half a period is over.
    assert!((low.points[4][0] - (-1e-3 + 0.5 / 220.0)).abs() < 1e-9);
    assert_eq!(low.points.len(), 5);
    assert!(low.passed_at_nyquist() <= 0.1 || low.samples() == 262_144);
    for system in &systems {
        assert_eq!(TimeDomain::new(system).windows(), 2);
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (from, to, told) in [
        ("RepFreq=220\n", "", "line 21: [Channel1] has no RepFreq"),
        (
            "RepFreq=220",
            "RepFreq=0",
            "RepFreq and TxLoopArea must be positive",
        ),
        ("NoGates=3", "NoGates=30", "line 21: NoGates=30"),
        (
            "RemoveInitialGates=1",
            "RemoveInitialGates=3",
            "line 21: NoGates=3 and RemoveInitialGates=3",
        ),
        (
            "GateTime02=1.0E-5 0.8E-5",
            "GateTime02=1.0E-5 x",
            "line 17: GateTime02: x is no number",
        ),
        (
            "RemoveInitialGates=1",
            "RemoveInitialGates=0",
            "line 16: centre, begin and end",
        ),
        ("=1 3E5", "=1", "line 29: order and frequency"),
        (
            "WaveformLMPoint04=5.0E-6 0",
            "WaveformLMPoint04=5.0E-6 1",
            "the last current is not 0",
        ),
        (
            "WaveformLM",
            "Waveform",
            "line 2: no waveform: WaveformLMPoint01",
        ),
        ("[Channel", "[Other", "no channel"),
        ("XYZ=Z", "XYZ=Q", "ReceiverPolarizationXYZ=Q"),
    ] {
        let message = refused(System::parse(Path::new("a.gex"), &GEX.replace(from, to)));
        assert!(message.contains(told), "{to}: {message}");
    }
}
