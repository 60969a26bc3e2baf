// Time-domain systems in three steps: where nodes lie, Hankel transforms at all frequencies, and
// windows.
//
// places: by sounding, the horizontal distance; then by component what the three integrals are
// multiplied with, and the field without an earth.
// models: sounding, layers, wanted, place in `layers`, place in `integrals`, place in `found`.
// heights: 2 tx_height + txrx_dz. means: S/m, of the half-space that nodes are looked for with.

// ln x of a positive number.
__device__ double log_real(double x) {
    const long long bits = __double_as_longlong(x);
    int exponent = (int)(bits >> 52) - 1023;
    double m = __longlong_as_double((bits & 0xfffffffffffffll) | 0x3ff0000000000000ll);
    if (m > 1.4142135623730951) {
        m = 0.5 * m;
        exponent++;
    }
    // ln m = 2 artanh s
    const double s = (m - 1.0) / (m + 1.0), square = s * s;
    double sum = 1.0 / 25.0;
    sum = fma(sum, square, 1.0 / 23.0);
    sum = fma(sum, square, 1.0 / 21.0);
    sum = fma(sum, square, 1.0 / 19.0);
    sum = fma(sum, square, 1.0 / 17.0);
    sum = fma(sum, square, 1.0 / 15.0);
    sum = fma(sum, square, 1.0 / 13.0);
    sum = fma(sum, square, 1.0 / 11.0);
    sum = fma(sum, square, 1.0 / 9.0);
    sum = fma(sum, square, 1.0 / 7.0);
    sum = fma(sum, square, 1.0 / 5.0);
    sum = fma(sum, square, 1.0 / 3.0);
    const double rest = fma(2.0 * s, sum * square, 2.0 * s);
    const double twos = (double)exponent;
    return fma(twos, 6.931471803691238e-1, fma(twos, 1.9082149292705877e-10, rest));
}

// J0 and J1 from Taylor polynomials about multiples of 1 / 8, of degree 8, below 160; beyond, from
// Hankel's expansions.
__device__ Complex bessel(const double* __restrict__ table, double x) {
    if (x < 160.0) {
        const double place = floor(x * 8.0 + 0.5), beyond = x - place * 0.125;
        const double* of = table + 18 * (int)place;
        double zero = of[8], one = of[17];
        for (int power = 7; power >= 0; power--) {
            zero = zero * beyond + of[power];
            one = one * beyond + of[9 + power];
        }
        return complex(zero, one);
    }
    const double y = 1.0 / (8.0 * x), square = y * y;
    const Complex turn = cosine_sine(x);
    const double amplitude = sqrt(0.6366197723675814 / x) * 0.7071067811865476;
    // Times the root of 2: cosine and sine of x - pi / 4.
    const double c = turn.re + turn.im, s = turn.im - turn.re;
    double p = -150077.8125;
    p = fma(p, square, 459.375);
    p = fma(p, square, -4.5);
    p = fma(p, square, 1.0);
    double q = 3623307.1875;
    q = fma(q, square, -7441.875);
    q = fma(q, square, 37.5);
    q = y * fma(q, square, -1.0);
    const double zero = amplitude * (p * c - q * s);
    p = 177364.6875;
    p = fma(p, square, -590.625);
    p = fma(p, square, 7.5);
    p = fma(p, square, 1.0);
    q = -4180739.0625;
    q = fma(q, square, 9095.625);
    q = fma(q, square, -52.5);
    q = y * fma(q, square, 3.0);
    return complex(zero, amplitude * (p * s + q * c));
}

// Where the nodes of each frequency of each model lie, a thread each: ln l of the first, and the
// step.
extern "C" __global__ void __launch_bounds__(128) node_ranges(const double* __restrict__ omega_mu,
    const int* __restrict__ models, const double* __restrict__ heights, const double* __restrict__ means,
    const double* __restrict__ layers, double* __restrict__ ranges, int frequencies, int abscissae, int count) {
    const int place = blockIdx.x * blockDim.x + threadIdx.x;
    if (place >= count * frequencies) return;
    const int model = place / frequencies;
    const int* of = models + 6 * model;
    const double* conductivity = layers + of[3];
    const double omega = omega_mu[place % frequencies], height = heights[model];
    const double square = omega * (means[model] / 4.0), wavenumber = sqrt(square);
    double peak = wavenumber;
    if (of[1] > 1) {
        const Complex air = complex(wavenumber, 0.0);
        const Complex q = reflection(square, air, omega, of[1], conductivity, conductivity + of[1], 0, 0).value;
        const Complex one = add(q, complex(1.0, 0.0));
        const double ratio = mul(q, invert(mul(one, one))).im;
        peak = sqrt(omega * 0.25 * fmax(-4.0 * (square * ratio) / omega, 1e-12));
    }
    const double lower = log_real(fmin(peak, 2.0 / height)) - 4.44;
    const double upper = log_real(fmax(peak, 3.0 / height)) + 1.84;
    ranges[2 * place] = lower;
    ranges[2 * place + 1] = (upper - lower) / (double)(abscissae - 1);
}

// Adds to three sums, one for each integral, what the nodes of a warp give. Those that no component
// is made of are left as they are.
__device__ void add_nodes(double* sums, Complex value, const double* weights, int needed, int lane) {
    for (int integral = 0; integral < 3; integral++) {
        if (!(needed >> integral & 1)) continue;
        const double re = warp_sum(value.re * weights[integral]), im = warp_sum(value.im * weights[integral]);
        if (lane == 0) {
            sums[2 * integral] += re;
            sums[2 * integral + 1] += im;
        }
    }
}

