// The sum of squares of each item's WIDTH numbers, in one order whatever the batch.
extern "C" __global__ void __launch_bounds__(WIDTH) sums(const float* items, double* out) {
    __shared__ double squares[WIDTH];
    const int t = threadIdx.x;
    const double value = (double)items[(size_t)blockIdx.x * WIDTH + t];
    squares[t] = value * value;
    __syncthreads();
    for (int half = WIDTH / 2; half > 0; half >>= 1) {
        if (t < half) squares[t] += squares[t + half];
        __syncthreads();
    }
    if (t == 0) out[blockIdx.x] = squares[0];
}
