//! Recorded iterations, as their JSON has them.

use serde_json::Value;

use crate::earth::Earth;
use crate::likelihood::Errors;
use crate::sampler::{Event, Merge};
use crate::settings::{Level, LevelWalk, Settings};

type Parsed<T> = Result<T, String>;

/// A part of a JSON document that knows where it is.
#[derive(Clone)]
pub(super) struct Node<'v> {
    value: &'v Value,
    place: String,
}

impl<'v> Node<'v> {
    pub(super) fn new(value: &'v Value) -> Node<'v> {
        let place = String::new();
        Node { value, place }
    }

    /// A member of an object.
    pub(super) fn get(&self, key: &str) -> Parsed<Node<'v>> {
        match self.value.get(key) {
            Some(value) => Ok(Node {
                value,
                place: format!("{}{key}: ", self.place),
            }),
            None => Err(format!("{}no \"{key}\" is there", self.place)),
        }
    }

    /// The members of a list.
    pub(super) fn list(&self) -> Parsed<impl Iterator<Item = Node<'v>>> {
        let list = self
            .value
            .as_array()
            .ok_or_else(|| self.expected("a list"))?;
        let place = self.place.clone();
        Ok(list.iter().enumerate().map(move |(index, value)| Node {
            value,
            place: format!("{place}[{index}]: "),
        }))
    }

    pub(super) fn number(&self) -> Parsed<f64> {
        self.value.as_f64().ok_or_else(|| self.expected("a number"))
    }

    /// Not a number for null.
    pub(super) fn number_or_null(&self) -> Parsed<f64> {
        if self.value.is_null() {
            Ok(f64::NAN)
        } else {
            self.number()
        }
    }

    pub(super) fn flag(&self) -> Parsed<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    pub(super) fn numbers(&self) -> Parsed<Vec<f64>> {
        self.list()?.map(|node| node.number()).collect()
    }

    /// The numbers of a matrix, row by row, with so many in a row.
    pub(super) fn matrix(&self, columns: usize) -> Parsed<Vec<f64>> {
        let mut all = Vec::new();
        for row in self.list()? {
            let numbers = row.numbers()?;
            if numbers.len() != columns {
                return Err(row.expected(&format!("{columns} numbers")));
            }
            all.extend(numbers);
        }
        Ok(all)
    }

    /// Edges from 0 to "inf", and conductivities.
    pub(super) fn earth(&self) -> Parsed<Earth> {
        let conductivity = self.get("conductivity")?.numbers()?;
        let edges = self.get("edges")?;
        let mut depth = Vec::new();
        for edge in edges.list()?.skip(1) {
            if edge.value != "inf" {
                depth.push(edge.number()?);
            }
        }
        Earth::new(&depth, &conductivity).map_err(|error| format!("{}{error}", self.place))
    }

    pub(super) fn errors(&self) -> Parsed<Errors> {
        Ok(Errors {
            relative: vec![self.get("relative_error")?.number()?],
            additive: vec![self.get("additive_error")?.number()?],
        })
    }

    /// What may have happened to `earth`: how layers were merged is not recorded.
    pub(super) fn events(&self, earth: &Earth) -> Parsed<Vec<Event>> {
        let parts: Vec<Node<'_>> = self.list()?.collect();
        let [name, place, by] = &parts[..] else {
            return Err(self.expected("a name and two numbers"));
        };
        let by = by.number()?;
        let interface = place
            .value
            .as_u64()
            .and_then(|edge| (edge as usize).checked_sub(1));
        let interface = interface.filter(|interface| *interface + 1 < earth.count());
        match (name.value.as_str(), interface) {
            (Some("none"), _) => Ok(vec![Event::None]),
            (Some("insert"), _) if by > 0.0 => Ok(vec![Event::Birth(by)]),
            (Some("delete"), Some(interface)) => {
                let ways = Merge::ALL
                    .iter()
                    .map(|merge| Event::Death(interface, *merge));
                Ok(ways.collect())
            }
            (Some("perturb"), Some(interface)) => Ok(vec![Event::Perturb(interface, by)]),
            _ => Err(self.expected("none, insert, delete or perturb of an edge")),
        }
    }

    /// The options, under their own names.
    pub(super) fn settings(&self) -> Parsed<Settings> {
        let number = |key: &str| self.get(key)?.number();
        let flag = |key: &str| self.get(key)?.flag();
        if flag("solve_z")? {
            return Err(self.expected("solve_z = false; others are not checked yet"));
        }
        let level = |name: &str| -> Parsed<Level> {
            let walk = LevelWalk {
                minimum: number(&format!("minimum_{name}"))?,
                maximum: number(&format!("maximum_{name}"))?,
                proposal_variance: number(&format!("{name}_proposal_variance"))?,
            };
            Ok(Level {
                initial: number(&format!("initial_{name}"))?,
                walk: flag(&format!("solve_{name}"))?.then_some(walk),
            })
        };
        let thickness = self.get("minimum_thickness")?.number_or_null()?;
        let settings = Settings {
            maximum_number_of_layers: number("maximum_number_of_layers")? as usize,
            minimum_depth: number("minimum_depth")?,
            maximum_depth: number("maximum_depth")?,
            minimum_thickness: (!thickness.is_nan()).then_some(thickness),
            probability_of_birth: number("probability_of_birth")?,
            probability_of_death: number("probability_of_death")?,
            probability_of_perturb: number("probability_of_perturb")?,
            probability_of_no_change: number("probability_of_no_change")?,
            solve_parameter: flag("solve_parameter")?,
            solve_gradient: flag("solve_gradient")?,
            parameter_standard_deviation: number("parameter_standard_deviation")?,
            gradient_standard_deviation: number("gradient_standard_deviation")?,
            parameter_weight: number("parameter_weight")?,
            gradient_weight: number("gradient_weight")?,
            // The recording has them as text; it is of the default.
            parameter_limits: [1e-20, 1e20],
            value_mean: None,
            covariance_scaling: number("covariance_scaling")?,
            stochastic_newton: flag("stochastic_newton")?,
            ignore_likelihood: flag("ignore_likelihood")?,
            relative_error: vec![level("relative_error")?],
            additive_error: vec![level("additive_error")?],
            height: None,
            n_markov_chains: number("n_markov_chains")? as u64,
            minimum_burn_in: number("minimum_burn_in")? as u64,
            number_of_depth_bins: None,
            number_of_edge_bins: None,
        };
        settings
            .check()
            .map_err(|error| format!("{}{error}", self.place))?;
        Ok(settings)
    }

    fn expected(&self, what: &str) -> String {
        format!("{}{what} is expected", self.place)
    }
}
