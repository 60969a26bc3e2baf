// Kernels that are right, and kernels with one fault each.
struct Mixed {
    double first;
    float2 second;
    int third[5];
};

extern "C" __global__ void __launch_bounds__(THREADS) reverse_and_sum(const float2* in, float2* out, float* total, int n) {
    __shared__ float2 block[THREADS];
    extern __shared__ float sums[];
    const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
    block[t] = i < n ? in[i] : make_float2(0.f, 0.f);
    sums[t] = block[t].x;
    __syncthreads();
    const float2 other = block[blockDim.x - 1 - t];
    if (i < n) out[i] = make_float2(other.x, -other.y);
    for (int half = blockDim.x / 2; half > 0; half >>= 1) {
        if (t < half) sums[t] += sums[t + half];
#ifndef NO_BARRIER
        __syncthreads();
#endif
    }
    if (t == 0) total[blockIdx.x] = sums[0];
}

// The sum of a warp, by shuffles, in each of its halves, and by shared memory.
extern "C" __global__ void warp_sums(const float* in, float* out) {
    __shared__ float values[2][32], halves[4];
    const int t = threadIdx.x, warp = t / 32, lane = t % 32;
    float value = in[t];
    for (int by = 16; by > 0; by >>= 1) value += __shfl_down_sync(0xffffffffu, value, by);
    values[warp][lane] = in[t];
#ifndef NO_WARP_BARRIER
    __syncwarp();
#endif
    float sum = 0.f;
    if (lane == 0) for (int i = 0; i < 32; i++) sum += values[warp][i];
    const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
    float part = in[t];
    for (int by = 8; by > 0; by >>= 1) part += __shfl_xor_sync(half, part, by);
    if (lane % 16 == 0) halves[t / 16] = part;
    __syncthreads();
    if (lane == 0) {
        out[4 * warp] = __shfl_sync(1u, value, 0);
        out[4 * warp + 1] = sum;
        out[4 * warp + 2] = halves[2 * warp] + halves[2 * warp + 1];
        out[4 * warp + 3] = (float)__popc(__ballot_sync(1u, 1));
    }
}

extern "C" __global__ void divergent(float* out) {
    if (threadIdx.x < 16) __syncthreads();
    out[threadIdx.x] = 1.f;
}

extern "C" __global__ void divergent_warp(float* out) {
    if (threadIdx.x < 16) __syncwarp();
    else __syncthreads();
    out[threadIdx.x] = 1.f;
}

// Each block writes a neighbour's element: nothing orders blocks.
extern "C" __global__ void blocks_race(float* out) {
    if (threadIdx.x < 2) out[blockIdx.x + threadIdx.x] = (float)blockIdx.x;
}

extern "C" __global__ void beyond_buffer(float* out, int at) { out[at] = 1.f; }
extern "C" __global__ void beyond_shared(float* out, int at) {
    __shared__ float few[8];
    few[at] = 1.f;
    out[0] = few[at];
}
extern "C" __global__ void beyond_dynamic(float* out, int at) {
    extern __shared__ double many[];
    many[at] = 1.0;
    out[0] = (float)many[at];
}
// What nobody wrote is poison in each block.
extern "C" __global__ void unwritten(unsigned* out) {
    __shared__ unsigned word[2];
    out[blockIdx.x] = word[0];
    __syncthreads();
    word[0] = 7;
}
extern "C" __global__ void much_shared(float* out) {
    __shared__ float much[64 * 1024];
    much[0] = 1.f;
    out[0] = much[0];
}
extern "C" __global__ void fails(float* out) { assert(out[0] > 0.f); }

// More parameters than 16, and larger ones than 8 bytes.
extern "C" __global__ void many_parameters(double* out, char a, Mixed b, int c, float d, char e, float4 f, int g, int h, int i, int j,
                                           int k, int l, int m, int n, int o, int p, long long q, char r) {
    out[0] = a + b.first + b.second.y + b.third[4] + c + d + e + f.w + g + h + i + j + k + l + m + n + o + p + q + r;
}
