// What a device can do at most: copies of memory, and fused products and sums in registers, eight chains for each thread.
extern "C" __global__ void __launch_bounds__(256) copy(const float4* from, float4* to, int count) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) to[i] = from[i];
}

template <class T> __device__ void chains(T* out, int rounds, T a, T b) {
    T x[8];
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    for (int i = 0; i < 8; i++) x[i] = (T)(at + i);
    for (int round = 0; round < rounds; round++) {
#pragma unroll
        for (int i = 0; i < 8; i++) x[i] = x[i] * a + b;
    }
    T sum = 0;
    for (int i = 0; i < 8; i++) sum += x[i];
    out[at] = sum;
}

extern "C" __global__ void __launch_bounds__(256) singles(float* out, int rounds, float a, float b) { chains(out, rounds, a, b); }
extern "C" __global__ void __launch_bounds__(256) doubles(double* out, int rounds, double a, double b) { chains(out, rounds, a, b); }
