use super::field::Field;
use super::reading::{Reading, Source};
use super::role::{self, Part, Role, SCALARS};
use super::table::Table;
use super::{Channel, names};
use crate::{Error, Result};

/// Which cells of a row make a sounding.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// In the order of `SCALARS`.
    pub(super) scalars: [Option<Cell>; SCALARS.len()],
    pub(super) channels: Vec<Channel>,
    /// Where each channel is.
    pub(super) slots: Vec<Slot>,
    pub(super) primary: [Option<Cell>; 3],
    /// The column of Workbench that says which channel a row is of.
    pub(super) channel_number: Option<usize>,
    /// What was guessed.
    pub(super) notes: Vec<String>,
    /// What no sounding can be made without.
    pub(super) missing: Vec<String>,
}

/// Where a number is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell {
    Column { column: usize, factor: f64 },
    Constant(f64),
}

/// Where a channel's datum is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) value: Cell,
    pub(super) deviation: Option<Deviation>,
    /// The channel of Workbench whose rows hold it, from 1; `None` for all rows.
    pub(super) only: Option<usize>,
}

/// Where a standard deviation is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deviation {
    /// In the unit of the datum.
    Absolute(Cell),
    /// As a part of the datum.
    Relative(Cell),
}

/// What a name of a column means, and the frequency or time in it.
type Naming = fn(&str) -> Option<(Role, Option<f64>)>;

/// A column that has a meaning.
struct Meant {
    role: Role,
    cell: Cell,
    name: String,
    /// Hz or s.
    at: Option<f64>,
    only: Option<usize>,
}

impl Layout {
    /// From names of columns and what the user says about them.
    ///
    /// # Errors
    /// A column that the user names does not exist.
    pub(super) fn new(table: &Table, reading: &Reading) -> Result<Layout> {
        let mut layout = Layout::default();
        let mut meant = Vec::new();
        for (role, source) in &reading.map {
            meant.extend(mapped(
                &table.fields,
                *role,
                source,
                reading,
                &mut layout.notes,
            )?);
        }
        layout.channel_number = table.fields.iter().find_map(|field| {
            let is_number = field.count == 1 && field.name.eq_ignore_ascii_case("channel_no");
            is_number.then_some(field.first)
        });
        layout.scalars(table, reading, &meant);
        if !meant.iter().any(|meant| meant.role.is_data()) {
            meant.extend(layout.by_name(table, reading));
        }
        layout.data(table, &meant);
        layout.defaults();
        Ok(layout)
    }

    /// Whether the data are of the time domain.
    pub(super) fn is_of_time(&self) -> bool {
        self.channels
            .first()
            .is_some_and(|channel| channel.part.is_of_time())
    }

    fn scalars(&mut self, table: &Table, reading: &Reading, meant: &[Meant]) {
        let single = table.fields.iter().filter(|field| field.count == 1);
        let known: Vec<&str> = single.map(|field| field.name.as_str()).collect();
        for (place, scalar) in SCALARS.into_iter().enumerate() {
            let role = Role::Scalar(place);
            if let Some(given) = meant.iter().find(|meant| meant.role == role) {
                self.scalars[place] = Some(given.cell);
                continue;
            }
            let Some((name, is_guess)) = names::scalar(place, &known) else {
                continue;
            };
            let mut of_name = table
                .fields
                .iter()
                .filter(|field| field.count == 1 && field.name == name);
            let column = of_name.next().map_or(0, |field| field.first);
            if of_name.next().is_some() {
                self.notes.push(format!(
                    "{scalar}: several columns are called {name}: the first is taken"
                ));
            } else if is_guess {
                self.notes.push(format!("{scalar}: guessed to be {name}"));
            }
            self.scalars[place] = Some(Cell::Column {
                column,
                factor: reading.scale(role),
            });
        }
    }

    /// Columns of data by their names: the time domain's before the frequency domain's.
    fn by_name(&mut self, table: &Table, reading: &Reading) -> Vec<Meant> {
        let single = || table.fields.iter().filter(|field| field.count == 1);
        let of = |field: &Field, role: Role, at: Option<f64>| Meant {
            role,
            cell: Cell::Column {
                column: field.first,
                factor: reading.scale(role),
            },
            name: field.name.clone(),
            at,
            only: None,
        };
        let found = |named: Naming| -> Vec<Meant> {
            let columns = single()
                .filter_map(|field| named(&field.name).map(|(role, at)| of(field, role, at)));
            columns.collect()
        };
        let in_time = found(names::time_domain);
        if in_time
            .iter()
            .any(|meant| matches!(meant.role, Role::Data(..)))
        {
            return in_time;
        }
        if self.channel_number.is_some() {
            let of_rows: Vec<(&Field, bool)> = single()
                .filter_map(|field| Some((field, names::of_channel_rows(&field.name)?)))
                .collect();
            let mut meant = Vec::new();
            for (system, gates) in table.gates.iter().enumerate().take(10) {
                for is_deviation in [false, true] {
                    let columns = of_rows
                        .iter()
                        .filter(|(_, deviation)| *deviation == is_deviation);
                    meant.extend(columns.take(gates.len()).map(|(field, _)| {
                        let role = if is_deviation {
                            Role::Relative(system, Part::Z)
                        } else {
                            Role::Data(system, Part::Z)
                        };
                        Meant {
                            only: Some(system + 1),
                            ..of(field, role, None)
                        }
                    }));
                }
            }
            if !meant.is_empty() {
                return meant;
            }
        }
        found(names::frequency_domain)
    }

