//! Values that look like samples that were never recorded.

use jobwise_gmf::clock::Rate;
use jobwise_gmf::drf::{
    Cadence, Channel, Element, ElementType, Lacking, Order, Properties, Writer, WriterOptions,
};
use num_complex::Complex;

/// 1 kHz in files of 2000 samples.
const START: u64 = 1_618_229_740_000;

/// Three padded or unpadded files of ones, with fill values where told, relative to [`START`].
fn record<T: Element>(
    one: T,
    fills: &[std::ops::Range<usize>],
    is_padded: bool,
) -> tempfile::TempDir {
    let top = tempfile::tempdir().unwrap();
    let element = ElementType {
        kind: T::KIND,
        order: Order::Little,
        is_complex: true,
    };
    let rate = Rate::hertz(1000).unwrap();
    let properties = Properties::new(rate, Cadence::new(10, 2000).unwrap(), element, 1, true);
    let options = WriterOptions {
        compression: u8::from(!is_padded),
        ..WriterOptions::default()
    };
    let mut writer = Writer::create(top.path(), properties, options).unwrap();
    let mut samples = vec![Complex::new(one, one); 6000];
    for fill in fills {
        samples[fill.clone()].fill(Complex::new(T::FILL, T::FILL));
    }
    writer.write(START, &samples).unwrap();
    writer.finish().unwrap();
    top
}

/// What reads of `length` samples find missing and like fill, all in all.
fn read(channel: &Channel, length: usize) -> Lacking {
    let mut all = Lacking::default();
    for start in (START..START + 6000).step_by(length) {
        let mut samples = vec![Complex::default(); length.min((START + 6000 - start) as usize)];
        let lacking = channel.read_told(start, 0, &mut samples, 1e15).unwrap();
        all.like_fill += lacking.like_fill;
        all.unsound += lacking.unsound;
        for gap in lacking.missing {
            match all.missing.last_mut() {
                Some(last) if last.end == gap.start => last.end = gap.end,
                _ => all.missing.push(gap),
            }
        }
    }
    all
}

fn judge<T: Element>(
    one: T,
    is_padded: bool,
    fills: &[std::ops::Range<usize>],
    missing: &[std::ops::Range<u64>],
    like_fill: u64,
) {
    let top = record(one, fills, is_padded);
    let channel = Channel::open(top.path()).unwrap();
    // Whatever windows the samples are read in.
    for length in [6000, 2000, 977, 100, 7] {
        let found = read(&channel, length);
        let missing: Vec<_> = missing
            .iter()
            .map(|r| START + r.start..START + r.end)
            .collect();
        assert_eq!(
            (&found.missing, found.like_fill),
            (&missing, like_fill),
            "{:?} {length}",
            T::KIND
        );
    }
}

/// One in a file, a few, just too few and just enough to be padding; at the ends of files; a whole
/// file.
const FILLS: [std::ops::Range<usize>; 5] = [500..501, 700..710, 1000..1255, 1400..1656, 1990..2003];

#[test]
fn few_fill_values_inside_a_padded_file_are_samples() {
    let missing = [1400..1656, 1990..2003];
    judge(1_i16, true, &FILLS, &missing, 1 + 10 + 255);
    judge(1_i8, true, &FILLS, &missing, 1 + 10 + 255);
    judge(1_u8, true, &FILLS, &missing, 1 + 10 + 255);
    judge(1_i32, true, &FILLS, &missing, 1 + 10 + 255);
    let (fills, missing) = (2000..4000, 2000..4000);
    let whole_file = std::slice::from_ref(&fills);
    judge(1_i16, true, whole_file, std::slice::from_ref(&missing), 0);
}

#[test]
fn fill_values_of_files_with_an_index_are_samples() {
    judge(1_i16, false, &FILLS, &[], 0);
    judge(1_u16, false, &FILLS, &[], 0);
}

#[test]
fn nan_is_missing_everywhere() {
    for is_padded in [true, false] {
        let missing: Vec<_> = FILLS.iter().map(|r| r.start as u64..r.end as u64).collect();
        judge(1.0_f32, is_padded, &FILLS, &missing, 0);
        judge(1.0_f64, is_padded, &FILLS, &missing, 0);
    }
}
