//! What spt3g makes of our files.

use jobwise_testing::Python;

use crate::{Bench, read, scan, types};

/// Sums of all timestreams, as spt3g reads them.
const SUMS: &str = "
import sys, json
import numpy as np
from spt3g import core
sums = []
for name in sys.argv[1:]:
    for frame in core.G3File(name):
        if frame.type == core.G3FrameType.Scan:
            raw = frame['Raw']
            for key in raw.keys():
                x = np.asarray(raw[key])
                sums.append([key, len(x), repr(float(np.nansum(x))), int(np.isnan(x).sum()),
                             repr(float(np.nansum(x * np.arange(len(x)))))])
print(json.dumps(sums))
";

#[test]
fn spt3g_reads_what_we_compress() {
    let Some(python) = Python::of("JOBWISE_SPT3G", "spt3g") else {
        return;
    };
    let bench = Bench::new();
    let sums = |name: &str| python.run(SUMS, [bench.path(name)]);
    let expected = sums("a.g3");
    assert!(expected.contains("fractions"));
    for level in [1, 5, 8] {
        for depth in [24, 32] {
            let ended = bench.run(&format!("repack a.g3 -o f.g3 --flac {level}:{depth}"));
            assert!(ended.succeeded());
            assert_eq!(sums("f.g3"), expected, "{level}:{depth}");
        }
    }
    for form in ["gz", "bz2", "xz"] {
        bench
            .run(&format!("cat a.g3 -o b.g3.{form}"))
            .must_succeed();
        assert_eq!(sums(&format!("b.g3.{form}")), expected, "{form}");
    }
}

/// Signals that are hard on a codec: noise of full width, steps, constants, single samples.
#[test]
fn spt3g_reads_signals_of_all_kinds() {
    use jobwise_frames::object::{Compression, Time, Timestream, TimestreamMap, Units};
    let Some(python) = Python::of("JOBWISE_SPT3G", "spt3g") else {
        return;
    };
    let bench = Bench::new();
    let mut state = 1u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state
    };
    let mut frames = Vec::new();
    for level in 1..=8 {
        let mut map = TimestreamMap::new();
        for (name, length, bits) in [
            ("wide", 9000, 32),
            ("short", 1, 32),
            ("noise", 5000, 24),
            ("narrow", 4097, 5),
            ("none", 4096, 0),
        ] {
            let samples: Vec<i32> = (0..length)
                .map(|i| match bits {
                    0 => -7,
                    bits => {
                        (next() as i64 >> (64 - bits)) as i32
                            & if i % 1000 < 500 { -1 } else { -16 }
                    }
                })
                .collect();
            let instant = Time::default();
            let mut timestream = Timestream::new(samples, Units::COUNTS, instant, instant);
            timestream.compression = Some(Compression { level, depth: 32 });
            map.insert(name, timestream);
        }
        let mut frame = scan(level.into());
        frame.put("Raw", map);
        frames.push(frame);
    }
    bench.write("c.g3", &frames);
    bench.run("repack c.g3 -o p.g3 --no-flac").must_succeed();
    let (compressed, plain) = (bench.path("c.g3"), bench.path("p.g3"));
    assert_eq!(python.run(SUMS, [compressed]), python.run(SUMS, [plain]));
}

/// Compares arrays as so3g reads them with those that so3g wrote.
const ARRAYS: &str = "
import sys
import numpy as np
import so3g
from spt3g import core
arrays, count = np.load(sys.argv[2]), 0
for frame in core.G3File(sys.argv[1]):
    name = frame['name']
    # so3g refuses arrays without samples.
    if name == 'i32_empty':
        continue
    data = frame['signal'].data
    assert data.dtype == arrays[name].dtype and np.array_equal(data, arrays[name]), name
    count += 1
print(count)
";

#[test]
fn so3g_reads_our_super_timestreams() {
    let Some(python) = Python::of("JOBWISE_SPT3G", "so3g, spt3g") else {
        return;
    };
    let Some(file) = jobwise_testing::reference("frames/real/so3g-super.g3") else {
        return;
    };
    let bench = Bench::new();
    bench
        .run(&format!("repack {} -o super.g3", file.display()))
        .must_succeed();
    let arrays = file.with_extension("g3.npz");
    // Those too that so3g itself reads wrongly where it wrote them: floats that it left as they
    // are.
    assert_eq!(
        python.run(ARRAYS, [bench.path("super.g3"), arrays]).trim(),
        "21"
    );
}

/// Sends a file: metadata before somebody listens, the scans after.
const SENDER: &str = "
import sys, time
from spt3g import core
sender = core.G3NetworkSender(hostname='*', port=int(sys.argv[2]))
frames = list(core.G3File(sys.argv[1]))
is_scan = lambda frame: frame.type == core.G3FrameType.Scan
for frame in frames:
    if not is_scan(frame):
        sender(frame)
time.sleep(1)
for frame in frames:
    if is_scan(frame):
        sender(frame)
sender(core.G3Frame(core.G3FrameType.EndProcessing))
# The connection stays open.
time.sleep(60)
";

#[test]
fn we_read_what_spt3g_sends() {
    let Some(python) = Python::of("JOBWISE_SPT3G", "spt3g") else {
        return;
    };
    let bench = Bench::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut sender = python.command(SENDER);
    let mut sender = sender
        .arg(bench.path("a.g3"))
        .arg(port.to_string())
        .spawn()
        .unwrap();
    // It comes late enough for the sender, which is waited for, and ends when nothing comes.
    let ended = bench.run(&format!("cat tcp://127.0.0.1:{port} -o got.g3 --timeout 4"));
    sender.kill().unwrap();
    sender.wait().unwrap();
    assert!(ended.succeeded(), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("nobody has sent for 4 s; taken for the end")
    );
    assert_eq!(types(bench.path("got.g3")), "OCSSSS");
    let digests = |name: &str| -> Vec<_> {
        let frames = read(bench.path(name));
        frames.iter().map(|frame| frame.digest().unwrap()).collect()
    };
    assert_eq!(digests("got.g3"), digests("a.g3"));
}
