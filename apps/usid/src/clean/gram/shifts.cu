// The Gram matrix of all windows by shifts, in f64. Every sum has an order that depends on the
// image and its windows alone.
//
// A batch has items, blockIdx.z; dys: the shift along y of each. An item has all shifts along x,
// from 0, or from 1 where dy < 0.

// The rows of an item before those of shift dx: for each shift, a row for each first pixel.
__device__ long long rows_before(int dx, int first, int window) {
    const long long count = dx - first;
    return count * (2ll * window - first - dx + 1) / 2;
}

// Sums of product images down the rows, sums[item][dx, p_x][column]: a thread for each column, SHIFTS
// shifts at once.
extern "C" __global__ void __launch_bounds__(128) sums_down(const float* __restrict__ image, const int* __restrict__ dys,
    double* sums, long long item_sums, int rows, int columns, int window, int step, int regular, int last) {
    const int column = blockIdx.y * blockDim.x + threadIdx.x, dy = dys[blockIdx.z], other = column + dy;
    const int first = dy < 0, dx = first + blockIdx.x * SHIFTS;
    if (column >= columns || other < 0 || other >= columns || dx >= window) return;
    const float* a = image + column;
    const float* b = image + other;
    double* to = sums + blockIdx.z * item_sums + column;
    // Rows beyond the image are of shifts that are not there.
    const int end = rows - 1;
#define A(row) ((double)a[(long long)(row) * columns])
#define B(row) ((double)b[(long long)((row) < end ? (row) : end) * columns])
#define SUM(k, px) to[(rows_before(dx + (k), first, window) + (px)) * columns]
    for (int px = 0; px < step && px < window - dx; px++) {
        double sum[SHIFTS];
        for (int k = 0; k < SHIFTS; k++) sum[k] = 0.0;
        int o = 0;
        if (step == 1) {
            // Shifted pixels are those of the next shift in the next row.
            double ring[SHIFTS];
            for (int k = 0; k < SHIFTS - 1; k++) ring[k] = B(dx + k);
            for (; o + SHIFTS <= regular; o += SHIFTS) {
#pragma unroll
                for (int j = 0; j < SHIFTS; j++) {
                    ring[(j + SHIFTS - 1) % SHIFTS] = B(o + j + dx + SHIFTS - 1);
                    const double pixel = A(o + j);
#pragma unroll
                    for (int k = 0; k < SHIFTS; k++) sum[k] = fma(pixel, ring[(j + k) % SHIFTS], sum[k]);
                }
            }
        }
        for (; o < regular; o++) {
            const int row = px + o * step;
            const double pixel = A(row);
            for (int k = 0; k < SHIFTS; k++) sum[k] = fma(pixel, B(row + dx + k), sum[k]);
        }
        for (int k = 0; k < SHIFTS && px < window - dx - k; k++) {
            if (last >= 0) sum[k] = fma(A(last + px), B(last + px + dx + k), sum[k]);
            SUM(k, px) = sum[k];
        }
    }
    for (int k = 0; k < SHIFTS; k++) {
        for (int px = step; px < window - dx - k; px++) {
            // The origins' rows but the first, and one more.
            const int above = px - step, below = above + regular * step, shift = dx + k;
            double sum = SUM(k, above);
            sum = fma(-A(above), B(above + shift), sum);
            sum = fma(A(below), B(below + shift), sum);
            if (last >= 0) {
                sum = fma(-A(last + above), B(last + above + shift), sum);
                sum = fma(A(last + px), B(last + px + shift), sum);
            }
            SUM(k, px) = sum;
        }
    }
}

// Sums along the rows of sums, entries[item][dx, p_x][p_y]: a block for each row, a thread for each
// p_y.
extern "C" __global__ void __launch_bounds__(64) sums_along(const int* __restrict__ dys, const double* __restrict__ sums,
    double* entries, long long item_sums, long long item_entries, int columns, int window_x, int window, int step,
    int regular, int last) {
    const int dy = dys[blockIdx.z], start = dy < 0 ? -dy : 0, length = window - (dy < 0 ? -dy : dy);
    const long long row = blockIdx.x;
    if (row >= rows_before(window_x, dy < 0, window_x)) return;
    const double* from = sums + blockIdx.z * item_sums + row * columns + start;
    double* to = entries + blockIdx.z * item_entries + row * length;
    for (int py = threadIdx.x; py < length; py += blockDim.x) {
        double part[4] = {0.0, 0.0, 0.0, 0.0};
        int o = 0;
        for (; o + 4 <= regular; o += 4) {
            for (int j = 0; j < 4; j++) part[j] += from[py + (long long)(o + j) * step];
        }
        for (; o < regular; o++) part[0] += from[py + (long long)o * step];
        if (last >= 0) part[1] += from[py + last];
        to[py] = (part[0] + part[1]) + (part[2] + part[3]);
    }
}
