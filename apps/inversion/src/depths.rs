//! Where interfaces may be.

/// Where interfaces may be, and how thin a layer; lengths are in m.
#[derive(Clone, Copy, Debug)]
pub struct Depths {
    /// The option `minimum_depth`.
    pub minimum_depth: f64,
    /// The option `maximum_depth`.
    pub maximum_depth: f64,
    /// The option `minimum_thickness`.
    pub minimum_thickness: Option<f64>,
    /// The most layers, the half-space among them.
    pub layers: usize,
}

/// How many of the thinnest layers the maximum depth has room for, at most: two bins of the
/// posterior are one such layer.
const THINNEST: f64 = 5000.0;

impl Depths {
    /// The least thickness of a layer: what is given, or else half of what each of the most layers
    /// could have.
    pub fn least_thickness(&self) -> f64 {
        let default = (self.maximum_depth - self.minimum_depth) / (2 * self.layers) as f64;
        self.minimum_thickness.unwrap_or(default)
    }

    /// The shallowest and the deepest place of an interface: none is shallower than the least
    /// thickness.
    pub fn range(&self) -> [f64; 2] {
        let shallowest = self.minimum_depth.max(self.least_thickness());
        [shallowest, self.maximum_depth]
    }

    /// What is impossible, if something is.
    pub(crate) fn problem(&self) -> Option<String> {
        let [shallow, deep] = [self.minimum_depth, self.maximum_depth];
        if !(shallow > 0.0 && deep > shallow && deep.is_finite()) {
            return Some(format!(
                "minimum_depth {shallow} and maximum_depth {deep}: 0 < minimum < maximum is needed"
            ));
        }
        let (thickness, layers) = (self.least_thickness(), self.layers);
        if !(thickness > 0.0 && thickness.is_finite()) {
            return Some(format!("minimum_thickness: {thickness} m is not positive"));
        }
        if thickness * layers as f64 >= deep {
            return Some(format!(
                "minimum_thickness: {layers} layers of {thickness} m do not fit above \
                 maximum_depth, {deep} m"
            ));
        }
        if thickness < deep / THINNEST {
            return Some(format!(
                "minimum_thickness: {thickness} m must be at least maximum_depth / {THINNEST}"
            ));
        }
        None
    }
}
