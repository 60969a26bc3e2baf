use super::Layers;
use crate::{Error, Result};

/// Layers on a half-space, with memory for as many as there may be; a clone has as much.
#[derive(Debug, Default)]
pub struct Earth {
    /// m, of the interfaces.
    depth: Vec<f64>,
    log_conductivity: Vec<f64>,
    conductivity: Vec<f64>,
    thickness: Vec<f64>,
}

impl Clone for Earth {
    fn clone(&self) -> Earth {
        Earth {
            depth: with_memory(&self.depth),
            log_conductivity: with_memory(&self.log_conductivity),
            conductivity: with_memory(&self.conductivity),
            thickness: with_memory(&self.thickness),
        }
    }
}

/// A clone with as much memory.
pub(crate) fn with_memory(values: &Vec<f64>) -> Vec<f64> {
    let mut clone = Vec::with_capacity(values.capacity());
    clone.extend_from_slice(values);
    clone
}

impl Earth {
    /// A half-space, with memory for so many layers.
    pub fn half_space(conductivity: f64, layers: usize) -> Earth {
        let mut earth = Earth {
            depth: Vec::with_capacity(layers),
            log_conductivity: Vec::with_capacity(layers),
            conductivity: Vec::with_capacity(layers),
            thickness: Vec::with_capacity(layers),
        };
        earth.log_conductivity.push(conductivity.ln());
        earth.conductivity.push(conductivity);
        earth
    }

    /// Layers of these conductivities in S/m between interfaces at these depths in m.
    ///
    /// # Errors
    /// The numbers do not belong together, or depths do not rise from above 0.
    pub fn new(depth: &[f64], conductivity: &[f64]) -> Result<Earth> {
        let mut earth = Earth::half_space(1.0, conductivity.len());
        earth.depth.extend(depth);
        earth.measure();
        earth.conductivity.clear();
        earth.conductivity.extend(conductivity);
        earth.log_conductivity.clear();
        earth
            .log_conductivity
            .extend(conductivity.iter().map(|x| x.ln()));
        match earth.layers() {
            Ok(_) => Ok(earth),
            Err(error) => Err(Error::Request(error.to_string())),
        }
    }

    /// The number of layers, the half-space among them.
    pub fn count(&self) -> usize {
        self.log_conductivity.len()
    }

    /// m, of the interfaces, downwards.
    pub fn depth(&self) -> &[f64] {
        &self.depth
    }

    /// ln(S/m), one per layer.
    pub fn log_conductivity(&self) -> &[f64] {
        &self.log_conductivity
    }

    /// S/m, one per layer.
    pub fn conductivity(&self) -> &[f64] {
        &self.conductivity
    }

    /// m, one per layer but the last.
    pub fn thickness(&self) -> &[f64] {
        &self.thickness
    }

    /// As the forward computation takes them.
    ///
    /// # Errors
    /// A conductivity overflowed.
    pub fn layers(&self) -> Result<Layers<'_>> {
        Layers::new(&self.conductivity, &self.thickness)
    }

    /// The layer at a depth in m; an interface belongs to what is below.
    pub fn layer_at(&self, depth: f64) -> usize {
        self.depth.iter().take_while(|z| **z <= depth).count()
    }

    /// The least thickness, infinite for a half-space.
    pub fn least_thickness(&self) -> f64 {
        self.thickness.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Becomes a copy, in the memory that is there.
    pub fn copy(&mut self, other: &Earth) {
        self.depth.clone_from(&other.depth);
        self.log_conductivity.clone_from(&other.log_conductivity);
        self.conductivity.clone_from(&other.conductivity);
        self.thickness.clone_from(&other.thickness);
    }

    /// Sets ln(S/m) of every layer.
    ///
    /// # Panics
    /// There is not one per layer.
    pub fn set_log_conductivity(&mut self, values: &[f64]) {
        self.log_conductivity.copy_from_slice(values);
        for (conductivity, log) in self.conductivity.iter_mut().zip(values) {
            *conductivity = log.exp();
        }
    }

    /// Splits the layer at a depth in m; both parts have its conductivity.
    pub fn split(&mut self, depth: f64) {
        let layer = self.layer_at(depth);
        self.depth.insert(layer, depth);
        self.log_conductivity
            .insert(layer, self.log_conductivity[layer]);
        self.conductivity.insert(layer, self.conductivity[layer]);
        self.measure();
    }

    /// Takes out an interface, from 0; the layer that is left has `conductivity` S/m.
    ///
    /// # Panics
    /// There is no such interface.
    pub fn merge(&mut self, interface: usize, conductivity: f64) {
        self.depth.remove(interface);
        self.log_conductivity.remove(interface);
        self.conductivity.remove(interface);
        self.log_conductivity[interface] = conductivity.ln();
        self.conductivity[interface] = conductivity;
        self.measure();
    }

    /// Keeps so many interfaces, and the layer below the last of them as a half-space.
    ///
    /// # Panics
    /// There are fewer.
    pub fn keep(&mut self, interfaces: usize) {
        assert!(interfaces <= self.depth.len(), "there are fewer interfaces");
        self.depth.truncate(interfaces);
        self.log_conductivity.truncate(interfaces + 1);
        self.conductivity.truncate(interfaces + 1);
        self.thickness.truncate(interfaces);
    }

    /// Ends the half-space at a depth in m, with another one of `log_conductivity` ln(S/m) below.
    pub fn append(&mut self, depth: f64, log_conductivity: f64) {
        self.depth.push(depth);
        self.log_conductivity.push(log_conductivity);
        self.conductivity.push(log_conductivity.exp());
        self.measure();
    }

    /// Moves an interface, from 0, down by so many m. It may pass another one: thicknesses tell.
    ///
    /// # Panics
    /// There is no such interface.
    pub fn shift(&mut self, interface: usize, by: f64) {
        self.place(interface, self.depth[interface] + by);
    }

    /// Moves an interface, from 0, to a depth in m. It may pass another one: thicknesses tell.
    ///
    /// # Panics
    /// There is no such interface.
    pub fn place(&mut self, interface: usize, depth: f64) {
        self.depth[interface] = depth;
        self.measure();
    }

    /// Depths to thicknesses.
    fn measure(&mut self) {
        self.thickness.clear();
        let mut top = 0.0;
        for depth in &self.depth {
            self.thickness.push(depth - top);
            top = *depth;
        }
    }
}
