use jobwise_inversion::earth::Earth;
use jobwise_inversion::prior::Prior;
use jobwise_inversion::sampler::{Chain, Event, Local, Newton};
use jobwise_inversion::settings::{Level, Settings};
use jobwise_inversion::state::{Sounding, State};
use serde_json::{Value, json};

/// So many iterations of a chain, as geobipy's are recorded.
pub(crate) fn recording(settings: &Settings, sounding: &Sounding<'_>, count: u64) -> Value {
    let mut chain = Chain::new(settings, sounding, 7, 0).unwrap();
    let half_space = chain.half_space();
    let prior = Prior::new(settings, half_space);
    let [shallow, deep] = settings.depths().range();
    let height = sounding.instrument.clearance();
    let active = sounding.observation.active();
    let initial = json!({
        "halfspace": [half_space],
        "value_prior_log_mean": half_space.ln(),
        "min_width": settings.depths().least_thickness(),
        "min_edge": shallow,
        "max_edge": deep,
        "std": chain.state().deviations,
        "data": active.iter().map(|active| active.datum).collect::<Vec<_>>(),
    });
    let mut steps = Vec::new();
    for iteration in 1..=count {
        let before = chain.state().clone();
        let done = chain.step(iteration);
        let jacobian = match done.event {
            Event::None => before.response.jacobian.clone(),
            _ if done.accepted && !done.event.changes_dimension() => {
                // It is carried now.
                chain.state().response.jacobian.clone()
            }
            _ => chain.used().jacobian.clone(),
        };
        let after = if done.accepted {
            chain.state()
        } else {
            chain.other()
        };
        let mut newton = Newton::new(settings.maximum_number_of_layers);
        let local = Local {
            observation: &sounding.observation,
            jacobian: &jacobian,
            predicted: &before.response.predicted,
            deviations: &before.deviations,
        };
        assert!(newton.prepare(settings, prior.mean(), chain.remapped(), Some(local)));
        let rows = newton.mean().len();
        let matrix = |numbers: &[f64]| -> Value {
            numbers.chunks_exact(rows).map(<[f64]>::to_vec).collect()
        };
        // What bounds a ratio is not the ratio.
        let is_bound = done.event.changes_dimension() && done.log_reverse.is_nan();
        let ratio = if is_bound { f64::NAN } else { done.log_ratio };
        steps.push(json!({
            "iteration": iteration - 1,
            "current": state(&before, height),
            "current_log_prior": before.log_prior(),
            "current_log_likelihood": before.log_likelihood,
            "current_misfit": before.misfit,
            "action": action(done.event),
            "remapped": earth(chain.remapped()),
            "sensitivity_used": matrix(&jacobian),
            "hessian_inverse": matrix(&newton.inverse()),
            "gradient": newton.gradient(),
            "proposal_mean": newton.mean().iter().map(|x| x.exp()).collect::<Vec<_>>(),
            "candidate": state(after, height),
            "candidate_misfit": after.misfit,
            "candidate_log_likelihood": after.log_likelihood,
            "candidate_log_prior_data": after.log_prior_of_data,
            "candidate_log_prior_model": after.log_prior_of_earth,
            "log_q_forward": done.log_forward,
            "log_q_reverse": done.log_reverse,
            "log_acceptance_ratio": ratio,
            "accepted": done.accepted,
        }));
    }
    json!({"options": options(settings), "initial": initial, "steps": steps})
}

fn earth(earth: &Earth) -> Value {
    let mut edges = vec![json!(0.0)];
    edges.extend(earth.depth().iter().map(|depth| json!(depth)));
    edges.push(json!("inf"));
    json!({"edges": edges, "conductivity": earth.conductivity()})
}

fn state(state: &State, height: f64) -> Value {
    let mut value = earth(&state.earth);
    value["relative_error"] = json!(state.errors.relative[0]);
    value["additive_error"] = json!(state.errors.additive[0]);
    value["height"] = json!(height + state.height_change);
    value["predicted"] = json!(state.response.predicted);
    value
}

fn action(event: Event) -> Value {
    match event {
        Event::None => json!(["none", 0, 0]),
        Event::Birth(depth) => json!(["insert", 1, depth]),
        Event::Death(interface, _) => json!(["delete", interface + 1, 0]),
        Event::Perturb(interface, by) => json!(["perturb", interface + 1, by]),
    }
}

fn options(settings: &Settings) -> Value {
    let mut options = json!({
        "solve_z": false,
        "minimum_thickness": settings.minimum_thickness,
        "maximum_number_of_layers": settings.maximum_number_of_layers,
        "minimum_depth": settings.minimum_depth,
        "maximum_depth": settings.maximum_depth,
        "probability_of_birth": settings.probability_of_birth,
        "probability_of_death": settings.probability_of_death,
        "probability_of_perturb": settings.probability_of_perturb,
        "probability_of_no_change": settings.probability_of_no_change,
        "solve_parameter": settings.solve_parameter,
        "solve_gradient": settings.solve_gradient,
        "parameter_standard_deviation": settings.parameter_standard_deviation,
        "gradient_standard_deviation": settings.gradient_standard_deviation,
        "parameter_weight": settings.parameter_weight,
        "gradient_weight": settings.gradient_weight,
        "covariance_scaling": settings.covariance_scaling,
        "stochastic_newton": settings.stochastic_newton,
        "ignore_likelihood": settings.ignore_likelihood,
        "n_markov_chains": settings.n_markov_chains,
        "minimum_burn_in": settings.minimum_burn_in,
    });
    let mut level = |name: &str, level: &Level| {
        let walk = level.walk.unwrap();
        options[format!("solve_{name}")] = json!(true);
        options[format!("initial_{name}")] = json!(level.initial);
        options[format!("minimum_{name}")] = json!(walk.minimum);
        options[format!("maximum_{name}")] = json!(walk.maximum);
        options[format!("{name}_proposal_variance")] = json!(walk.proposal_variance);
    };
    level("relative_error", &settings.relative_error[0]);
    level("additive_error", &settings.additive_error[0]);
    options
}
