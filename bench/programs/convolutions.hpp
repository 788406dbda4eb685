#pragma once
#include <istream>
#include <sstream>
#include <string>
#include <vector>

#include <fovea/layers/conv2d.hpp>

namespace bench {

/// A line of convolutions.csv.
struct ConvolutionShape {
    std::string name, padding;
    fovea::Index batch, height, width, channels, filters, kernel, stride, dilation, groups;

    fovea::Conv2D layer() const {
        return {.filters = filters,
                .kernel_size = kernel,
                .strides = stride,
                .padding = padding == "same" ? fovea::Padding::same : fovea::Padding::valid,
                .dilation_rate = dilation,
                .groups = groups,
                .use_bias = false};
    }
    fovea::Shape sample() const { return {height, width, channels}; }

    /// Floating-point operations of each of the three passes.
    double flops() const {
        const fovea::Index outputs = batch * layer().output_shape(sample()).size();
        return 2.0 * static_cast<double>(outputs * kernel * kernel * (channels / groups));
    }
};

/// All lines but the first, which names the columns.
inline std::vector<ConvolutionShape> read_convolutions(std::istream& csv) {
    std::vector<ConvolutionShape> shapes;
    std::string line;
    std::getline(csv, line);
    while (std::getline(csv, line)) {
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream words(line);
        ConvolutionShape s;
        words >> s.name >> s.batch >> s.height >> s.width >> s.channels >> s.filters >> s.kernel >> s.stride >>
            s.padding >> s.dilation >> s.groups;
        fovea::require<fovea::DataError>(!words.fail(), "convolutions: cannot read the line \"", line, "\"");
        shapes.push_back(s);
    }
    return shapes;
}

} // namespace bench
