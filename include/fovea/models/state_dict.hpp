#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/core/tensor.hpp>

namespace fovea {

/// Named values that come back to the bit: whole numbers, floating-point numbers, texts, vectors of these, tensors of float
/// or double, and optional ones, which are left out if they are empty. Names may have parts: `callbacks/0/wait`.
class StateDict {
public:
    enum class Type { int64, float32, float64, text };

    /// A value as it goes to a file.
    struct Entry {
        Type type = Type::int64;
        Shape shape;
        std::vector<std::byte> bytes;

        bool operator==(const Entry&) const = default;
    };

    /// In place of a value of that name, if there is one.
    template <class V>
    void set(const std::string& name, const V& value) {
        if constexpr (requires { value.has_value(); }) {
            if (value) set(name, *value);
        } else if constexpr (std::convertible_to<const V&, std::string_view>) {
            const std::string_view characters(value);
            put(name, Type::text, Shape{static_cast<Index>(characters.size())}, std::span(characters));
        } else if constexpr (std::integral<V>) {
            const auto number = static_cast<std::int64_t>(value);
            put(name, Type::int64, Shape{}, std::span(&number, 1));
        } else if constexpr (std::floating_point<V>) {
            const auto number = static_cast<double>(value);
            put(name, Type::float64, Shape{}, std::span(&number, 1));
        } else if constexpr (std::same_as<V, std::vector<std::string>>) {
            std::string all; // each with a zero behind it
            for (const std::string& text : value) all.append(text.c_str(), text.size() + 1);
            set(name, all);
        } else if constexpr (std::same_as<V, std::vector<Index>>) {
            const std::vector<std::int64_t> numbers(value.begin(), value.end());
            put(name, Type::int64, Shape{static_cast<Index>(numbers.size())}, std::span(numbers));
        } else if constexpr (std::same_as<V, std::vector<double>>) {
            put(name, Type::float64, Shape{static_cast<Index>(value.size())}, std::span(value));
        } else {
            put(name, type_of<typename V::value_type>(), value.shape(), value.span());
        }
    }

    /// What `set` got under this name. Throws DataError if there is nothing, or a value of another type.
    template <class V>
    V get(std::string_view name) const {
        if constexpr (requires(V v) { v.has_value(); }) {
            return contains(name) ? V(get<typename V::value_type>(name)) : V();
        } else if constexpr (std::same_as<V, std::string>) {
            const Entry& entry = at(name, Type::text);
            return {reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()};
        } else if constexpr (std::integral<V>) {
            return static_cast<V>(elements<std::int64_t>(at(name, Type::int64, true)).front());
        } else if constexpr (std::floating_point<V>) {
            return static_cast<V>(elements<double>(at(name, Type::float64, true)).front());
        } else if constexpr (std::same_as<V, std::vector<std::string>>) {
            V texts;
            const auto all = get<std::string>(name);
            for (std::size_t first = 0; first < all.size();) {
                texts.emplace_back(all.c_str() + first);
                first += texts.back().size() + 1;
            }
            return texts;
        } else if constexpr (std::same_as<V, std::vector<Index>>) {
            const auto numbers = elements<std::int64_t>(at(name, Type::int64));
            return V(numbers.begin(), numbers.end());
        } else if constexpr (std::same_as<V, std::vector<double>>) {
            return elements<double>(at(name, Type::float64));
        } else {
            using Element = typename V::value_type;
            const Entry& entry = at(name, type_of<Element>());
            return V(entry.shape, elements<Element>(entry));
        }
    }

    bool contains(std::string_view name) const { return entries_.find(name) != entries_.end(); }
    bool empty() const { return entries_.empty(); }

    /// Adds all of another one, with `prefix/` in front of its names.
    void add(const std::string& prefix, StateDict part) {
        for (auto& [name, entry] : part.entries_) entries_[prefix + '/' + name] = std::move(entry);
    }
    /// What was added under this prefix; empty if nothing was.
    StateDict part(const std::string& prefix) const {
        StateDict result;
        const std::string begin = prefix + '/';
        for (auto i = entries_.lower_bound(begin); i != entries_.end() && i->first.starts_with(begin); ++i)
            result.entries_[i->first.substr(begin.size())] = i->second;
        return result;
    }

    /// As they go to a file and come from it.
    const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
    void set_entry(std::string name, Entry entry) { entries_[std::move(name)] = std::move(entry); }

private:
    template <class E>
    static constexpr Type type_of() {
        static_assert(std::same_as<E, float> || std::same_as<E, double>, "StateDict: tensors are of float or double");
        return std::same_as<E, float> ? Type::float32 : Type::float64;
    }

    template <class E>
    void put(const std::string& name, Type type, const Shape& shape, std::span<const E> elements) {
        const auto bytes = std::as_bytes(elements);
        entries_[name] = {type, shape, {bytes.begin(), bytes.end()}};
    }

    const Entry& at(std::string_view name, Type type, bool single = false) const {
        const auto found = entries_.find(name);
        if (found == entries_.end()) {
            std::string known;
            for (const auto& [other, entry] : entries_) known += (known.empty() ? "" : ", ") + other;
            throw DataError(text("StateDict: there is no \"", std::string(name), "\"; there is ",
                                 known.empty() ? "nothing" : known));
        }
        require<DataError>(found->second.type == type && (!single || found->second.shape == Shape{}), "StateDict: \"",
                           std::string(name), "\" is of another type");
        return found->second;
    }

    template <class E>
    static std::vector<E> elements(const Entry& entry) {
        std::vector<E> result(static_cast<std::size_t>(entry.shape.size()));
        require<DataError>(entry.bytes.size() == result.size() * sizeof(E), "StateDict: ", result.size(),
                           " elements in ", entry.bytes.size(), " bytes");
        if (!result.empty()) std::memcpy(result.data(), entry.bytes.data(), entry.bytes.size());
        return result;
    }

    std::map<std::string, Entry, std::less<>> entries_;
};

} // namespace fovea
