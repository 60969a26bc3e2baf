//! SVG elements as text.

use std::fmt::Write as _;

/// The font of all text: the one that is part of the program, and its likes for other viewers of
/// the SVG.
pub(super) const FONT: &str = "DejaVu Sans";

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing on its way. Coordinates are pixels from the upper left corner.
#[derive(Debug)]
pub(super) struct Svg {
    text: String,
    clips: usize,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

// Writing to a String cannot fail, so the results of `write!` are dropped.
impl Svg {
    pub(super) fn new((width, height): (u32, u32)) -> Svg {
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \
             xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{FONT}, Verdana, sans-serif\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        Svg { text, clips: 0 }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    pub(super) fn frame(&mut self, area: Area) {
        let rectangle = rectangle(area);
        let _ = writeln!(
            self.text,
            "<rect {rectangle} fill=\"none\" stroke=\"black\"/>"
        );
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
        let _ = writeln!(
            self.text,
            "<path d=\"M{x1} {y1}L{x2} {y2}\" stroke=\"{colour}\" fill=\"none\"/>"
        );
    }

    pub(super) fn label(&mut self, at: (f64, f64), size: u32, anchor: Anchor, label: &str) {
        let (x, y) = (number(at.0), number(at.1));
        self.words(&format!("x=\"{x}\" y=\"{y}\""), size, anchor, label);
    }

    /// A text that reads upwards, held in its middle.
    pub(super) fn upright(&mut self, at: (f64, f64), size: u32, label: &str) {
        let (x, y) = (number(at.0), number(at.1));
        let place = format!("transform=\"translate({x} {y}) rotate(-90)\"");
        self.words(&place, size, Anchor::Middle, label);
    }

    fn words(&mut self, place: &str, size: u32, anchor: Anchor, label: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let label = escaped(label);
        let _ = writeln!(
            self.text,
            "<text {place} font-size=\"{size}\" text-anchor=\"{anchor}\">{label}</text>"
        );
    }

    /// Starts a group of which nothing is drawn outside an area.
    pub(super) fn clip(&mut self, area: Area) {
        let (id, rectangle) = (self.clips, rectangle(area));
        self.clips += 1;
        let _ = writeln!(
            self.text,
            "<clipPath id=\"clip{id}\"><rect {rectangle}/></clipPath>\n<g \
             clip-path=\"url(#clip{id})\">"
        );
    }

    pub(super) fn unclip(&mut self) {
        self.text.push_str("</g>\n");
    }

    pub(super) fn dots(&mut self, points: &[(f64, f64)], colour: &str) {
        // A line of no length with round ends is a dot.
        self.marks(
            points,
            "h0",
            &format!("stroke=\"{colour}\" stroke-width=\"4.4\" stroke-linecap=\"round\""),
        );
    }

    pub(super) fn crosses(&mut self, points: &[(f64, f64)], colour: &str) {
        self.marks(
            points,
            "m-3-3l6 6m0-6l-6 6",
            &format!("stroke=\"{colour}\" stroke-width=\"1.3\""),
        );
    }

    fn marks(&mut self, points: &[(f64, f64)], mark: &str, style: &str) {
        if points.is_empty() {
            return;
        }
        self.text.push_str("<path d=\"");
        for &(x, y) in points {
            let _ = write!(self.text, "M{} {}{mark}", number(x), number(y));
        }
        let _ = writeln!(self.text, "\" fill=\"none\" {style}/>");
    }

    pub(super) fn polyline(&mut self, points: &[(f64, f64)], colour: &str) {
        self.text.push_str("<polyline points=\"");
        for &(x, y) in points {
            let _ = write!(self.text, "{},{} ", number(x), number(y));
        }
        let _ = writeln!(
            self.text,
            "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\"/>"
        );
    }

    /// A PNG picture stretched over an area, its pixels as rectangles of even colour.
    pub(super) fn picture(&mut self, area: Area, png: &[u8]) {
        use base64::Engine as _;
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let rectangle = rectangle(area);
        let _ = writeln!(
            self.text,
            "<image {rectangle} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" \
             xlink:href=\"data:image/png;base64,{data}\"/>"
        );
    }
}

fn rectangle(area: Area) -> String {
    let Area {
        left,
        top,
        width,
        height,
    } = area;
    let (x, y, w, h) = (number(left), number(top), number(width), number(height));
    format!("x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"")
}

/// A coordinate to a hundredth of a pixel, as short as possible. Far outside any picture it is cut
/// off.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.clamp(-1e6, 1e6));
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

/// Text as XML wants it; characters that XML has no place for become replacement characters.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (1.0, "1"),
            (0.126, "0.13"),
            (-0.001, "0"),
            (100.0, "100"),
            (1e300, "1000000"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn text_cannot_break_the_drawing() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{7}"),
            "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}"
        );
    }
}
