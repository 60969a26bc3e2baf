use crate::{Error, Result};

/// Layers on a half-space, from the surface down. What is borrowed has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    conductivity: &'a [f64],
    thickness: &'a [f64],
}

impl<'a> Layers<'a> {
    /// The layers of `conductivity` in S/m and, but for the last one, which has no lower end,
    /// `thickness` in m.
    ///
    /// # Errors
    /// There is no layer, the numbers do not belong together, or one of them is not positive and
    /// finite.
    pub fn new(conductivity: &'a [f64], thickness: &'a [f64]) -> Result<Layers<'a>> {
        let (layers, given) = (conductivity.len(), thickness.len());
        if layers == 0 {
            return Err(Error::Request("an earth needs at least one layer".into()));
        }
        if given + 1 != layers {
            return Err(Error::Request(format!(
                "{layers} layers need {} thicknesses (the last one has no lower end), not {given}",
                layers - 1
            )));
        }
        for (what, numbers) in [("conductivity", conductivity), ("thickness", thickness)] {
            let bad = numbers.iter().position(|x| !(x.is_finite() && *x > 0.0));
            if let Some(layer) = bad {
                return Err(Error::Request(format!(
                    "the {what} of layer {} is {}: it must be positive and finite",
                    layer + 1,
                    numbers[layer]
                )));
            }
        }
        Ok(Layers {
            conductivity,
            thickness,
        })
    }

    /// The same of numbers that are those of other layers.
    pub(crate) fn checked(conductivity: &'a [f64], thickness: &'a [f64]) -> Layers<'a> {
        debug_assert!(Layers::new(conductivity, thickness).is_ok());
        Layers {
            conductivity,
            thickness,
        }
    }

    /// The number of layers, the half-space among them.
    pub fn count(&self) -> usize {
        self.conductivity.len()
    }

    /// S/m, one per layer.
    pub fn conductivity(&self) -> &'a [f64] {
        self.conductivity
    }

    /// m, one per layer but the last.
    pub fn thickness(&self) -> &'a [f64] {
        self.thickness
    }
}
