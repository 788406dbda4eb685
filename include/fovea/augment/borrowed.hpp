#pragma once
#include <memory>
#include <utility>
#include <vector>

namespace fovea::detail {

/// A `W` for as long as this lives. Each thread keeps those that it has ever needed at the same time, and hands them out again.
template <class W>
class Borrowed {
public:
    Borrowed() {
        if (shelf().empty()) shelf().push_back(std::make_unique<W>());
        mine_ = std::move(shelf().back());
        shelf().pop_back();
    }
    ~Borrowed() { shelf().push_back(std::move(mine_)); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    W& operator*() const { return *mine_; }
    W* operator->() const { return mine_.get(); }

private:
    static std::vector<std::unique_ptr<W>>& shelf() {
        thread_local std::vector<std::unique_ptr<W>> all;
        return all;
    }

    std::unique_ptr<W> mine_;
};

} // namespace fovea::detail
