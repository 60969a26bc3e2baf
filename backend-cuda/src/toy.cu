// The number of the laws for each of `count` items, bit by bit that of `conformance::toy_value`: sums, products and powers of two
// below are exact, so no order or fusion of operations shows.
extern "C" __global__ void toy_values(unsigned long long seed, const unsigned long long* indices, double* values, int count) {
    const int item = blockIdx.x * blockDim.x + threadIdx.x;
    if (item < count) {
        unsigned long long state = seed ^ (indices[item] * 0x9e3779b97f4a7c15ull);
        unsigned long long draws[4];
        for (int draw = 0; draw < 4; draw++) {
            state += 0x9e3779b97f4a7c15ull;
            const unsigned long long mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ull;
            draws[draw] = mixed ^ (mixed >> 27);
        }
        const double fraction = (double)(draws[2] >> 12) - (double)(1ull << 51);
        values[item] = ldexp(fraction, (int)(draws[3] % 61) - 80);
    }
}
