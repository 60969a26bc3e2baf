// Frequency-domain systems: a warp for each frequency of each model, nodes of the Hankel transforms
// over its lanes. What a warp computes depends on its model alone.
//
// tables: arrays of `nodes` numbers: l^2 - k^2; u_0, decay and weight, real and imaginary parts.
// ranges: by sounding and frequency, the nodes that matter.
// models: sounding, layers, wanted, place in `layers`, place in `found`, one after the other.
// layers: conductivities of a model, then thicknesses. heights: m, of the sensor.
// kept, beside changes: the derivative so far.
// found: in-phase parts, then quadrature parts; the same of the derivatives by the height; rows of
// derivatives by layers.
extern "C" __global__ void __launch_bounds__(32) frequency_domain(const double* __restrict__ tables,
    const double* __restrict__ omega_mu, const int* __restrict__ ranges, const int* __restrict__ models,
    const double* __restrict__ heights, const double* __restrict__ layers, double* __restrict__ found,
    int nodes, int frequencies) {
    extern __shared__ double memory[];
    const int lane = threadIdx.x, model = blockIdx.x / frequencies, frequency = blockIdx.x % frequencies;
    const int* of = models + 5 * model;
    const int count = of[1], wanted = of[2];
    const double* conductivity = layers + of[3];
    const double* thickness = conductivity + count;
    const int* range = ranges + 2 * (of[0] * frequencies + frequency);
    const int end = range[1];
    const double height = heights[model];

    double* kept = memory + lane;
    if (wanted & JACOBIAN) {
        for (int layer = 0; layer < count; layer++) put(kept + layer * OF_LAYER + OTHER, complex(0.0, 0.0));
    }
    Complex value = complex(0.0, 0.0), by_height = value;
    for (int first = range[0]; first < end; first += 32) {
        const bool is_node = first + lane < end;
        const double* at = tables + (is_node ? first + lane : end - 1);
        const Complex air = complex(at[nodes], at[2 * nodes]), decay = complex(at[3 * nodes], at[4 * nodes]);
        Complex weight = complex(at[5 * nodes], at[6 * nodes]);
        weight = mul(weight, exp_complex(scale(decay, -2.0 * height)));
        if (!is_node) weight = complex(0.0, 0.0);
        const Reflection r =
            reflection(at[0], air, omega_mu[frequency], count, conductivity, thickness, wanted, kept);
        value = mul_add(r.value, weight, value);
        if (wanted & HEIGHT) by_height = mul_add(r.value, scale(mul(weight, decay), -2.0), by_height);
        if (wanted & JACOBIAN) {
            Complex path = mul(weight, r.slope);
            for (int layer = 0; layer < count; layer++) {
                double* at = kept + layer * OF_LAYER;
                put(at + OTHER, mul_add(path, get(at + OWN), get(at + OTHER)));
                path = mul(path, get(at + BELOW));
            }
        }
    }

    double* in_phase = found + of[4] + frequency;
    value = complex(warp_sum(value.re), warp_sum(value.im));
    if (lane == 0) {
        in_phase[0] = value.re;
        in_phase[frequencies] = value.im;
    }
    if (wanted & HEIGHT) {
        in_phase += 2 * frequencies;
        by_height = complex(warp_sum(by_height.re), warp_sum(by_height.im));
        if (lane == 0) {
            in_phase[0] = by_height.re;
            in_phase[frequencies] = by_height.im;
        }
    }
    if (wanted & JACOBIAN) {
        double* rows = found + of[4] + (wanted & HEIGHT ? 4 : 2) * frequencies + frequency * count;
        for (int layer = 0; layer < count; layer++) {
            const Complex sum = get(kept + layer * OF_LAYER + OTHER);
            const double re = warp_sum(sum.re), im = warp_sum(sum.im);
            if (lane == 0) {
                rows[layer] = re;
                rows[frequencies * count + layer] = im;
            }
        }
    }
}
