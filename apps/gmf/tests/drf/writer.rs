//! What the writer's files look like, and what it refuses.

use std::path::Path;

use jobwise_gmf::drf::{
    Cadence, Channel, ElementType, Kind, Order, Properties, Writer, WriterOptions,
};
use num_complex::Complex;

use crate::signal::{START, STORAGES, Storage, options, properties, rate, record};
use jobwise_testing::Python;

const INT16: ElementType = ElementType {
    kind: Kind::I16,
    order: Order::Little,
    is_complex: true,
};

/// Prints everything of a channel that the format fixes.
const LAYOUT: &str = r#"
import glob, h5py, os, sys
def kind(attribute):
    t = attribute.get_type()
    if isinstance(t, h5py.h5t.TypeStringID):
        return "text%d" % t.get_strpad()
    return attribute.dtype.str
def attributes(o):
    named = [(n, h5py.h5a.open(o.id, n.encode())) for n in sorted(o.attrs)]
    return " ".join("%s=%s%s" % (n, kind(a), a.shape) for n, a in named)
with h5py.File(os.path.join(sys.argv[1], "drf_properties.h5")) as f:
    print(attributes(f), list(f))
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*/*.h5"))):
    with h5py.File(path) as f:
        d, i = f["rf_data"], f["rf_data_index"]
        a = d.attrs
        print(os.sep.join(path.split(os.sep)[-2:]), d.dtype.str, d.shape, d.maxshape)
        print(d.dtype.fields, d.fillvalue, d.compression_opts, d.fletcher32, d.chunks is None)
        print(d.id.get_create_plist().get_alloc_time(), i.dtype.str, i.shape, i.maxshape, i.chunks)
        print(a["sequence_num"], a["init_utc_timestamp"], a["uuid_str"], a["epoch"])
        print(a["digital_rf_version"], attributes(d))
"#;

const COMMON: &str = "H5Tget_class=<u8() H5Tget_offset=<u8() H5Tget_order=<u8() \
    H5Tget_precision=<u8() H5Tget_size=<u8() ";
const TEXTS: &str = "digital_rf_time_description=text0() digital_rf_version=text0() \
    epoch=text0() file_cadence_millisecs=<u8() ";
const FLAGS: &str = "is_complex=<i4() is_continuous=<i4() num_subchannels=<i4() \
    sample_rate_denominator=<u8() sample_rate_numerator=<u8() ";

#[test]
fn files_have_the_documented_layout() {
    let Some(python) = Python::with("h5py, digital_rf") else {
        return;
    };
    for storage in STORAGES {
        let top = tempfile::tempdir().unwrap();
        record::<i16>(top.path(), Order::Little, true, 3, storage);
        let printed = python.run(LAYOUT, [top.path()]);
        let lines = printed.lines().collect::<Vec<_>>();
        assert_eq!(
            lines[0],
            format!("{COMMON}{TEXTS}{FLAGS}subdir_cadence_secs=<u8() []")
        );
        // The file of 12:30:40 holds the samples of one second from the first whole sample on.
        let second = lines
            .iter()
            .position(|l| l.contains("rf@1394368240.000.h5"))
            .unwrap();
        let [name, kind, access, other, rest] = lines[second..second + 5] else {
            panic!()
        };
        assert!(name.starts_with("2014-03-09T12-30-40/rf@"), "{name}");
        let fields = "{'r': (dtype('int16'), 0), 'i': (dtype('int16'), 2)}";
        assert!(kind.starts_with(fields), "{kind}");
        let shape = match storage {
            Storage::Padded => "|V4 (67, 3) (67, 3)",
            Storage::Compressed | Storage::Gapped => "|V4 (60, 3) (67, 3)",
        };
        assert!(name.ends_with(shape), "{name}");
        let flags = match storage {
            Storage::Padded => "(-32768, -32768) None False True",
            Storage::Compressed => "(-32768, -32768) 4 True False",
            Storage::Gapped => "(-32768, -32768) None False False",
        };
        assert!(kind.ends_with(flags), "{kind}");
        let (late, blocks) = if matches!(storage, Storage::Padded) {
            (2, 1)
        } else {
            (3, 2)
        };
        assert_eq!(
            access,
            format!("{late} <u8 ({blocks}, 2) (None, 2) (100, 2)")
        );
        assert_eq!(other, "2 1394368240 b'0a51f2c2' b'1970-01-01T00:00:00Z'");
        let expected = format!(
            "b'2.6.0' {COMMON}computer_time=<u8() {TEXTS}init_utc_timestamp=<u8() {FLAGS}\
             sequence_num=<i4() subdir_cadence_secs=<u8() uuid_str=text0()"
        );
        assert_eq!(rest, expected);
    }
}

fn create(directory: &Path, storage: Storage) -> Writer {
    Writer::create(directory, properties(INT16, 1, storage), options(storage)).unwrap()
}

fn data_files(directory: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let files = std::fs::read_dir(path).unwrap();
            names.extend(files.map(|f| f.unwrap().file_name().into_string().unwrap()));
        }
    }
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_only_when_it_is_complete() {
    let top = tempfile::tempdir().unwrap();
    let mut writer = create(top.path(), Storage::Padded);
    let samples = vec![Complex::new(1_i16, 2); 60];
    writer.write(START, &samples).unwrap();
    assert_eq!(
        data_files(top.path()),
        ["rf@1394368238.000.h5", "tmp.rf@1394368239.000.h5"]
    );
    // A reader sees finished files only.
    let channel = Channel::open(top.path()).unwrap();
    let bounds = channel.bounds().unwrap().unwrap();
    assert!(
        bounds.start == START && bounds.end < START + 60,
        "{bounds:?}"
    );
    drop(writer);
    assert_eq!(data_files(top.path()), ["rf@1394368238.000.h5"]);
}

#[test]
fn nothing_recorded_is_overwritten() {
    let top = tempfile::tempdir().unwrap();
    let sample = [Complex::new(1_i16, 2)];
    let mut writer = create(top.path(), Storage::Gapped);
    writer.write(START, &sample).unwrap();
    let error = writer.write(START, &sample).unwrap_err().to_string();
    assert!(error.contains("the next to write"), "{error}");
    writer.finish().unwrap();
    let mut again = create(top.path(), Storage::Gapped);
    let error = again.write(START + 1, &sample).unwrap_err().to_string();
    assert!(error.contains("rf@1394368238.000.h5: exists"), "{error}");
    // Two writers cannot fill the same file either.
    again.write(START + 100, &sample).unwrap();
    let mut rival = create(top.path(), Storage::Gapped);
    let error = rival.write(START + 101, &sample).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
    again.finish().unwrap();
    let blocks = Channel::open(top.path()).unwrap().blocks().unwrap();
    assert_eq!(
        blocks.iter().map(|b| b.start).collect::<Vec<_>>(),
        [START, START + 100]
    );
}

#[test]
fn an_existing_channel_must_have_the_same_properties() {
    let top = tempfile::tempdir().unwrap();
    let mut writer = create(top.path(), Storage::Padded);
    writer.write(START, &[Complex::new(1_i16, 2)]).unwrap();
    writer.finish().unwrap();
    let same = properties(INT16, 1, Storage::Padded);
    let cadence = Cadence::new(10, 500).unwrap();
    let unsigned = ElementType {
        kind: Kind::U16,
        ..INT16
    };
    let big = ElementType {
        order: Order::Big,
        ..INT16
    };
    let others = [
        (
            Properties {
                cadence,
                ..same.clone()
            },
            "cadence",
        ),
        (
            Properties {
                subchannels: 2,
                ..same.clone()
            },
            "sub-channels",
        ),
        (
            Properties {
                is_continuous: false,
                ..same.clone()
            },
            "continuous",
        ),
        (
            Properties::new(rate(), same.cadence, unsigned, 1, true),
            "sign",
        ),
        (
            Properties::new(rate(), same.cadence, big, 1, true),
            "byte order",
        ),
    ];
    for (other, what) in others {
        let error = Writer::create(top.path(), other, WriterOptions::default()).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    Writer::create(top.path(), same, WriterOptions::default()).unwrap();
}

#[test]
fn impossible_requests_are_refused() {
    let top = tempfile::tempdir().unwrap();
    let wrong = WriterOptions {
        compression: 10,
        ..WriterOptions::default()
    };
    let plain = properties(INT16, 2, Storage::Padded);
    assert!(Writer::create(top.path(), plain.clone(), wrong).is_err());
    let mut writer = Writer::create(top.path(), plain, WriterOptions::default()).unwrap();
    let cases = [
        writer.write(START, &[Complex::new(1.0_f32, 0.0); 2]),
        writer.write_real(START, &[1_i16; 2]),
        writer.write(START, &[Complex::new(1_i16, 0); 3]),
        writer.write(u64::MAX - 1, &[Complex::new(1_i16, 0); 8]),
    ];
    for case in cases {
        let line = case.unwrap_err().to_string();
        assert!(!line.contains('\n'), "{line}");
    }
    writer.write(START, &[Complex::new(1_i16, 0); 2]).unwrap();
    writer.finish().unwrap();
}
