//! Cells to and from numbers.

use hdf5::Datatype;
use hdf5::types::{CompoundField, CompoundType, FloatSize, TypeDescriptor};
use jobwise_hdf5::element::Kind;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_usid::format::{Element, Losses, Scalar, SourceRows};

use super::scratch;

fn decoded(element: &Element, row: &[u8]) -> Vec<f64> {
    let mut numbers = Vec::new();
    element.decode(row, &mut numbers);
    numbers
}

fn encoded(element: &Element, numbers: &[f64]) -> Vec<u8> {
    let mut row = Vec::new();
    element.encode(numbers, &mut row);
    row
}

#[test]
fn complex_rows_are_flattened_into_real_and_imaginary_halves() {
    let element = Element::Complex(Scalar::F32);
    let row: Vec<u8> = [1.0f32, -2.0, 3.5, 4.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(decoded(&element, &row), [1.0, 3.5, -2.0, 4.0]);
    assert_eq!(encoded(&element, &[1.0, 3.5, -2.0, 4.0]), row);
    assert_eq!((element.size(), element.reals()), (8, 2));
}

#[test]
fn compound_rows_are_flattened_field_by_field() {
    let fields = [("a", Kind::U8), ("b", Kind::F64), ("c", Kind::I16)];
    let fields = fields.map(|(name, kind)| (name.to_owned(), Element::Real(Scalar::Of(kind))));
    let element = Element::Compound(fields.to_vec());
    let mut row = Vec::new();
    for k in 0..3u8 {
        row.push(k);
        row.extend((f64::from(k) + 0.25).to_le_bytes());
        row.extend((-300 - i16::from(k)).to_le_bytes());
    }
    let numbers = [0.0, 1.0, 2.0, 0.25, 1.25, 2.25, -300.0, -301.0, -302.0];
    assert_eq!(decoded(&element, &row), numbers);
    assert_eq!(encoded(&element, &numbers), row);
    assert_eq!(element.to_string(), "{a: u8, b: f64, c: i16}");
}

#[test]
fn numbers_that_do_not_fit_end_at_the_limits() {
    let through = |kind: Kind, numbers: &[f64]| {
        let element = Element::Real(Scalar::Of(kind));
        decoded(&element, &encoded(&element, numbers))
    };
    let odd = [0.5, 1.5, 2.5, -0.6, 1e30, -1e30, f64::NAN];
    assert_eq!(
        through(Kind::U8, &odd),
        [0.0, 2.0, 2.0, 0.0, 255.0, 0.0, 0.0]
    );
    assert_eq!(
        through(Kind::I16, &odd),
        [0.0, 2.0, 2.0, -1.0, 32767.0, -32768.0, 0.0]
    );
    assert_eq!(through(Kind::I64, &[-3.0, 9e15])[..], [-3.0, 9e15]);
    assert_eq!(through(Kind::F32, &[0.1]), [f64::from(0.1f32)]);
    assert!(through(Kind::F32, &[f64::NAN])[0].is_nan());
    assert_eq!(through(Kind::F64, &[0.1]), [0.1]);
}

#[test]
fn what_numbers_lose_is_counted() {
    let through = |scalar: Scalar, numbers: &[f64]| {
        let element = Element::Real(scalar);
        element.encode(numbers, &mut Vec::new())
    };
    let odd = [0.5, 1.5, 7.0, -0.6, 1e30, -1e30, f64::NAN, f64::INFINITY];
    let expected = Losses {
        rounded: 2,
        clipped: 4,
        undefined: 1,
        ..Losses::default()
    };
    assert_eq!(through(Scalar::Of(Kind::U8), &odd), expected);
    let odd = [0.1, 1e39, -1e39, 1e-40, 1e-60, f64::NAN, f64::INFINITY, 0.0];
    let expected = Losses {
        infinite: 2,
        vanished: 2,
        ..Losses::default()
    };
    assert_eq!(through(Scalar::F32, &odd), expected);
    assert!(through(Scalar::F64, &odd).is_none());
    assert_eq!(through(Scalar::Half, &[7e4, 1.0, 1e-9]).infinite, 1);
    let large = [u64::MAX, (1 << 53) + 1, 1 << 54, 5];
    let bytes: Vec<u8> = large.iter().flat_map(|n| n.to_le_bytes()).collect();
    let element = Element::Real(Scalar::Of(Kind::U64));
    assert_eq!(element.decode(&bytes, &mut Vec::new()).coarse, 2);
}

#[test]
fn every_kind_survives_the_trip() {
    use Kind::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    for kind in [I8, I16, I32, I64, U8, U16, U32, U64, F32, F64] {
        let element = Element::Real(Scalar::Of(kind));
        let numbers: Vec<f64> = (0..100).map(f64::from).collect();
        let row = encoded(&element, &numbers);
        assert_eq!(row.len(), 100 * kind.size());
        assert_eq!(decoded(&element, &row), numbers, "{kind:?}");
    }
}

#[test]
fn half_floats_and_big_endian_cells_are_read() {
    let (_directory, file) = scratch();
    let half = file
        .new_dataset_builder()
        .empty_as(TypeDescriptor::Float(FloatSize::U2))
        .shape((1, 3))
        .create("half")
        .unwrap();
    half.write_raw(&[1.5f64, -0.25, 65504.0]).unwrap();
    let element = Element::of(&half).unwrap();
    assert_eq!(element.to_string(), "f16");
    let row: Vec<u8> = [0x3e00u16, 0xb400, 0x7bff]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(decoded(&element, &row), [1.5, -0.25, 65504.0]);
    assert_eq!(encoded(&element, &[1.5, -0.25, 65504.0]), row);
    let read: Vec<f64> = half.read_raw().unwrap();
    assert_eq!(read, [1.5, -0.25, 65504.0]);

    let big = jobwise_hdf5::element::ElementType {
        kind: Kind::I32,
        order: jobwise_hdf5::element::Order::Big,
        is_complex: true,
    };
    let datatype = big.datatype().unwrap();
    let big = file
        .new_dataset_builder()
        .empty_as(datatype)
        .shape((1, 1))
        .create("big")
        .unwrap();
    let element = Element::of(&big).unwrap();
    assert_eq!(element.to_string(), "complex i32");
    let row = [0, 0, 1, 2, 255, 255, 255, 254];
    raw_rows::write(&big, 0..1, &row, Transfer::Independent).unwrap();
    let rows = SourceRows::of_dataset(&big, &element, 1).unwrap();
    assert_eq!(rows.numbers(0..1).unwrap().0, [258.0, -2.0]);
    assert_eq!(rows.read(0..1).unwrap(), [2, 1, 0, 0, 254, 255, 255, 255]);
    let error = element.must_lie_in(&big).unwrap_err().to_string();
    assert!(error.contains("byte order"), "{error}");
}

#[test]
fn other_types_are_refused_with_their_name() {
    let (_directory, file) = scratch();
    let field = |name: &str, offset| CompoundField::typed::<f32>(name, offset, 0);
    let text = CompoundType {
        fields: vec![
            field("a", 0),
            CompoundField::new("b", TypeDescriptor::FixedAscii(4), 4, 0),
        ],
        size: 8,
    };
    let nested = CompoundType {
        fields: vec![CompoundField::new(
            "z",
            TypeDescriptor::FixedArray(Box::new(TypeDescriptor::Boolean), 2),
            0,
            0,
        )],
        size: 2,
    };
    let types = [
        TypeDescriptor::Compound(text),
        TypeDescriptor::Compound(nested),
        TypeDescriptor::VarLenUnicode,
    ];
    for (k, descriptor) in types.iter().enumerate() {
        let name = format!("d{k}");
        let dataset = file
            .new_dataset_builder()
            .empty_as(Datatype::from_descriptor(descriptor).unwrap())
            .shape((1, 1))
            .create(name.as_str())
            .unwrap();
        let error = Element::of(&dataset).unwrap_err().to_string();
        assert!(
            error.contains(&name) && error.contains("cells of type"),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }
}
