#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <fovea/data/composed.hpp>
#include <fovea/data/shuffle.hpp>
#include <fovea/image/check.hpp>
#include <fovea/image/color.hpp>
#include <fovea/image/draw_text.hpp>
#include <fovea/image/resize.hpp>
#include <fovea/image/save.hpp>

namespace fovea {

struct ContactSheetOptions {
    Index columns = 10;
    Index samples = 100; ///< at most
    bool shuffle = true; ///< drawn at random, in the order of the data set; or else the first ones
    std::uint64_t seed = 0;
    Index epoch = 0;                         ///< in which samples are read: augmentation draws anew in each
    Index side = 96;                         ///< longest of a picture; small ones are enlarged by a whole number
    std::array<double, 2> value_range{0, 1}; ///< what is black and what is white
    std::vector<std::string> class_names{};  ///< empty: those that the data set has, or numbers
    std::optional<Data<float>> beside{};     ///< the same samples once more, to the right of each
};

namespace image::detail {

/// A grid of pictures, each with a line of text below it.
class Sheet {
public:
    Sheet(const Data<float>& data, const ContactSheetOptions& options) : data_(data), options_(options) {
        check();
        choose();
        // A picture, and as large a one beside it; all with a margin.
        tile_ = tile_of(data_);
        cell_ = {tile_.height + text_height + margin, (options.beside ? 2 : 1) * (tile_.width + margin)};
    }

    Tensor<std::uint8_t> draw() const {
        const auto count = static_cast<Index>(which_.size());
        const Index columns = std::min(options_.columns, count);
        const Index rows = (count + columns - 1) / columns;
        constexpr std::uint8_t grey = 224; // so that neither white nor black pictures run into it
        const Size2D size{rows * cell_.height + margin, columns * cell_.width + margin};
        check_extents(size.height, size.width, 3, "contact_sheet");
        Tensor<std::uint8_t> sheet(Shape{size.height, size.width, 3}, grey);
        for (Index i = 0; i < count; ++i) {
            const Index top = i / columns * cell_.height + margin;
            const Index left = i % columns * cell_.width + margin;
            const Index sample = which_[static_cast<std::size_t>(i)];
            put(sheet, top, left, picture(data_, sample));
            if (options_.beside) put(sheet, top, left + tile_.width + 1, picture(*options_.beside, sample));
            draw_text(sheet, top + tile_.height + 2, left, fitted_text(label(sample), cell_.width - margin));
        }
        return sheet;
    }

private:
    static constexpr Index margin = 4;

    void check() const {
        require<ValueError>(options_.columns > 0 && options_.samples > 0 && options_.side > 0,
                            "contact_sheet: expected at least 1 column, sample and pixel a side, got ",
                            options_.columns, ", ", options_.samples, " and ", options_.side);
        require<ValueError>(options_.value_range[0] < options_.value_range[1],
                            "contact_sheet: expected a value_range from a smaller to a larger number, got ",
                            options_.value_range[0], " to ", options_.value_range[1]);
        require<ValueError>(data_.size() > 0, "contact_sheet: the data set has no samples");
        for (const Data<float>* const data : {&data_, options_.beside ? &*options_.beside : &data_}) {
            const Shape& shape = data->sample_shape();
            require<ShapeError>(shape.size() > 0 && (shape.rank() == 2 || (shape.rank() == 3 && shape[2] <= 4)),
                                "contact_sheet: expected pictures (height, width, 1 to 4 channels), got ", shape);
        }
        require<ValueError>(!options_.beside || options_.beside->size() == data_.size(),
                            "contact_sheet: ", data_.size(), " samples, but ",
                            options_.beside ? options_.beside->size() : 0, " beside");
    }

    void choose() {
        const Index count = std::min(options_.samples, data_.size());
        if (options_.shuffle) {
            which_ = fovea::detail::random_order(data_.size(), options_.seed);
        } else {
            which_.resize(static_cast<std::size_t>(count));
            std::iota(which_.begin(), which_.end(), Index{0});
        }
        which_.resize(static_cast<std::size_t>(count));
        std::sort(which_.begin(), which_.end());
    }

    /// How large a picture is on the sheet.
    Size2D tile_of(const Data<float>& data) const {
        const Size2D own{data.sample_shape()[0], data.sample_shape()[1]};
        const Index longer = std::max(own.height, own.width);
        if (longer > options_.side) return fitted(own, {options_.side, options_.side});
        const Index times = options_.side / longer;
        return {times * own.height, times * own.width};
    }

    /// One sample, as bytes in RGB and as large as its tile.
    Tensor<std::uint8_t> picture(const Data<float>& data, Index sample) const {
        const Shape& shape = data.sample_shape();
        Tensor<float> x(Shape{shape[0], shape[1], shape.rank() == 3 ? shape[2] : 1});
        data.read({std::span(&sample, 1), options_.epoch}, x, {}, {});
        const auto low = static_cast<float>(options_.value_range[0]);
        const auto high = static_cast<float>(options_.value_range[1]);
        for (float& value : x) value = (value - low) / (high - low);
        const Tensor<std::uint8_t> bytes = image::convert_color(to_bytes(x), ColorMode::rgb);
        const bool smaller = tile_.height < shape[0] || tile_.width < shape[1];
        return image::resize(bytes, tile_,
                             {.interpolation = smaller ? Interpolation::bilinear : Interpolation::nearest});
    }

    static void put(Tensor<std::uint8_t>& sheet, Index top, Index left, const Tensor<std::uint8_t>& picture) {
        const Index row = picture.shape()[1] * 3;
        for (Index y = 0; y < picture.shape()[0]; ++y)
            std::copy_n(picture.data() + y * row, row, &sheet(top + y, left, 0));
    }

    /// The class's name; its number without a name; the sample's number without a label.
    std::string label(Index sample) const {
        if (!data_.targets_are_labels() || data_.target_shape().size() != 1) return text('#', sample);
        Tensor<std::int32_t> label(data_.target_shape().prepend(1));
        data_.read({std::span(&sample, 1), options_.epoch}, {}, label, {});
        const auto place = static_cast<std::size_t>(label[0]);
        return label[0] >= 0 && place < options_.class_names.size() ? options_.class_names[place]
                                                                    : std::to_string(label[0]);
    }

    const Data<float>& data_;
    const ContactSheetOptions& options_;
    std::vector<Index> which_;
    Size2D tile_{1, 1};
    Size2D cell_{1, 1};
};

} // namespace image::detail

/// Samples of a data set as one picture (height, width, 3), in rows, with their labels. Throws ShapeError unless samples are pictures,
/// DataError for a sheet of more than 65535 pixels a side, and what reading throws.
template <ComposableSource S>
Tensor<std::uint8_t> contact_sheet(const S& source, ContactSheetOptions options = {}) {
    options.class_names = detail::class_names_of(source, options.class_names);
    const Data<float> data(source);
    return image::detail::Sheet(data, options).draw();
}

/// Writes it to a file: `contact_sheet("sheet.png", train, {.beside = augment(train, ...)});`
template <ComposableSource S>
void contact_sheet(const std::filesystem::path& path, const S& source, ContactSheetOptions options = {}) {
    image::save(path, contact_sheet(source, std::move(options)));
}

} // namespace fovea