    /// Channels, in their order: in-phase before quadrature, or system, component, window.
    fn data(&mut self, table: &Table, meant: &[Meant]) {
        let mut keys: Vec<(usize, Part)> = Vec::new();
        for one in meant {
            match one.role {
                Role::Data(system, part) => keys.push((system, part)),
                Role::Primary(axis) => self.primary[axis] = Some(one.cell),
                _ => {}
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let mut relative = None;
        for (system, part) in keys {
            let of = |role: Role| meant.iter().filter(move |one| one.role == role);
            let absolute =
                of(Role::Deviation(system, part)).map(|one| Deviation::Absolute(one.cell));
            let parts = of(Role::Relative(system, part)).map(|one| Deviation::Relative(one.cell));
            let deviations: Vec<Deviation> = absolute.chain(parts).collect();
            let data: Vec<&Meant> = of(Role::Data(system, part)).collect();
            if !deviations.is_empty() && deviations.len() != data.len() {
                self.missing.push(format!(
                    "{part} of system {system}: {} columns of data, but {} of standard deviations",
                    data.len(),
                    deviations.len()
                ));
            }
            if let Some(Deviation::Relative(_)) = deviations.first() {
                relative = Some(format!(
                    "standard deviations of system {system} are taken as parts of the data"
                ));
            }
            for (index, one) in data.into_iter().enumerate() {
                let gate = table.gates.get(system).and_then(|gates| gates.get(index));
                self.channels.push(Channel {
                    name: one.name.clone(),
                    system,
                    part,
                    at: one.at.or(gate.copied()),
                });
                self.slots.push(Slot {
                    value: one.cell,
                    deviation: deviations.get(index).copied(),
                    only: one.only,
                });
            }
        }
        self.notes.extend(relative);
        let of = |part: Part| self.channels.iter().filter(|c| c.part == part).count();
        let (in_phase, quadrature) = (of(Part::InPhase), of(Part::Quadrature));
        let in_frequency = in_phase + quadrature;
        if self.channels.is_empty() {
            self.missing
                .push("data: --map S0Z=COLUMN1:COLUMN9, or in_phase=.. and quadrature=..".into());
        } else if in_phase != quadrature {
            self.missing.push(format!(
                "{in_phase} in-phase columns and {quadrature} of quadrature: as many are needed"
            ));
        } else if in_frequency > 0 && in_frequency < self.channels.len() {
            self.missing
                .push("data of one domain: both were found".into());
        }
        let given = self
            .slots
            .iter()
            .filter(|slot| slot.deviation.is_some())
            .count();
        if given > 0 && given < self.slots.len() {
            self.missing
                .push("standard deviations of all data, or of none".into());
        }
    }

    /// What a file need not say.
    fn defaults(&mut self) {
        let is_of_time = self.is_of_time();
        for (place, name) in SCALARS.into_iter().enumerate() {
            if self.scalars[place].is_some() || (place >= role::GEOMETRY && !is_of_time) {
                continue;
            }
            let default = match name {
                "fiducial" => {
                    self.notes
                        .push("fiducial: no column: numbers of lines of the file".into());
                    continue;
                }
                "x" | "y" | "elevation" => f64::NAN,
                "line" | "height" | "txrx_dx" | "txrx_dz" => {
                    self.missing
                        .push(format!("{name}: --map {name}=COLUMN, or a number"));
                    continue;
                }
                _ => 0.0,
            };
            self.notes
                .push(format!("{name}: no column: {default} is taken"));
            self.scalars[place] = Some(Cell::Constant(default));
        }
    }
}

/// The columns that a source names.
fn mapped(
    fields: &[Field],
    role: Role,
    source: &Source,
    reading: &Reading,
    notes: &mut Vec<String>,
) -> Result<Vec<Meant>> {
    let factor = source.factor * reading.scale(role);
    let mut find = |name: &str| -> Option<Field> {
        let mut named = fields
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case(name));
        let found = named.next().cloned();
        if named.next().is_some() {
            notes.push(format!(
                "several columns are called {name}: the first is taken"
            ));
        }
        found
    };
    let absent = |name: &str| {
        Error::Request(format!(
            "--map: no column is called {name}: inspect data lists all"
        ))
    };
    let first = find(&source.first);
    let columns = match (&first, &source.last) {
        (Some(first), None) => first.columns(),
        (Some(first), Some(last)) => {
            let end = find(last).ok_or_else(|| absent(last))?.columns().end;
            if end <= first.first {
                return Err(Error::Request(format!(
                    "--map: {last} stands before {}",
                    source.first
                )));
            }
            first.first..end
        }
        (None, last) => {
            let number: f64 = source.first.parse().map_err(|_| absent(&source.first))?;
            if last.is_some() || !number.is_finite() {
                return Err(absent(&source.first));
            }
            return Ok(vec![Meant {
                role,
                cell: Cell::Constant(number * factor),
                name: source.first.clone(),
                at: None,
                only: None,
            }]);
        }
    };
    let is_single = matches!(role, Role::Scalar(_) | Role::Primary(_));
    if is_single && columns.len() > 1 {
        return Err(Error::Request(format!(
            "--map: {} has {} columns where one is expected",
            source.first,
            columns.len()
        )));
    }
    let named = columns.map(|column| Meant {
        role,
        cell: Cell::Column { column, factor },
        name: column_name(fields, column),
        at: None,
        only: None,
    });
    Ok(named.collect())
}

/// The name of a column, with its place in an array.
pub(super) fn column_name(fields: &[Field], column: usize) -> String {
    let after = fields.partition_point(|field| field.first <= column);
    match fields.get(after.wrapping_sub(1)) {
        Some(field) if field.count > 1 => format!("{}[{}]", field.name, column - field.first + 1),
        Some(field) => field.name.clone(),
        None => column.to_string(),
    }
}
