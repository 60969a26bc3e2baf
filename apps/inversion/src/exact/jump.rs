/// How a state becomes one of other layers, or of other conductivities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Jump {
    /// An interface is put in.
    Birth(Place, Redraw),
    /// An interface is taken out.
    Death(Place, Redraw),
    /// An interface becomes two, of which it was the middle.
    Fork(Fork, Redraw),
    /// Two neighbouring interfaces become one, in the middle.
    Fuse(Fork, Redraw),
    /// An interface is moved from a place to another one between the same neighbours.
    Shift(Place, Place, Redraw),
    /// An interface is taken out at a place, and one put in at another place.
    Teleport(Place, Place, Redraw),
    /// All below this depth in m is drawn from the prior, given what is above.
    Refresh(f64),
    /// The layers stay, and all conductivities and the height are drawn about a Newton step.
    Value,
}

/// An interface, in the state that has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// From 0.
    pub(super) interface: usize,
    /// m.
    pub(super) depth: f64,
}

/// Two neighbouring interfaces, in the state that has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fork {
    /// The upper one, from 0; in the other state, the one between them.
    pub(super) interface: usize,
    /// m: that between them.
    pub(super) middle: f64,
    /// m, from one to the other.
    pub(super) gap: f64,
}

/// What changes with the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redraw {
    /// Nothing where an interface is moved; else the conductivities of the layer that is split, or
    /// of the two that are joined.
    Split,
    /// All conductivities, and the height, about a Newton step.
    All,
}

impl Jump {
    /// The way back.
    pub(super) fn reverse(self) -> Jump {
        match self {
            Jump::Birth(place, redraw) => Jump::Death(place, redraw),
            Jump::Death(place, redraw) => Jump::Birth(place, redraw),
            Jump::Fork(fork, redraw) => Jump::Fuse(fork, redraw),
            Jump::Fuse(fork, redraw) => Jump::Fork(fork, redraw),
            Jump::Shift(from, to, redraw) => Jump::Shift(to, from, redraw),
            Jump::Teleport(from, to, redraw) => Jump::Teleport(to, from, redraw),
            Jump::Refresh(_) | Jump::Value => self,
        }
    }

    /// Whether conductivities and height are drawn about a Newton step.
    pub(super) fn redraws_all(self) -> bool {
        match self {
            Jump::Birth(_, redraw)
            | Jump::Death(_, redraw)
            | Jump::Fork(_, redraw)
            | Jump::Fuse(_, redraw)
            | Jump::Shift(_, _, redraw)
            | Jump::Teleport(_, _, redraw) => redraw == Redraw::All,
            Jump::Refresh(_) => false,
            Jump::Value => true,
        }
    }
}
