#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fovea/keras/layer_config.hpp>

namespace fovea::keras {

/// A loss, a metric, an optimizer or a schedule as Keras writes it: a class and its options, which are asked for one by one.
/// Everything throws DataError, with `where` in front.
class ObjectOptions {
public:
    /// A text is a class with its default options.
    ObjectOptions(const Json& object, const std::string& where) {
        const Json& name = detail::without_wrapping(object);
        if (name.is_string()) {
            type_ = name.get<std::string>();
        } else {
            fovea::detail::JsonReader in(object, where);
            type_ = in.text("class_name");
            config_ = in.raw("config");
        }
        has_options_ = !name.is_string() && type_ != "function";
        where_ = text(where, " (", type_, ')');
        require<DataError>(config_.is_object(), where_, ": expected its options, got ", detail::shown(config_));
    }

    const std::string& type() const { return type_; }
    bool has_options() const { return has_options_; } ///< false: only a name
    const std::string& where() const { return where_; }

    /// What the file says of an option; null if it says nothing.
    const Json& at(const std::string& option) {
        static const Json nothing;
        taken_.insert(option);
        return config_.contains(option) ? config_[option] : nothing;
    }

    /// Leaves the value as it is if the file says nothing of it.
    template <class V>
    void take(const std::string& option, V& value) {
        const Json& said = at(option);
        if (!config_.contains(option)) return;
        try {
            if constexpr (requires { value.has_value(); })
                value = said.is_null() ? V() : V(number_of<typename V::value_type>(said));
            else if (!said.is_null())
                value = number_of<V>(said);
        } catch (const Json::exception&) {
            throw DataError(text(where_, ": ", option, '=', detail::shown(said), " is not supported"));
        }
    }

    /// Throws for an option that has not been asked for, unless it does nothing.
    void require_no_more() const {
        static const Json at_rest = {{"reduction", "sum_over_batch_size"},
                                     {"axis", -1},
                                     {"amsgrad", false},
                                     {"summation_method", "interpolation"},
                                     {"multi_label", false}};
        for (const auto& [option, value] : config_.items()) {
            const bool known = taken_.contains(option) || option == "name" || option == "dtype" || value.is_null() ||
                               (at_rest.contains(option) && value == at_rest[option]);
            require<DataError>(known, where_, ": ", option, '=', detail::shown(value), " is not supported");
        }
    }

    /// Keras keeps a learning rate as a float: 0.001 becomes 0.0010000000474974513, and here 0.001 again.
    static double decimal(double number) {
        const auto rounded = static_cast<float>(number);
        if (static_cast<double>(rounded) != number) return number;
        char digits[32];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), rounded).ptr;
        double result = number;
        std::from_chars(std::begin(digits), end, result);
        return result;
    }

private:
    template <class V>
    static V number_of(const Json& value) {
        if constexpr (std::integral<V> && !std::same_as<V, bool>)
            if (!value.is_number_integer()) throw Json::type_error::create(302, "", &value);
        return value.get<V>();
    }

    std::string type_;
    bool has_options_ = false;
    std::string where_;
    Json config_ = Json::object();
    std::set<std::string> taken_;
};

} // namespace fovea::keras
