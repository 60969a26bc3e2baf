//! What a TIFF file says of its pictures beside their pixels: `ImageJ`'s and OME's descriptions.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::tags::Tag;

use super::Scale;

/// What the first picture of a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Says {
    /// Where rows and columns lie.
    pub(super) scales: [Option<Scale>; 2],
    /// How many pictures `ImageJ` counts; 1 where it says nothing.
    pub(super) pictures: usize,
}

impl Says {
    /// Reads what the current picture of a decoder says.
    pub(super) fn of<R: Read + Seek>(decoder: &mut Decoder<R>) -> Says {
        let text = decoder.get_tag(Tag::ImageDescription).ok();
        let text = text.and_then(|value| value.into_string().ok());
        let per_unit = [Tag::YResolution, Tag::XResolution].map(|tag| {
            let value = decoder.get_tag(tag).ok()?;
            match value {
                tiff::decoder::ifd::Value::Rational(n, d) => Some(f64::from(n) / f64::from(d)),
                other => other.into_f64().ok(),
            }
        });
        Says::from_text(text.as_deref().unwrap_or(""), per_unit)
    }

    /// Of a description, and of the pixels of a unit along y and x.
    fn from_text(text: &str, per_unit: [Option<f64>; 2]) -> Says {
        let nothing = Says {
            scales: [None, None],
            pictures: 1,
        };
        if text.starts_with("ImageJ=") {
            let entry = |name: &str| {
                let mut lines = text.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            };
            let units = entry("unit").map(|unit| plain(unit.trim()));
            let units = units.filter(|unit| !["", "pixel", "pixels"].contains(&unit.as_str()));
            let scale = |per_unit: Option<f64>| {
                let step = 1.0 / per_unit?;
                let is_step = step.is_finite() && step > 0.0;
                (is_step && units.is_some()).then(|| Scale {
                    offset: 0.0,
                    step,
                    units: units.clone(),
                })
            };
            let pictures = entry("images").and_then(|count| count.trim().parse().ok());
            return Says {
                scales: per_unit.map(scale),
                pictures: pictures.unwrap_or(1).max(1),
            };
        }
        if text.contains("<OME") {
            let of = |side: &str| {
                let step: f64 = attribute(text, &format!("PhysicalSize{side}"))?
                    .parse()
                    .ok()?;
                let units = attribute(text, &format!("PhysicalSize{side}Unit"));
                (step.is_finite() && step > 0.0).then(|| Scale {
                    offset: 0.0,
                    step,
                    units: Some(plain(units.unwrap_or("um"))),
                })
            };
            return Says {
                scales: ["Y", "X"].map(of),
                ..nothing
            };
        }
        nothing
    }
}

/// The value of an attribute of XML, the first of its name.
fn attribute<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = format!(" {name}=\"");
    let (_, rest) = text.split_once(&start)?;
    rest.split('"').next()
}

/// Units by their usual names.
fn plain(units: &str) -> String {
    match units {
        "micron" | "microns" | "\\u00B5m" | "\u{b5}m" | "\u{3bc}m" => "um".to_owned(),
        "\\u00C5" | "\u{c5}" => "angstrom".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_pixels_and_numbers_of_pictures() {
        let imagej = "ImageJ=1.53t\nimages=5\nslices=5\nunit=micron\nspacing=0.5\nloop=false\n";
        let said = Says::from_text(imagej, [Some(4.0), Some(8.0)]);
        let steps = said
            .scales
            .each_ref()
            .map(|scale| scale.as_ref().map(|it| it.step));
        assert_eq!((steps, said.pictures), ([Some(0.25), Some(0.125)], 5));
        assert_eq!(
            said.scales[0].as_ref().unwrap().units.as_deref(),
            Some("um")
        );
        for text in ["ImageJ=1.53t\nunit=pixel\n", "made by hand", ""] {
            let said = Says::from_text(text, [Some(72.0), Some(0.0)]);
            assert_eq!((said.scales, said.pictures), ([None, None], 1), "{text}");
        }
        let ome = "<OME><Pixels PhysicalSizeX=\"0.2\" PhysicalSizeXUnit=\"nm\" \
                   PhysicalSizeY=\"0.3\"/></OME>";
        let [y, x] = Says::from_text(ome, [None, None])
            .scales
            .map(Option::unwrap);
        assert_eq!((y.step, y.units.as_deref()), (0.3, Some("um")));
        assert_eq!((x.step, x.units.as_deref()), (0.2, Some("nm")));
    }
}
