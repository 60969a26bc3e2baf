//! Pictures: an SVG rendered, and PNG files.

use std::sync::{Arc, LazyLock};

use png::{BitDepth, ColorType, Compression, Encoder};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, Tree, fontdb};

use super::svg::FONT;
use super::{Error, Result};

/// The one font: nothing of the system is asked.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(dejavu::sans::regular())));
    Arc::new(fonts)
});

/// Renders a drawing, one pixel per unit, as a PNG in red, green and blue.
pub(super) fn render(svg: &str) -> Result<Vec<u8>> {
    let options = usvg::Options {
        font_family: FONT.to_owned(),
        fontdb: FONTS.clone(),
        ..usvg::Options::default()
    };
    let refused = |why: String| Error::Render(why);
    let tree = Tree::from_str(svg, &options).map_err(|e| refused(e.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| refused(format!("{} x {} pixels", size.width(), size.height())))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    // The background is opaque, so transparency says nothing.
    let rgb: Vec<u8> = pixels
        .data()
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect();
    encode((size.width(), size.height()), &rgb, None)
}

/// A PNG of (width, height) pixels, each a step of a palette of red, green, blue.
pub(super) fn indexed(size: (u32, u32), steps: &[u8], palette: &[u8]) -> Result<Vec<u8>> {
    encode(size, steps, Some(palette))
}

/// A PNG of (width, height) pixels of red, green, blue.
pub(super) fn coloured(size: (u32, u32), colours: &[u8]) -> Result<Vec<u8>> {
    encode(size, colours, None)
}

fn encode(size: (u32, u32), data: &[u8], palette: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    match palette {
        Some(palette) => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(palette.to_vec());
        }
        None => encoder.set_color(ColorType::Rgb),
    }
    let write = || {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(data)?;
        writer.finish()
    };
    write().map_err(|e| Error::Render(e.to_string()))?;
    Ok(bytes)
}
