use super::*;

fn scratch() -> (tempfile::TempDir, hdf5::File) {
    let directory = tempfile::tempdir().unwrap();
    let file = hdf5::File::create(directory.path().join("e.h5")).unwrap();
    (directory, file)
}

/// Writes three rows of two columns, with the second row left at the fill value.
fn round_trip<T: Element>(file: &hdf5::File, order: Order, values: [Complex<T>; 4]) {
    let element = ElementType {
        kind: T::KIND,
        order,
        is_complex: true,
    };
    let name = format!("{:?}-{order:?}", T::KIND);
    let dataset = file
        .new_dataset_builder()
        .empty_as(element.datatype().unwrap())
        .shape((3, 2))
        .fill_value(Complex::new(T::FILL, T::FILL))
        .create(name.as_str())
        .unwrap();
    let view = ndarray::ArrayView2::from_shape((2, 2), &values).unwrap();
    dataset
        .write_slice(view.slice(ndarray::s![..1, ..]), ndarray::s![..1, ..])
        .unwrap();
    dataset
        .write_slice(view.slice(ndarray::s![1.., ..]), ndarray::s![2.., ..])
        .unwrap();
    assert_eq!(ElementType::of(&dataset).unwrap(), element);
    let fill = fill_value::<T>(&dataset, true).unwrap();
    assert!(fill.re.is(T::FILL) && fill.im.is(T::FILL));
    let column = read_column::<T>(&dataset, true, 0..3, 1).unwrap();
    assert_eq!((column[0], column[2]), (values[1], values[3]));
    assert!(column[1].re.is(T::FILL) && column[1].im.is(T::FILL));
}

#[test]
fn complex_elements_return_unchanged_in_both_byte_orders() {
    let (_directory, file) = scratch();
    for order in [Order::Little, Order::Big] {
        macro_rules! integers {
            ($($name:ty),*) => {$(
                let (low, high) = (<$name>::MIN, <$name>::MAX);
                let edge = [(1, 2), (low, high), (high, low), (high - 1, 77)];
                round_trip::<$name>(&file, order, edge.map(|(re, im)| Complex::new(re, im)));
            )*};
        }
        integers!(i8, i16, i32, i64, u8, u16, u32, u64);
        let edge = [
            (1.5, -0.25),
            (f32::MAX, f32::MIN_POSITIVE),
            (0.1, 7.0),
            (-3.0, 0.5),
        ];
        round_trip::<f32>(&file, order, edge.map(|(re, im)| Complex::new(re, im)));
        let edge = [
            (1.5, -0.25),
            (f64::MAX, f64::MIN_POSITIVE),
            (0.1, 7.0),
            (-3.0, 0.5),
        ];
        round_trip::<f64>(&file, order, edge.map(|(re, im)| Complex::new(re, im)));
    }
}

#[test]
fn the_byte_order_is_really_stored() {
    let (directory, file) = scratch();
    let element = ElementType {
        kind: Kind::U16,
        order: Order::Big,
        is_complex: true,
    };
    let builder = file
        .new_dataset_builder()
        .empty_as(element.datatype().unwrap());
    let dataset = builder.shape((1, 1)).create("x").unwrap();
    let value = ndarray::arr2(&[[Complex::new(0x1234_u16, 0x5678)]]);
    dataset.write(&value).unwrap();
    let offset = dataset.offset().unwrap() as usize;
    drop(dataset);
    file.close().unwrap();
    let bytes = std::fs::read(directory.path().join("e.h5")).unwrap();
    assert_eq!(bytes[offset..offset + 4], [0x12, 0x34, 0x56, 0x78]);
}

#[test]
fn foreign_types_are_refused_with_address() {
    let (_directory, file) = scratch();
    let text = file
        .new_dataset::<hdf5::types::FixedAscii<8>>()
        .shape((1, 1))
        .create("t")
        .unwrap();
    let error = ElementType::of(&text).unwrap_err().to_string();
    assert!(error.contains("e.h5: /t: has elements of type"), "{error}");
    let real = file.new_dataset::<i16>().shape((4, 1)).create("r").unwrap();
    let beyond = read_column::<i16>(&real, false, 2..5, 0)
        .unwrap_err()
        .to_string();
    assert!(beyond.contains("e.h5: /r:"), "{beyond}");
    let kind = ElementType::of(&real).unwrap();
    assert_eq!(
        kind,
        ElementType {
            kind: Kind::I16,
            order: Order::Little,
            is_complex: false
        }
    );
}
