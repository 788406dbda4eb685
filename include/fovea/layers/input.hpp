#pragma once
#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include <fovea/core/error.hpp>
#include <fovea/core/shape.hpp>

namespace fovea {

/// The shape of one sample, as a model's first item: `Input{28, 28, 1}`.
struct Input {
    Shape shape; ///< without the batch axis
    std::string name;

    /// Throws ShapeError unless there are 1 to 4 extents, all of them positive.
    Input(std::initializer_list<Index> extents) : shape(checked({extents.begin(), extents.size()})) {}
    explicit Input(const Shape& sample, std::string input_name = {})
        : shape(checked({sample.begin(), sample.end()})), name(std::move(input_name)) {}

private:
    static Shape checked(std::span<const Index> extents) {
        std::string list;
        for (const Index extent : extents) list += text(list.empty() ? "" : ", ", extent);
        require<ShapeError>(std::all_of(extents.begin(), extents.end(), [](Index extent) { return extent > 0; }),
                            "Input: extents must be positive, got (", list, ")");
        require<ShapeError>(!extents.empty() && extents.size() < Shape::max_rank, "Input: expected 1 to ",
                            Shape::max_rank - 1, " extents, got ", extents.size());
        return Shape(extents);
    }
};

} // namespace fovea
