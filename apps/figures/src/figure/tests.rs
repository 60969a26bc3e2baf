use ndarray::Array2;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree;

use super::*;
use crate::{Axis, ColourMap, Grid, HeatMap, Mark, Reduction, Series};

/// 2021-04-12T12:15:40.
const START: f64 = 1_618_229_740.0;

/// Four panels: dots and crosses against UTC, a line, a heat map, nothing.
fn figure(size: (u32, u32)) -> Figure {
    let times = (0..200).map(|i| START + f64::from(i) * 0.02);
    let found = Series::new(
        "above 15 dB",
        Mark::Dot,
        times.clone().map(|t| (t, (t - START).sin())),
    );
    let crosses = Series::new(
        "optimised",
        Mark::Cross,
        times.step_by(20).map(|t| (t, 0.5)),
    );
    let wave = (0..500).map(|i| {
        (
            f64::from(i),
            if i == 250 {
                f64::NAN
            } else {
                f64::from(i % 50)
            },
        )
    });
    let mut grid = Grid::new((300, 80), (300, 80), Reduction::Max);
    for column in 0..300 {
        for row in 0..80 {
            let value = if row == 3 {
                f64::NAN
            } else {
                (column * row) as f64
            };
            grid.add(column, row, value);
        }
    }
    let map = HeatMap::new("power [dB]", grid.cells(), START..START + 6.0, 0.0..80.0);
    let (utc, metres) = (|| Axis::utc("Time (UTC)"), || Axis::linear("Range [km]"));
    Figure::new("A figure of <everything> & more", size).panels(
        2,
        [
            Panel::new("Points", utc(), metres())
                .series(found.faint())
                .series(crosses.colour(1)),
            Panel::new("Line", Axis::linear("Number"), metres()).series(Series::new(
                "",
                Mark::Line,
                wave,
            )),
            Panel::new("Map", utc(), metres()).heat(map.colours(ColourMap::Cividis)),
            Panel::new("Nothing", utc(), metres()),
        ],
    )
}

#[test]
fn a_png_has_the_size_asked_for_and_shows_something_in_every_panel() {
    let png = figure((900, 700)).png().unwrap();
    let pixels = Pixmap::decode_png(&png).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (900, 700));
    let colours = |left: u32, top: u32| {
        let area = (top..top + 340).flat_map(|y| (left..left + 440).map(move |x| (x, y)));
        let colour = |(x, y)| {
            let pixel = pixels.pixel(x, y).unwrap();
            (pixel.red(), pixel.green(), pixel.blue())
        };
        area.map(colour)
            .collect::<std::collections::HashSet<_>>()
            .len()
    };
    for (panel, at) in [
        ("points", (0, 0)),
        ("line", (450, 0)),
        ("map", (0, 350)),
        ("nothing", (450, 350)),
    ] {
        // Text is smoothed, so even one label has shades of grey.
        assert!(colours(at.0, at.1) > 10, "{panel}");
    }
    // Only the map has many.
    assert!(colours(0, 350) > 3 * colours(0, 0));
}

#[test]
fn text_is_drawn_without_any_font_of_the_system() {
    let ink = |title: &str| {
        let png = Figure::new(title, (300, 40)).png().unwrap();
        let pixels = Pixmap::decode_png(&png).unwrap();
        pixels.pixels().iter().filter(|p| p.red() < 128).count()
    };
    assert_eq!(ink(""), 0);
    assert!(ink("m/s\u{b2} \u{2212} \u{3bb}") > 40);
}

#[test]
fn an_svg_is_well_formed_and_keeps_its_text() {
    let svg = figure((900, 700)).svg().unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<_> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    for text in [
        "A figure of <everything> & more",
        "Time (UTC), 2021-04-12",
        "power [dB]",
        "above 15 dB",
        "nothing to show",
        "12:15:42",
    ] {
        assert!(texts.contains(&text), "no {text:?} in {texts:?}");
    }
}

#[test]
fn equal_figures_have_equal_bytes() {
    assert_eq!(
        figure((600, 500)).png().unwrap(),
        figure((600, 500)).png().unwrap()
    );
    assert_eq!(
        figure((600, 500)).svg().unwrap(),
        figure((600, 500)).svg().unwrap()
    );
}

#[test]
fn a_drawing_does_not_grow_with_its_data() {
    let drawn = |count: u32| {
        let points = (0..count).map(|i| (f64::from(i % 1000), f64::from(i % 997)));
        let dots = Series::new("", Mark::Dot, points.clone());
        let line = Series::new(
            "",
            Mark::Line,
            points.enumerate().map(|(i, p)| (i as f64, p.1)),
        );
        let panel = |series| Panel::new("", Axis::linear(""), Axis::linear("")).series(series);
        let figure = Figure::new("", (120, 100)).panels(2, [panel(dots), panel(line)]);
        figure.svg().unwrap().len()
    };
    // 1.1 MB would be 10 bytes per point.
    assert!(drawn(1_000_000) < 150_000);
    let noise = Array2::from_shape_fn((1000, 600), |(c, r)| {
        f64::from((c * 7919 + r * 104_729) as u32 % 1009)
    });
    let map = HeatMap::new("", noise, 0.0..1.0, 0.0..1.0);
    let panel = Panel::new("", Axis::linear(""), Axis::linear("")).heat(map);
    let svg = Figure::new("", (1200, 800))
        .panels(1, [panel])
        .svg()
        .unwrap();
    assert!(svg.len() < 900_000, "{}", svg.len());
}

#[test]
fn values_without_a_place_are_no_failure() {
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
    ];
    let points = odd.into_iter().flat_map(|x| odd.map(|y| (x, y)));
    for mark in [Mark::Dot, Mark::Cross, Mark::Line] {
        let series = Series::new("", mark, points.clone());
        for axis in [Axis::linear("x"), Axis::utc("x")] {
            let panel = Panel::new("", axis, Axis::linear("y")).series(series.clone());
            Figure::new("", (200, 100))
                .panels(1, [panel])
                .png()
                .unwrap();
        }
    }
    for value in odd {
        let map = HeatMap::new("", Array2::from_elem((2, 2), value), 0.0..1.0, 0.0..1.0);
        let panel = Panel::new("", Axis::linear(""), Axis::linear("")).heat(map);
        Figure::new("", (200, 100))
            .panels(1, [panel])
            .png()
            .unwrap();
    }
    assert!(Figure::new("", (0, 100)).png().is_err());
}

#[test]
fn files_appear_whole() {
    let directory = tempfile::tempdir().unwrap();
    for format in [Format::Png, Format::Svg] {
        let path = directory
            .path()
            .join("new/figure")
            .with_extension(format.extension());
        figure((300, 200)).write(&path, format).unwrap();
        assert!(std::fs::read(&path).unwrap().len() > 1000);
    }
    assert_eq!(
        std::fs::read_dir(directory.path().join("new"))
            .unwrap()
            .count(),
        2
    );
    assert_eq!("PNG".parse::<Format>(), Ok(Format::Png));
    assert!("gif".parse::<Format>().unwrap_err().contains("png, svg"));
}
