// The reflection of a layered earth at one wavenumber per lane, and its derivatives: the formulas of
// forward::recursion.

#define JACOBIAN 1
#define PEER 2
#define HEIGHT 4

// Numbers of a layer that a lane keeps in shared memory, 32 apart: how the admittance at the top of
// the layer changes with the logarithm of its conductivity (OWN), and with the admittance at the top
// of the next layer (BELOW). What else there is begins at OTHER; OF_LAYER numbers are kept in all.
#define OWN 0
#define BELOW 64
#define OTHER 128


__device__ void put(double* at, Complex a) {
    at[0] = a.re;
    at[32] = a.im;
}

__device__ Complex get(const double* at) {
    return complex(at[0], at[32]);
}

struct Reflection {
    Complex value, slope;
};

__device__ Complex numerator(int wanted, Complex y, Complex u, Complex e, double thickness) {
    const Complex one = complex(1.0, 0.0);
    const Complex less = sub(one, e), more = add(one, e);
    const Complex yy = mul(y, y), uu = mul(u, u), uy = mul(u, y), mixed = mul(less, more);
    const Complex first = scale(mul(uy, mul(less, less)), 2.0);
    Complex second;
    if (wanted & PEER) {
        second = mul_add(sub(yy, uu), mixed, scale(mul(uu, mul(more, more)), 2.0));
    } else {
        second = mul(add(yy, uu), mixed);
    }
    const Complex third = scale(mul(mul(e, u), sub(uu, yy)), 4.0 * thickness);
    return add(add(first, second), third);
}

// The reflection over `count` layers, and its derivative by the admittance at the surface.
__device__ Reflection reflection(double square, Complex air, double omega_mu, int count,
    const double* conductivity, const double* thickness, int wanted, double* kept) {
    double magnitude;
    double b = omega_mu * conductivity[count - 1];
    Complex y = root(complex(square, b), &magnitude);
    if (wanted & JACOBIAN) {
        put(kept + (count - 1) * OF_LAYER + OWN, turn(conjugate(y), 0.5 * b / magnitude));
        put(kept + (count - 1) * OF_LAYER + BELOW, complex(0.0, 0.0));
    }
    for (int layer = count - 2; layer >= 0; layer--) {
        b = omega_mu * conductivity[layer];
        const double t = thickness[layer];
        const Complex u = root(complex(square, b), &magnitude);
        const Complex e = exp_complex(scale(u, -2.0 * t));
        const Complex p = add(y, u), m = mul(e, sub(y, u)), q = sub(p, m);
        // One division for 1 / q and 1 / u.
        const double size = power(q), both = 1.0 / (size * magnitude);
        const Complex inverse = scale(conjugate(q), both * magnitude);
        if (wanted & JACOBIAN) {
            const Complex over = mul(inverse, inverse);
            const Complex factor = mul(turn(conjugate(u), 0.5 * b * (both * size)), over);
            const Complex below = mul(scale(mul(e, mul(u, u)), 4.0), over);
            put(kept + layer * OF_LAYER + OWN, mul(factor, numerator(wanted, y, u, e, t)));
            put(kept + layer * OF_LAYER + BELOW, below);
        }
        y = mul(mul(u, add(p, m)), inverse);
    }
    const Complex inverse = invert(add(air, y));
    Reflection found;
    found.value = mul(sub(air, y), inverse);
    found.slope = scale(mul(air, mul(inverse, inverse)), -2.0);
    return found;
}
