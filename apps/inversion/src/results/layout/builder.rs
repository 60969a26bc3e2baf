use super::super::cell::Cell;
use super::super::entry::{Constant, Content, Element, Entry, Initial, Rows};

pub(super) const CONDUCTIVITY: &str = r"$\frac{S}{m}$";
pub(super) const DEGREES: &str = "$^{o}$";

/// Adds entries, one after the other.
pub(super) struct Builder {
    pub(super) entries: Vec<Entry>,
    /// How many rows there are.
    pub(super) soundings: usize,
}

impl Builder {
    pub(super) fn new(soundings: usize) -> Builder {
        Builder {
            entries: Vec::new(),
            soundings,
        }
    }

    pub(super) fn add(&mut self, path: &str, content: Content) {
        self.entries.push(Entry {
            path: path.to_owned(),
            attributes: Vec::new(),
            content,
        });
    }

    /// A group with attributes.
    pub(super) fn group(
        &mut self,
        path: &str,
        repr: &str,
        name: Option<&str>,
        units: Option<&str>,
    ) {
        let attributes = [("repr", Some(repr)), ("name", name), ("units", units)];
        let given = attributes.into_iter();
        self.add(path, Content::Group);
        if let Some(entry) = self.entries.last_mut() {
            entry.attributes = given
                .filter_map(|(key, value)| Some((key, value?.to_owned())))
                .collect();
        }
    }

    pub(super) fn constant(&mut self, path: &str, constant: Constant) {
        self.add(path, Content::Constant(constant));
    }

    /// A row per sounding, which chains bring.
    pub(super) fn rows(&mut self, path: &str, element: Element, shape: &[usize], cell: Cell) {
        self.row(path, element, shape, Some(cell), None);
    }

    /// The same, each row packed.
    pub(super) fn packed(&mut self, path: &str, element: Element, shape: &[usize], cell: Cell) {
        self.row(path, element, shape, Some(cell), None);
        self.pack();
    }

    /// A trace of chains, packed, which may stay empty.
    pub(super) fn trace(
        &mut self,
        path: &str,
        element: Element,
        length: usize,
        cell: Option<Cell>,
    ) {
        self.row(path, element, &[length], cell, None);
        self.pack();
    }

    /// Packs the rows that were added last.
    fn pack(&mut self) {
        if let Some(Entry {
            content: Content::Rows(rows),
            ..
        }) = self.entries.last_mut()
        {
            rows.is_packed = true;
        }
    }

    /// A number per sounding that is known beforehand; several where there are more.
    pub(super) fn numbers(&mut self, path: &str, values: Vec<f64>) {
        let width = values.len() / self.soundings.max(1);
        let shape: &[usize] = if width == 1 { &[] } else { &[width] };
        self.row(
            path,
            Element::Number,
            shape,
            None,
            Some(Initial::Numbers(values)),
        );
    }

    /// A number per sounding that is known beforehand and that chains change.
    pub(super) fn changing(&mut self, path: &str, values: Vec<f64>, cell: Cell) {
        let initial = Some(Initial::Numbers(values));
        self.row(path, Element::Number, &[], Some(cell), initial);
    }

    /// A number per sounding that nobody writes.
    pub(super) fn never(&mut self, path: &str) {
        self.row(path, Element::Number, &[], None, None);
    }

    pub(super) fn row(
        &mut self,
        path: &str,
        element: Element,
        shape: &[usize],
        cell: Option<Cell>,
        initial: Option<Initial>,
    ) {
        let rows = Rows {
            element,
            shape: shape.to_vec(),
            is_packed: false,
            initial,
            cell,
        };
        self.add(path, Content::Rows(rows));
    }

    /// A group with attributes, and its dataset `data` of numbers that are known beforehand.
    pub(super) fn known(&mut self, path: &str, name: &str, units: Option<&str>, values: Vec<f64>) {
        self.group(path, "DataArray", Some(name), units);
        self.numbers(&format!("{path}/data"), values);
    }

    /// A group with attributes, and its dataset `data` that is the same for all soundings.
    pub(super) fn same(&mut self, path: &str, name: &str, units: &str, constant: Constant) {
        self.group(path, "DataArray", Some(name), Some(units));
        self.constant(&format!("{path}/data"), constant);
    }
}
