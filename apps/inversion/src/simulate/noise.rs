use crate::instrument::Component;
use crate::likelihood::Errors;
use crate::random::Draws;

/// Adds normal noise to what is predicted, channel by channel, of the standard deviation
/// `sqrt((relative * predicted)^2 + (additive * factor)^2)`: what the error model `predicted`
/// expects. Relative errors are those of components, additive ones those of systems; `factors` has
/// one number per channel.
///
/// # Panics
/// There is a channel without an error or a factor.
pub fn add_noise(
    predicted: &mut [f64],
    components: &[Component],
    factors: &[f64],
    errors: &Errors,
    draws: &mut Draws,
) {
    for (index, component) in components.iter().enumerate() {
        for channel in component.channels.clone() {
            let relative = errors.relative[index] * predicted[channel];
            let additive = errors.additive[component.system] * factors[channel];
            predicted[channel] += relative.hypot(additive) * draws.normal();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// Each bound is five standard deviations.
    #[test]
    fn noise_has_the_deviation_that_is_expected() {
        let components = [(0, 0..1), (0, 1..2), (1, 2..3)]
            .map(|(system, channels)| Component { system, channels });
        let errors = Errors {
            relative: vec![0.0, 0.03, 0.1],
            additive: vec![2.0, 0.5],
        };
        let stream = Stream::new(1, 2.0, 3.0, 0);
        let count = 20_000;
        let mut squares = [0.0; 3];
        for number in 0..count {
            let mut data = [100.0; 3];
            let mut draws = stream.iteration(number);
            add_noise(
                &mut data,
                &components,
                &[1.0, 2.0, 1.0],
                &errors,
                &mut draws,
            );
            for (square, datum) in squares.iter_mut().zip(data) {
                *square += (datum - 100.0) * (datum - 100.0) / count as f64;
            }
        }
        for (found, variance) in squares.into_iter().zip([4.0, 25.0, 100.25]) {
            let bound = 5.0 * (2.0 / count as f64).sqrt();
            assert!(
                (found / variance - 1.0_f64).abs() < bound,
                "{found}, not {variance}"
            );
        }
    }
}