// The integrals of K l^3 J0, K l^3 J1 and K l^2 J1 over ln l: a warp for each frequency of each
// model. integrals: by quantity (value, height, layers) and integral, real parts of all frequencies,
// then imaginary parts.
extern "C" __global__ void __launch_bounds__(32) hankel_integrals(const double* __restrict__ omega_mu,
    const double* __restrict__ table, const double* __restrict__ places, const int* __restrict__ models,
    const double* __restrict__ heights, const double* __restrict__ layers, const double* __restrict__ ranges,
    double* __restrict__ integrals, int frequencies, int abscissae, int components, double loop_radius) {
    extern __shared__ double memory[];
    const int lane = threadIdx.x, model = blockIdx.x / frequencies, frequency = blockIdx.x % frequencies;
    const int* of = models + 6 * model;
    const int count = of[1], wanted = of[2];
    const double* conductivity = layers + of[3];
    const double* thickness = conductivity + count;
    const double* place = places + of[0] * (1 + 4 * components);
    const double distance = place[0], height = heights[model], omega = omega_mu[frequency];
    const double lower = ranges[2 * blockIdx.x], step = ranges[2 * blockIdx.x + 1];
    int needed = 0;
    for (int component = 0; component < components; component++) {
        for (int integral = 0; integral < 3; integral++) {
            if (place[1 + 4 * component + integral] != 0.0) needed |= 1 << integral;
        }
    }
    const int quantities = wanted & JACOBIAN ? 2 + count : 2;
    double* kept = memory + lane;
    double* sums = memory + count * OF_LAYER;
    for (int i = lane; i < 6 * quantities; i += 32) sums[i] = 0.0;
    __syncwarp();
    for (int first = 0; first < abscissae; first += 32) {
        const int node = first + lane, last = abscissae - 1;
        const double l = exp_real(lower + step * (double)(node < last ? node : last));
        // The trapezoidal rule; what is beyond the last node weighs nothing.
        const double part = node > last ? 0.0 : node == 0 || node == last ? 0.5 * step : step;
        const double x = l * loop_radius;
        const double of_loop = x == 0.0 ? 1.0 : 2.0 * bessel(table, x).im / x;
        const Complex j = bessel(table, l * distance);
        const double weight = exp_real(-height * l) * part * of_loop * l * l;
        const double weights[3] = {weight * l * j.re, weight * l * j.im, weight * j.im};
        const Reflection r =
            reflection(l * l, complex(l, 0.0), omega, count, conductivity, thickness, wanted, kept);
        add_nodes(sums, r.value, weights, needed, lane);
        if (wanted & HEIGHT) add_nodes(sums + 6, scale(r.value, -2.0 * l), weights, needed, lane);
        if (wanted & JACOBIAN) {
            Complex path = r.slope;
            for (int layer = 0; layer < count; layer++) {
                const double* at = kept + layer * OF_LAYER;
                add_nodes(sums + 12 + 6 * layer, mul(path, get(at + OWN)), weights, needed, lane);
                path = mul(path, get(at + BELOW));
            }
        }
    }
    __syncwarp();
    double* to = integrals + of[4] + frequency;
    for (int i = lane; i < 6 * quantities; i += 32) to[i * frequencies] = sums[i];
}

// Integrals to components, and frequencies to windows: a warp for each quantity of each model.
// matrix: by frequency, real parts and then imaginary parts, the weights of all windows. scales: by
// component, what a field becomes, and its sign in data.
// found: channels of the value; of the derivatives by the height; rows of derivatives by layers.
extern "C" __global__ void __launch_bounds__(32) windows(const double* __restrict__ matrix,
    const double* __restrict__ scales, const double* __restrict__ places, const int* __restrict__ models,
    const double* __restrict__ integrals, double* __restrict__ found, int frequencies, int count, int components,
    int quantities) {
    extern __shared__ double field[];
    const int lane = threadIdx.x, model = blockIdx.x / quantities, quantity = blockIdx.x % quantities;
    const int* of = models + 6 * model;
    const int wanted = of[2], layers = wanted & JACOBIAN ? of[1] : 0;
    if (quantity == 1 ? !(wanted & HEIGHT) : quantity >= 2 + layers) return;
    const int values = 2 * frequencies, channels = components * count;
    const double* from = integrals + of[4] + 3 * values * quantity;
    double* to = found + of[5];
    if (quantity >= 1) to += channels;
    if (quantity >= 2) to += (wanted & HEIGHT ? channels : 0) + quantity - 2;
    const int stride = quantity >= 2 ? layers : 1;
    for (int component = 0; component < components; component++) {
        const double* place = places + of[0] * (1 + 4 * components) + 1 + 4 * component;
        __syncwarp();
        for (int i = lane; i < values; i += 32) {
            double sum = 0.0;
            for (int integral = 0; integral < 3; integral++) {
                if (place[integral] != 0.0) sum += place[integral] * from[integral * values + i];
            }
            field[i] = scales[2 * component] * sum;
        }
        __syncwarp();
        for (int window = lane; window < count; window += 32) {
            double sum = 0.0;
            for (int i = 0; i < values; i++) sum += matrix[i * count + window] * field[i];
            if (quantity == 0) sum += place[3];
            to[(component * count + window) * stride] = scales[2 * component + 1] * sum;
        }
    }
}
