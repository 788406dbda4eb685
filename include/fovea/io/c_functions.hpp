#pragma once
#include <string>
#include <string_view>
#include <vector>

/// The functions in C99 that exported networks consist of. `@` stands for the prefix of all names. Images are (height, width, channels).
namespace fovea::detail {

struct CFunction {
    std::string_view name;
    std::vector<std::string_view> needs; ///< other functions, in front of this one
    std::string_view code;
    bool math = false; ///< whether it needs math.h
};

/// y[i] = f(y[i]), with v for y[i]; `more` are further parameters.
inline std::string c_elementwise(std::string_view name, std::string_view formula, std::string_view more = "") {
    std::string code = "\nstatic void @";
    code += name;
    code += "(float *y, int n";
    code += more;
    code += ")\n{\n    int i;\n    for (i = 0; i < n; ++i) {\n        const float v = y[i];\n        y[i] = ";
    code += formula;
    code += ";\n    }\n}\n";
    return code;
}

inline const std::vector<CFunction>& c_functions() {
    static const std::string relu = c_elementwise("relu", "v < 0 ? 0 : v");
    static const std::string limited =
        c_elementwise("limited_relu", "v < threshold ? slope * (v - threshold) : v > most ? most : v",
                      ", float slope, float threshold, float most");
    static const std::string leaky = c_elementwise("leaky_relu", "v < 0 ? slope * v : v", ", float slope");
    static const std::string elu = c_elementwise("elu", "v < 0 ? alpha * expm1f(v) : v", ", float alpha");
    static const std::string sigmoid = c_elementwise("sigmoid", "1.0f / (1.0f + expf(-v))");
    static const std::string tangent = c_elementwise("tanh", "tanhf(v)");
    static const std::string gelu = c_elementwise("gelu", "0.5f * v * (1.0f + erff(0.707106781f * v))");
    static const std::string silu = c_elementwise("silu", "v / (1.0f + expf(-v))");
    static const std::vector<CFunction> all{
        {"window", {}, R"(
/* How a window moves over an image x, and what comes out of it. */
struct @window {
    int height, width, channels;
    int out_height, out_width, out_channels;
    int kernel_height, kernel_width;
    int stride_height, stride_width;
    int dilation_height, dilation_width;
    int top, left;
    int groups;
};
)"},
        {"multiply", {}, R"(
/* y[0 .. n) += x[0 .. count) times the rows of w, `stride` apart; 32 sums at a time, which can stay in registers */
static void @multiply(const float *@RESTRICT x, const float *@RESTRICT w, float *@RESTRICT y, int count, int stride, int n)
{
    const int whole = count / 4 * 4;
    int c, i, k;
    for (i = 0; i + 32 <= n; i += 32) {
        float sum[32];
        for (k = 0; k < 32; ++k)
            sum[k] = y[i + k];
        for (c = 0; c < count; ++c)
            for (k = 0; k < 32; ++k)
                sum[k] += x[c] * w[c * stride + i + k];
        for (k = 0; k < 32; ++k)
            y[i + k] = sum[k];
    }
    for (c = 0; c < whole && i < n; c += 4) {
        const float x0 = x[c], x1 = x[c + 1], x2 = x[c + 2], x3 = x[c + 3];
        const float *w0 = w + c * stride, *w1 = w0 + stride, *w2 = w1 + stride, *w3 = w2 + stride;
        for (k = i; k < n; ++k)
            y[k] += x0 * w0[k] + x1 * w1[k] + x2 * w2[k] + x3 * w3[k];
    }
    for (c = whole; c < count; ++c)
        for (k = i; k < n; ++k)
            y[k] += x[c] * w[c * stride + k];
}
)"},
        {"bias", {}, R"(
static void @bias(const float *bias, float *y, int n)
{
    int i;
    for (i = 0; i < n; ++i)
        y[i] = bias ? bias[i] : 0;
}
)"},
        {"walk", {}, R"(
/* y = x, y + x, ... element by element, along axes of {extent, step in x, step in y} */
static void @walk(const float *x, float *y, const int (*axes)[3], int rank, char how)
{
    const int *const last = axes[rank - 1];
    int at[8] = {0}, from = 0, to = 0, i, axis;
    do {
        for (i = 0; i < last[0]; ++i) {
            const float b = x[from + i * last[1]];
            float *const a = y + to + i * last[2];
            switch (how) {
            case '+': *a += b; break;
            case '-': *a -= b; break;
            case '*': *a *= b; break;
            case '>': *a = b > *a ? b : *a; break;
            case '<': *a = b < *a ? b : *a; break;
            case 'p': *a *= *a < 0 ? b : 1; break;
            default: *a = b;
            }
        }
        for (axis = rank - 2; axis >= 0; --axis) {
            from += axes[axis][1];
            to += axes[axis][2];
            if (++at[axis] < axes[axis][0])
                break;
            from -= axes[axis][0] * axes[axis][1];
            to -= axes[axis][0] * axes[axis][2];
            at[axis] = 0;
        }
    } while (axis >= 0);
}
)"},
        {"fill", {}, R"(
static void @fill(float *y, int n, float value)
{
    while (n-- > 0)
        *y++ = value;
}
)"},
        {"dense", {"multiply", "bias"}, R"(
static void @dense(const float *x, const float *kernel, const float *bias, float *y, int rows, int inputs, int units)
{
    int i;
    for (i = 0; i < rows; ++i) {
        @bias(bias, y + i * units, units);
        @multiply(x + i * inputs, kernel, y + i * units, inputs, units, units);
    }
}
)"},
        {"pixel", {"window", "multiply", "bias"}, R"(
/* Pixel (i, j) of a convolution. */
static void @pixel(const float *x, const float *kernel, const float *bias, float *y, const struct @window *w, int i, int j)
{
    const int top = i * w->stride_height - w->top, left = j * w->stride_width - w->left;
    const int depth = w->channels / w->groups, filters = w->out_channels / w->groups;
    int k, l, g;
    @bias(bias, y, w->out_channels);
    for (k = 0; k < w->kernel_height; ++k) {
        const int row = top + k * w->dilation_height;
        if (row < 0 || row >= w->height)
            continue;
        if (w->groups == 1 && w->dilation_width == 1) { /* neighbours in x and in the kernel */
            const int first = left < 0 ? -left : 0;
            const int last = left + w->kernel_width > w->width ? w->width - left : w->kernel_width;
            if (first < last)
                @multiply(x + (row * w->width + left + first) * depth, kernel + (k * w->kernel_width + first) * depth * filters,
                    y, (last - first) * depth, filters, filters);
            continue;
        }
        for (l = 0; l < w->kernel_width; ++l) {
            const int column = left + l * w->dilation_width;
            if (column < 0 || column >= w->width)
                continue;
            for (g = 0; g < w->groups; ++g)
                @multiply(x + (row * w->width + column) * w->channels + g * depth,
                    kernel + (k * w->kernel_width + l) * depth * w->out_channels + g * filters, y + g * filters, depth,
                    w->out_channels, filters);
        }
    }
}
)"},
        {"conv2d", {"pixel"}, R"(
static void @conv2d(const float *x, const float *kernel, const float *bias, float *y, const struct @window *w)
{
    int i, j;
    for (i = 0; i < w->out_height; ++i)
        for (j = 0; j < w->out_width; ++j, y += w->out_channels)
            @pixel(x, kernel, bias, y, w, i, j);
}
)"},
        {"conv2d_max_pooling2d", {"pixel"}, R"(
/* A convolution of which only the largest element of each window of p is kept; `one` is room for a pixel. */
static void @conv2d_max_pooling2d(const float *x, const float *kernel, const float *bias, float *y, const struct @window *w,
    const struct @window *p, float *one)
{
    int i, j, k, l, c;
    for (i = 0; i < p->out_height; ++i)
        for (j = 0; j < p->out_width; ++j, y += p->channels)
            for (k = 0; k < p->kernel_height; ++k)
                for (l = 0; l < p->kernel_width; ++l) {
                    @pixel(x, kernel, bias, one, w, i * p->stride_height + k, j * p->stride_width + l);
                    for (c = 0; c < p->channels; ++c)
                        if ((k == 0 && l == 0) || one[c] > y[c] || one[c] != one[c])
                            y[c] = one[c];
                }
}
)"},
        {"depthwise_pixel", {"window", "bias"}, R"(
/* Pixel (i, j) of a convolution of each channel by itself. */
static void @depthwise_pixel(const float *@RESTRICT x, const float *@RESTRICT kernel, const float *bias, float *@RESTRICT y,
    const struct @window *w, int i, int j)
{
    const int times = w->out_channels / w->channels;
    int k, l, c, m;
    @bias(bias, y, w->out_channels);
    for (k = 0; k < w->kernel_height; ++k)
        for (l = 0; l < w->kernel_width; ++l) {
            const int row = i * w->stride_height - w->top + k * w->dilation_height;
            const int column = j * w->stride_width - w->left + l * w->dilation_width;
            const float *const tap = kernel + (k * w->kernel_width + l) * w->out_channels;
            const float *from;
            if (row < 0 || row >= w->height || column < 0 || column >= w->width)
                continue;
            from = x + (row * w->width + column) * w->channels;
            if (times == 1)
                for (c = 0; c < w->channels; ++c)
                    y[c] += from[c] * tap[c];
            else
                for (c = 0; c < w->channels; ++c)
                    for (m = 0; m < times; ++m)
                        y[c * times + m] += from[c] * tap[c * times + m];
        }
}
)"},
        {"depthwise_conv2d", {"depthwise_pixel"}, R"(
static void @depthwise_conv2d(const float *x, const float *kernel, const float *bias, float *y, const struct @window *w)
{
    int i, j;
    for (i = 0; i < w->out_height; ++i)
        for (j = 0; j < w->out_width; ++j, y += w->out_channels)
            @depthwise_pixel(x, kernel, bias, y, w, i, j);
}
)"},
        {"separable_conv2d", {"depthwise_pixel", "multiply"}, R"(
/* `one` is room for a pixel of what lies between the two convolutions. */
static void @separable_conv2d(const float *x, const float *kernel, const float *pointwise, const float *bias, float *y,
    const struct @window *w, int filters, float *one)
{
    int i, j;
    for (i = 0; i < w->out_height; ++i)
        for (j = 0; j < w->out_width; ++j, y += filters) {
            @depthwise_pixel(x, kernel, 0, one, w, i, j);
            @bias(bias, y, filters);
            @multiply(one, pointwise, y, w->out_channels, filters, filters);
        }
}
)"},
        {"conv2d_transpose", {"window", "multiply", "bias"}, R"(
/* Every pixel of x adds to a window of y. */
static void @conv2d_transpose(const float *x, const float *kernel, const float *bias, float *y, const struct @window *w)
{
    int i, j, k, l;
    for (i = 0; i < w->out_height * w->out_width; ++i)
        @bias(bias, y + i * w->out_channels, w->out_channels);
    for (i = 0; i < w->height; ++i)
        for (j = 0; j < w->width; ++j, x += w->channels)
            for (k = 0; k < w->kernel_height; ++k)
                for (l = 0; l < w->kernel_width; ++l) {
                    const int row = i * w->stride_height - w->top + k * w->dilation_height;
                    const int column = j * w->stride_width - w->left + l * w->dilation_width;
                    if (row >= 0 && row < w->out_height && column >= 0 && column < w->out_width)
                        @multiply(x, kernel + (k * w->kernel_width + l) * w->channels * w->out_channels,
                            y + (row * w->out_width + column) * w->out_channels, w->channels, w->out_channels,
                            w->out_channels);
                }
}
)"},
        {"pooling2d", {"window"}, R"(
/* The largest element of each window, or the mean of those inside of x. */
static void @pooling2d(const float *x, float *y, const struct @window *w, int mean)
{
    int i, j, k, l, c;
    for (i = 0; i < w->out_height; ++i)
        for (j = 0; j < w->out_width; ++j, y += w->channels) {
            int count = 0;
            for (k = 0; k < w->kernel_height; ++k)
                for (l = 0; l < w->kernel_width; ++l) {
                    const int row = i * w->stride_height - w->top + k;
                    const int column = j * w->stride_width - w->left + l;
                    const float *from;
                    if (row < 0 || row >= w->height || column < 0 || column >= w->width)
                        continue;
                    from = x + (row * w->width + column) * w->channels;
                    for (c = 0; c < w->channels; ++c)
                        if (count > 0 && mean)
                            y[c] += from[c];
                        else if (count == 0 || from[c] > y[c] || from[c] != from[c])
                            y[c] = from[c];
                    ++count;
                }
            for (c = 0; mean && c < w->channels; ++c)
                y[c] /= (float)count;
        }
}
)"},
        {"up_sampling2d", {}, R"(
/* Bilinear; pixels are squares, whose centres have halves. */
static void @up_sampling2d(const float *x, float *y, int height, int width, int channels, int rows, int columns)
{
    int i, j, c;
    for (i = 0; i < height * rows; ++i) {
        const int down = 2 * i + 1 + rows, above = down / (2 * rows) - 1;
        const float t = (float)(down % (2 * rows)) / (float)(2 * rows);
        const float *const upper = x + (above < 0 ? 0 : above) * width * channels;
        const float *const lower = x + (above + 1 < height ? above + 1 : height - 1) * width * channels;
        for (j = 0; j < width * columns; ++j) {
            const int across = 2 * j + 1 + columns, before = across / (2 * columns) - 1;
            const float s = (float)(across % (2 * columns)) / (float)(2 * columns);
            const int left = (before < 0 ? 0 : before) * channels;
            const int right = (before + 1 < width ? before + 1 : width - 1) * channels;
            for (c = 0; c < channels; ++c) {
                const float a = upper[left + c] + t * (lower[left + c] - upper[left + c]);
                const float b = upper[right + c] + t * (lower[right + c] - upper[right + c]);
                *y++ = a + s * (b - a);
            }
        }
    }
}
)"},
        {"normalization",
         {},
         R"(
/* To mean 0 and variance 1: `groups` of neighbouring channels over all positions; then gamma and beta, which may be missing. */
static void @normalize(float *y, int positions, int channels, int groups, const float *gamma, const float *beta, float epsilon)
{
    const int each = channels / groups;
    int g, i, c;
    for (g = 0; g < groups; ++g) {
        double sum = 0, squares = 0;
        float mean, scale;
        for (i = 0; i < positions; ++i)
            for (c = g * each; c < (g + 1) * each; ++c)
                sum += (double)y[i * channels + c];
        mean = (float)(sum / ((double)positions * each));
        for (i = 0; i < positions; ++i)
            for (c = g * each; c < (g + 1) * each; ++c) {
                const double d = (double)(y[i * channels + c] - mean);
                squares += d * d;
            }
        scale = 1.0f / sqrtf((float)(squares / ((double)positions * each)) + epsilon);
        for (i = 0; i < positions; ++i)
            for (c = g * each; c < (g + 1) * each; ++c)
                y[i * channels + c] = (y[i * channels + c] - mean) * (gamma ? scale * gamma[c] : scale) + (beta ? beta[c] : 0);
    }
}

static void @normalization(float *y, int rows, int positions, int channels, int groups, const float *gamma,
    const float *beta, float epsilon)
{
    for (; rows > 0; --rows, y += positions * channels)
        @normalize(y, positions, channels, groups, gamma, beta, epsilon);
}
)",
         true},
        {"unit_normalization",
         {},
         R"(
static void @unit_normalization(float *y, int rows, int n)
{
    int i, row;
    for (row = 0; row < rows; ++row, y += n) {
        float length = 0;
        for (i = 0; i < n; ++i)
            length += y[i] * y[i];
        length = sqrtf(length < 1e-12f ? 1e-12f : length);
        for (i = 0; i < n; ++i)
            y[i] /= length;
    }
}
)",
         true},
        {"softmax",
         {},
         R"(
static void @softmax(float *y, int rows, int n)
{
    int i, row;
    for (row = 0; row < rows; ++row, y += n) {
        float most = y[0], sum = 0;
        for (i = 1; i < n; ++i)
            most = y[i] > most ? y[i] : most;
        for (i = 0; i < n; ++i) {
            y[i] = expf(y[i] - most);
            sum += y[i];
        }
        for (i = 0; i < n; ++i)
            y[i] /= sum;
    }
}
)",
         true},
        {"relu", {}, relu},
        {"limited_relu", {}, limited, true},
        {"leaky_relu", {}, leaky},
        {"elu", {}, elu, true},
        {"sigmoid", {}, sigmoid, true},
        {"tanh", {}, tangent, true},
        {"gelu", {}, gelu, true},
        {"silu", {}, silu, true},
    };
    return all;
}

} // namespace fovea::detail
