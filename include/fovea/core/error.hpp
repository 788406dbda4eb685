#pragma once
#include <initializer_list>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

namespace fovea {

/// Everything fovea throws derives from this.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Shapes that do not fit each other.
class ShapeError : public Error {
public:
    using Error::Error;
};

/// An argument, option or name outside of what is allowed.
class ValueError : public Error {
public:
    using Error::Error;
};

/// A call that comes too early, such as `fit` before `compile`.
class StateError : public Error {
public:
    using Error::Error;
};

/// A file or data set that is missing, damaged or not what it claims to be.
class DataError : public Error {
public:
    using Error::Error;
};

/// NaN or infinity where only finite numbers make sense.
class NumericError : public Error {
public:
    using Error::Error;
};

/// Training was asked to end before its end: see StopOnSignal.
class Interrupted : public Error {
public:
    using Error::Error;
};

namespace detail {

/// Anything that can be streamed, without its type: messages are all over the library, and one piece of code that puts
/// them together compiles in half the time of one for each list of types.
struct Part {
    const void* value;
    void (*print)(std::ostream&, const void*);

    Part(const char* characters)
        : value(characters), print([](std::ostream& out, const void* v) { out << static_cast<const char*>(v); }) {}

    template <class T>
    Part(const T& part)
        : value(std::addressof(part)),
          print([](std::ostream& out, const void* v) { out << *static_cast<const T*>(v); }) {}
};

[[gnu::cold, gnu::noinline]] inline std::string join(std::initializer_list<Part> parts) {
    std::ostringstream stream;
    stream << std::boolalpha;
    for (const Part& part : parts) part.print(stream, part.value);
    return stream.str();
}

template <class E>
[[noreturn, gnu::cold, gnu::noinline]] void raise(std::initializer_list<Part> parts) {
    throw E(join(parts));
}

} // namespace detail

/// The parts, streamed one after another.
template <class... Parts>
std::string text(const Parts&... parts) {
    return detail::join({detail::Part(parts)...});
}

/// Throws `E` with the parts as its message unless `condition` holds. The message is only put together when it is needed.
template <class E, class... Parts>
void require(bool condition, const Parts&... parts) {
    if (!condition) [[unlikely]]
        detail::raise<E>({detail::Part(parts)...});
}

} // namespace fovea
