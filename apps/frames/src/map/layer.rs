use std::fmt;

/// One of the numbers that a map has for each pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Intensity.
    T,
    /// Linear polarization, along the meridian.
    Q,
    /// Linear polarization, at 45 degrees.
    U,
    /// Weight of intensity.
    TT,
    /// Weight of intensity and Q.
    TQ,
    /// Weight of intensity and U.
    TU,
    /// Weight of Q.
    QQ,
    /// Weight of Q and U.
    QU,
    /// Weight of U.
    UU,
    /// How many samples there are.
    H,
}

impl Layer {
    /// All layers, in the order of their numbers.
    pub const ALL: [Layer; 10] = [
        Layer::T,
        Layer::Q,
        Layer::U,
        Layer::TT,
        Layer::TQ,
        Layer::TU,
        Layer::QQ,
        Layer::QU,
        Layer::UU,
        Layer::H,
    ];

    /// The number that stands for it in a list of layers.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// Whether it is one of the weights.
    pub fn is_weight(self) -> bool {
        (Layer::TT..=Layer::UU).contains(&self)
    }

    /// What the files call the polarization of a map with this layer: a number.
    pub fn pol_type(self) -> u32 {
        match self {
            Layer::T => 0,
            Layer::Q => 1,
            Layer::U => 2,
            Layer::H => 7,
            weight => 8 + u32::from(weight.number() - Layer::TT.number()),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
