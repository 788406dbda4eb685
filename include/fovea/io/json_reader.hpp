#pragma once
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/io/safetensors_header.hpp>

/// JSON out of a file that may be damaged or made to do harm.
namespace fovea::detail {

/// Throws DataError, with `where` in front, for what is no JSON in UTF-8, is nested more than `most_depth` deep, or has a name
/// twice in one object.
inline nlohmann::json parse_json(std::string_view text, int most_depth, const std::string& where) {
    using Parsed = nlohmann::json::parse_event_t;
    const auto wrong_near = [&](std::size_t byte) {
        return DataError(fovea::text(where, ": expected JSON in UTF-8, it is wrong near its byte ", byte));
    };
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) throw wrong_near(zero + 1);
    std::vector<std::set<std::string>> names(static_cast<std::size_t>(most_depth) + 1); // of what is open at each depth
    const auto check = [&](int depth, Parsed event, nlohmann::json& value) {
        if (event == Parsed::object_start || event == Parsed::array_start)
            require<DataError>(depth < most_depth, where, ": nested more than ", most_depth, " deep");
        if (event == Parsed::object_start) names[static_cast<std::size_t>(depth) + 1].clear();
        if (event == Parsed::key)
            require<DataError>(names[static_cast<std::size_t>(depth)].insert(value.get<std::string>()).second, where,
                               ": the name ", safetensors::detail::in_quotes(value.get<std::string>()),
                               " is there twice");
        return true;
    };
    try {
        return nlohmann::json::parse(text.begin(), text.end(), check);
    } catch (const nlohmann::json::parse_error& error) {
        throw wrong_near(error.byte);
    } catch (const nlohmann::json::out_of_range&) {
        throw DataError(where + ": a number is too large");
    }
}

/// An object, field by field. Everything throws DataError, with `where` in front, for a field that is missing or of another kind.
class JsonReader {
public:
    JsonReader(const nlohmann::json& object, std::string where) : object_(&object), where_(std::move(where)) {
        require<DataError>(object.is_object(), where_, ": expected an object, got ", shown(object));
    }

    const std::string& where() const { return where_; }

    bool has(std::string_view name) const { return object_->find(name) != object_->end(); }
    bool is_null(std::string_view name) { return get(name).is_null(); }

    bool flag(std::string_view name) {
        const nlohmann::json& value = get(name);
        require_kind(value.is_boolean(), name, "true or false");
        return value.get<bool>();
    }
    Index whole(std::string_view name) { return whole(get(name), name); }
    std::vector<Index> wholes(std::string_view name) { return wholes(get(name), name); }
    double number(std::string_view name) {
        const nlohmann::json& value = get(name);
        require_kind(value.is_number(), name, "a number");
        return value.get<double>();
    }
    /// A number, or a list of them.
    std::vector<double> numbers(std::string_view name) {
        const nlohmann::json& value = get(name);
        if (value.is_number()) return {value.get<double>()};
        require_kind(value.is_array(), name, "a number or a list of them");
        std::vector<double> result;
        for (const nlohmann::json& item : value) {
            require_kind(item.is_number(), name, "a list of numbers");
            result.push_back(item.get<double>());
        }
        return result;
    }
    std::string text(std::string_view name) {
        const nlohmann::json& value = get(name);
        require_kind(value.is_string(), name, "a text");
        return value.get<std::string>();
    }
    bool is_text(std::string_view name) { return get(name).is_string(); }
    const nlohmann::json& list(std::string_view name) {
        const nlohmann::json& value = get(name);
        require_kind(value.is_array(), name, "a list");
        return value;
    }
    /// Whatever it is.
    const nlohmann::json& raw(std::string_view name) { return get(name); }
    JsonReader object(std::string_view name) { return {get(name), fovea::text(where_, ": \"", name, '"')}; }

    /// Out of a list that is this field.
    std::vector<Index> wholes(const nlohmann::json& value, std::string_view name) const {
        require_kind(value.is_array(), name, "a list of whole numbers");
        std::vector<Index> result;
        for (const nlohmann::json& item : value) result.push_back(whole(item, name));
        return result;
    }

    /// Throws unless all fields have been asked for.
    void require_no_more() const {
        for (const auto& [name, value] : object_->items())
            require<DataError>(known_.contains(name), where_, ": the field ", safetensors::detail::in_quotes(name),
                               " is unknown");
    }

    [[noreturn]] void refuse(std::string_view name, const nlohmann::json& value, std::string_view expected) const {
        throw DataError(fovea::text(where_, ": expected ", expected, " for \"", name, "\", got ", shown(value)));
    }

private:
    const nlohmann::json& get(std::string_view name) {
        const auto found = object_->find(name);
        require<DataError>(found != object_->end(), where_, ": the field \"", name, "\" is missing");
        known_.emplace(name);
        return *found;
    }

    Index whole(const nlohmann::json& value, std::string_view name) const {
        require_kind(value.is_number_integer(), name, "a whole number");
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
        require_kind(!value.is_number_unsigned() || value.get<std::uint64_t>() <= most, name,
                     "a whole number below 2^63");
        return value.get<Index>();
    }

    void require_kind(bool holds, std::string_view name, std::string_view expected) const {
        if (holds) return;
        const auto found = object_->find(name);
        refuse(name, found == object_->end() ? nlohmann::json() : *found, expected);
    }

    static std::string shown(const nlohmann::json& value) {
        constexpr std::size_t most = 80;
        const std::string all = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
        return all.size() <= most ? all : all.substr(0, most) + "...";
    }

    const nlohmann::json* object_;
    std::string where_;
    std::set<std::string, std::less<>> known_;
};

} // namespace fovea::detail
