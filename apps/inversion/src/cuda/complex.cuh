// Complex numbers and elementary functions of one node, as forward::lanes has them. Nothing but
// sums, products, quotients, roots and fma, each rounded once: compiled without contraction, so that
// the bits are those of any processor.

#define FULL 0xffffffffu

struct Complex {
    double re, im;
};

__device__ Complex complex(double re, double im) {
    Complex a;
    a.re = re;
    a.im = im;
    return a;
}

__device__ Complex add(Complex a, Complex b) {
    return complex(a.re + b.re, a.im + b.im);
}

__device__ Complex sub(Complex a, Complex b) {
    return complex(a.re - b.re, a.im - b.im);
}

__device__ Complex scale(Complex a, double b) {
    return complex(a.re * b, a.im * b);
}

__device__ Complex conjugate(Complex a) {
    return complex(a.re, 0.0 - a.im);
}

__device__ Complex mul(Complex a, Complex b) {
    return complex(fma(-a.im, b.im, a.re * b.re), fma(a.re, b.im, a.im * b.re));
}

// a b + c
__device__ Complex mul_add(Complex a, Complex b, Complex c) {
    const double re = fma(a.re, b.re, c.re), im = fma(a.re, b.im, c.im);
    return complex(fma(-a.im, b.im, re), fma(a.im, b.re, im));
}

// i a b for real b
__device__ Complex turn(Complex a, double b) {
    return complex(0.0 - a.im * b, a.re * b);
}

// The squared magnitude.
__device__ double power(Complex a) {
    return fma(a.im, a.im, a.re * a.re);
}

__device__ Complex invert(Complex a) {
    return scale(conjugate(a), 1.0 / power(a));
}

// The principal root of a number whose imaginary part is not negative, and its squared magnitude.
__device__ Complex root(Complex a, double* magnitude) {
    *magnitude = sqrt(power(a));
    const double larger = sqrt(0.5 * (*magnitude + fabs(a.re)));
    const double smaller = 0.5 * a.im / larger;
    return a.re >= 0.0 ? complex(larger, smaller) : complex(smaller, larger);
}

// 1.5 x 2^52: what is added to it is rounded to a whole number.
#define WHOLE 6755399441055744.0
// 1.5 x 2^20 + 1023: the whole number that is added to it lies in the upper half of the bits.
#define EXPONENT 1573887.0
// Beyond this, exp stays what it is here.
#define LARGEST 708.0

__device__ double exp_real(double x) {
    x = fmax(fmin(x, LARGEST), -LARGEST);
    const double twos = fma(x, 1.4426950408889634, WHOLE) - WHOLE;
    double r = fma(-twos, 6.931471803691238e-1, x);
    r = fma(-twos, 1.9082149292705877e-10, r);
    double sum = 1.0 / 6227020800.0;
    sum = fma(sum, r, 1.0 / 479001600.0);
    sum = fma(sum, r, 1.0 / 39916800.0);
    sum = fma(sum, r, 1.0 / 3628800.0);
    sum = fma(sum, r, 1.0 / 362880.0);
    sum = fma(sum, r, 1.0 / 40320.0);
    sum = fma(sum, r, 1.0 / 5040.0);
    sum = fma(sum, r, 1.0 / 720.0);
    sum = fma(sum, r, 1.0 / 120.0);
    sum = fma(sum, r, 1.0 / 24.0);
    sum = fma(sum, r, 1.0 / 6.0);
    sum = fma(sum, r, 0.5);
    sum = fma(sum, r, 1.0);
    sum = fma(sum, r, 1.0);
    const unsigned long long bits = __double_as_longlong(twos + EXPONENT);
    return sum * __longlong_as_double((long long)(bits >> 32 << 52));
}

// cos x and sin x, for x up to 10^6 either way.
__device__ Complex cosine_sine(double x) {
    const double quarters = fma(x, 0.6366197723675814, WHOLE) - WHOLE;
    double r = fma(-quarters, 1.5707963267341256, x);
    r = fma(-quarters, 6.077100506303966e-11, r);
    r = fma(-quarters, 2.0222662487959506e-21, r);
    const double square = r * r;
    double s = -1.0 / 1307674368000.0;
    s = fma(s, square, 1.0 / 6227020800.0);
    s = fma(s, square, -1.0 / 39916800.0);
    s = fma(s, square, 1.0 / 362880.0);
    s = fma(s, square, -1.0 / 5040.0);
    s = fma(s, square, 1.0 / 120.0);
    s = fma(s, square, -1.0 / 6.0);
    s = fma(s, square, 1.0);
    s = r * s;
    double c = 1.0 / 20922789888000.0;
    c = fma(c, square, -1.0 / 87178291200.0);
    c = fma(c, square, 1.0 / 479001600.0);
    c = fma(c, square, -1.0 / 3628800.0);
    c = fma(c, square, 1.0 / 40320.0);
    c = fma(c, square, -1.0 / 720.0);
    c = fma(c, square, 1.0 / 24.0);
    c = fma(c, square, -0.5);
    c = fma(c, square, 1.0);
    // -2 to 2: where in the turn.
    const double turns = fma(quarters, 0.25, WHOLE) - WHOLE;
    const double quarter = fma(-turns, 4.0, quarters);
    const bool odd = fabs(quarter) == 1.0;
    const double cosine = odd ? s : c, sine = odd ? c : s;
    const bool cosine_is_negative = quarter > 0.5 || quarter < -1.5;
    const bool sine_is_negative = quarter > 1.5 || quarter < -0.5;
    return complex(cosine_is_negative ? 0.0 - cosine : cosine, sine_is_negative ? 0.0 - sine : sine);
}

__device__ Complex exp_complex(Complex a) {
    return scale(cosine_sine(a.im), exp_real(a.re));
}

// The sum over a warp, in a fixed tree: the same in all lanes.
__device__ double warp_sum(double x) {
    for (int d = 16; d > 0; d /= 2) x += __shfl_xor_sync(FULL, x, d);
    return x;
}
