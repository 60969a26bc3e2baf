//! What may happen to the layers in an iteration of geobipy's chain.

use crate::earth::Earth;
use crate::random::Draws;
use crate::settings::Settings;

/// How often a place for a new or moved interface is drawn before another event is.
const TRIES: usize = 10;

/// What happens to the layers before their conductivities change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A layer is split at a depth in m.
    Birth(f64),
    /// Two layers become one: the interface, from 0, that is taken out, and what is left.
    Death(usize, Merge),
    /// An interface, from 0, is moved down by so many m.
    Perturb(usize, f64),
    /// Nothing.
    None,
}

/// The conductivity of a layer that was two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// That of the upper one.
    Upper,
    /// The arithmetic mean.
    Mean,
    /// That of the lower one.
    Lower,
}

impl Merge {
    /// All of them, each drawn as often as the others.
    pub const ALL: [Merge; 3] = [Merge::Upper, Merge::Mean, Merge::Lower];
}

impl Event {
    /// Whether the number of layers changes.
    pub fn changes_dimension(self) -> bool {
        matches!(self, Event::Birth(_) | Event::Death(..))
    }

    /// Draws what happens to `earth`, and makes `remapped` what becomes of it.
    pub fn draw(
        settings: &Settings,
        earth: &Earth,
        remapped: &mut Earth,
        draws: &mut Draws,
    ) -> Event {
        let depths = settings.depths();
        let [shallow, deep] = depths.range();
        let least = depths.least_thickness();
        let layers = earth.count();
        loop {
            let mut candidate = |draws: &mut Draws, propose: &dyn Fn(&mut Draws) -> Event| {
                for _ in 0..TRIES {
                    let event = propose(draws);
                    event.apply(earth, remapped);
                    let depth = remapped.depth();
                    let inside = depth[0] > shallow && depth[depth.len() - 1] < deep;
                    if inside && remapped.least_thickness() > least {
                        return Some(event);
                    }
                }
                None
            };
            let found = match draws.categorical(&settings.events()) {
                0 if layers < settings.maximum_number_of_layers => candidate(draws, &|draws| {
                    Event::Birth(shallow + (deep - shallow) * draws.uniform())
                }),
                1 if layers > 1 => {
                    let event = Event::Death(draws.below(layers - 1), Merge::ALL[draws.below(3)]);
                    event.apply(earth, remapped);
                    Some(event)
                }
                2 if layers > 1 => candidate(draws, &|draws| {
                    let interface = draws.below(layers - 1);
                    let by = least * draws.uniform();
                    Event::Perturb(interface, by.copysign(draws.normal()))
                }),
                3 => {
                    remapped.copy(earth);
                    Some(Event::None)
                }
                _ => None,
            };
            if let Some(event) = found {
                return event;
            }
        }
    }

    /// Makes `remapped` what becomes of `earth`.
    ///
    /// # Panics
    /// The earth has no such interface.
    pub fn apply(self, earth: &Earth, remapped: &mut Earth) {
        remapped.copy(earth);
        match self {
            Event::Birth(depth) => remapped.split(depth),
            Event::Death(interface, merge) => {
                let [upper, lower] = [0, 1].map(|below| earth.conductivity()[interface + below]);
                let left = match merge {
                    Merge::Upper => upper,
                    Merge::Mean => 0.5 * (upper + lower),
                    Merge::Lower => lower,
                };
                remapped.merge(interface, left);
            }
            Event::Perturb(interface, by) => remapped.shift(interface, by),
            Event::None => {}
        }
    }
}
