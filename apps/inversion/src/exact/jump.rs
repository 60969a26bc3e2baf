/// How a state becomes one of other layers, or of other conductivities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Jump {
    /// An interface is put in.
    Birth(Place, Redraw),
    /// An interface is taken out.
    Death(Place, Redraw),
    /// An interface is moved, and stays between its neighbours.
    Shift,
    /// This interface of the old state is taken out, and that one of the new state put in; both
    /// counted from 0.
    Teleport(usize, usize),
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

/// What changes with the number of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redraw {
    /// The conductivities of the layer that is split, or of the two that are joined.
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
            Jump::Teleport(from, to) => Jump::Teleport(to, from),
            Jump::Shift | Jump::Value => self,
        }
    }

    /// Whether conductivities and height are drawn about a Newton step.
    pub(super) fn redraws_all(self) -> bool {
        matches!(
            self,
            Jump::Value | Jump::Birth(_, Redraw::All) | Jump::Death(_, Redraw::All)
        )
    }
}
