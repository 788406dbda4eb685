#include <vector>

#include <fovea/augment/borrowed.hpp>

#include "catch.hpp"

using namespace fovea;

TEST_CASE("Borrowed: what was given back is lent again, and two at a time are two", "[augment]") {
    struct Own {
        std::vector<int> numbers; // a type that nobody else borrows
    };
    const Own* first = nullptr;
    const int* memory = nullptr;
    {
        const detail::Borrowed<Own> a;
        first = &*a;
        a->numbers.resize(100);
        memory = a->numbers.data();
        const detail::Borrowed<Own> b;
        CHECK(&*b != first);
        CHECK(b->numbers.empty());
    }
    const detail::Borrowed<Own> again; // a was given back last
    CHECK(&*again == first);
    CHECK(again->numbers.data() == memory);
}
