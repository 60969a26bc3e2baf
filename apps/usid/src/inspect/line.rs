//! One object on one line.

use hdf5::Dataset;
use jobwise_hdf5::descriptor;

use crate::format::{Dimension, Element, Main};

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    let mut scaled = bytes as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if scaled < 999.5 || unit == "TB" {
            let digits = usize::from(unit != "B" && scaled < 9.95);
            return format!("{scaled:.digits$} {unit}");
        }
        scaled /= 1000.0;
    }
    unreachable!("the last unit takes everything")
}

/// Shape, type, storage and bytes of a dataset.
pub(super) fn dataset(dataset: &Dataset) -> String {
    let shape: Vec<String> = dataset.shape().iter().map(usize::to_string).collect();
    let shape = if shape.is_empty() {
        "scalar".to_owned()
    } else {
        shape.join(" x ")
    };
    let kind = match Element::of(dataset) {
        Ok(element) => element.to_string(),
        Err(_) => dataset
            .dtype()
            .and_then(|dtype| descriptor::of(&dtype))
            .map_or_else(|_| "another type".to_owned(), |kind| kind.to_string()),
    };
    let mut storage = match dataset.chunk() {
        None => String::new(),
        Some(chunk) => {
            let chunk: Vec<String> = chunk.iter().map(usize::to_string).collect();
            format!(", chunks {}", chunk.join(" x "))
        }
    };
    for filter in dataset.filters() {
        storage += &format!(", {filter:?}").to_lowercase();
    }
    format!("{shape} {kind}{storage}, {}", size(dataset.storage_size()))
}

/// What a main dataset holds over which dimensions.
pub(super) fn main(main: &Main) -> String {
    let sides = [main.position_dimensions(), main.spectroscopic_dimensions()];
    let [rows, columns] = sides.map(|side| match side {
        Ok(dimensions) => {
            let dimensions: Vec<String> = dimensions.iter().map(dimension).collect();
            dimensions.join(", ")
        }
        Err(_) => "no full grid".to_owned(),
    });
    format!(
        "{} over {rows}; {columns}",
        with_units(main.quantity(), main.units())
    )
}

fn dimension(dimension: &Dimension) -> String {
    let name = with_units(&dimension.name, &dimension.units);
    match dimension.values.as_slice() {
        [] => format!("{name}: none"),
        [one] => format!("{name}: {}", rounded(*one)),
        [first, .., last] => format!(
            "{name}: {} from {} to {}",
            dimension.len(),
            rounded(*first),
            rounded(*last)
        ),
    }
}

/// To six digits, as the values of dimensions are stored with seven.
fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

fn with_units(name: &str, units: &str) -> String {
    if units.is_empty() {
        name.to_owned()
    } else {
        format!("{name} [{units}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_at_least() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9949, "9.9 kB"),
            (9951, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (u64::MAX, "18446744 TB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }
}
