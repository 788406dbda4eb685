#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <numeric>

#include <fovea/core/print.hpp>

using fovea::Index;
using fovea::Shape;
using fovea::Tensor;
using fovea::text;

// The expected texts are those of NumPy 2.4: str() of the array in the comment.

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
Tensor<T> counted(const Shape& shape) {
    Tensor<T> x(shape);
    std::iota(x.begin(), x.end(), T{0});
    return x;
}

} // namespace

TEST_CASE("whole numbers are aligned to the right, of 8 bits too") {
    CHECK(text(Tensor<int>{1, 10, 100}) == "[  1  10 100]");
    CHECK(text(Tensor<std::int8_t>{{1, -10}, {100, 7}}) == "[[  1 -10]\n"
                                                           " [100   7]]");
    CHECK(text(Tensor<std::uint8_t>{0, 255}) == "[  0 255]");
    CHECK(text(Tensor<std::uint8_t>{65}) == "[65]");
}

TEST_CASE("floating numbers have as many digits as they need, up to 8 behind the point, which is aligned") {
    CHECK(text(Tensor<float>{1, 2, 3}) == "[1. 2. 3.]");
    CHECK(text(Tensor<float>{{1, 2.5F}, {-3, 4}}) == "[[ 1.   2.5]\n"
                                                     " [-3.   4. ]]");
    CHECK(text(Tensor<float>{0.1F, 1 / 3.0F, 2 / 3.0F}) == "[0.1        0.33333334 0.6666667 ]");
    CHECK(text(Tensor<double>{0.1, 1 / 3.0, 2 / 3.0}) == "[0.1        0.33333333 0.66666667]");
    CHECK(text(Tensor<double>{0.99999999999, 0.5}) == "[1.  0.5]");
    CHECK(text(Tensor<double>{-0.0, 0.0}) == "[-0.  0.]");
    CHECK(text(Tensor<double>{1e-4, 3e-4}) == "[0.0001 0.0003]");
    CHECK(text(Tensor<double>{99999999.0}) == "[99999999.]");
}

TEST_CASE("a wide range of floating numbers is written with exponents") {
    CHECK(text(Tensor<double>{1e10, 1}) == "[1.e+10 1.e+00]");
    CHECK(text(Tensor<double>{1e-5, 1}) == "[1.e-05 1.e+00]");
    CHECK(text(Tensor<double>{1e-3, 1.1}) == "[1.0e-03 1.1e+00]");
    CHECK(text(Tensor<double>{123456.789, 0.00012}) == "[1.23456789e+05 1.20000000e-04]");
    CHECK(text(Tensor<double>{1e200, 1e-20}) == "[1.e+200 1.e-020]");
    CHECK(text(Tensor<float>{1e6F}) == "[1.e+06]");
    CHECK(text(Tensor<float>{999999}) == "[999999.]");
}

TEST_CASE("infinities and NaN are written and do not change how the others are") {
    CHECK(text(Tensor<double>{not_a_number, infinity, -infinity, 1.5}) == "[ nan  inf -inf  1.5]");
    CHECK(text(Tensor<double>{not_a_number, 1}) == "[nan  1.]");
    CHECK(text(Tensor<double>{infinity}) == "[inf]");
    CHECK(text(Tensor<double>{1.5e5, infinity, -2e-5}) == "[ 1.5e+05      inf -2.0e-05]");
}

TEST_CASE("every axis has its brackets") {
    // np.arange(24.).reshape(2, 3, 4)
    CHECK(text(counted<double>({2, 3, 4})) == "[[[ 0.  1.  2.  3.]\n"
                                              "  [ 4.  5.  6.  7.]\n"
                                              "  [ 8.  9. 10. 11.]]\n"
                                              "\n"
                                              " [[12. 13. 14. 15.]\n"
                                              "  [16. 17. 18. 19.]\n"
                                              "  [20. 21. 22. 23.]]]");
    // np.zeros((2, 1, 2, 1, 2))
    CHECK(text(Tensor<float>(Shape{2, 1, 2, 1, 2})) == "[[[[[0. 0.]]\n"
                                                       "\n"
                                                       "   [[0. 0.]]]]\n"
                                                       "\n"
                                                       "\n"
                                                       "\n"
                                                       " [[[[0. 0.]]\n"
                                                       "\n"
                                                       "   [[0. 0.]]]]]");
}

TEST_CASE("scalars and tensors without elements print too") {
    CHECK(text(Tensor<float>(Shape{}, 3.5F)) == "3.5");
    CHECK(text(Tensor<float>()) == "[]");
    CHECK(text(Tensor<float>(Shape{2, 0})) == "[]");
    CHECK(text(fovea::View<float>()) == "[]");
}

TEST_CASE("views print as tensors do") {
    Tensor<int> x{{1, 2}, {3, 4}};
    CHECK(text(x.row(1)) == "[3 4]");
    CHECK(text(fovea::ConstView<int>(x)) == "[[1 2]\n [3 4]]");
}

TEST_CASE("lines are broken after 75 characters") {
    // np.arange(60)
    CHECK(text(counted<int>({60})) == "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
                                      " 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47\n"
                                      " 48 49 50 51 52 53 54 55 56 57 58 59]");
    // (np.arange(30) * 1.25).reshape(1, 1, 30): no blank is left at the end of a line
    CHECK(text(counted<double>({1, 1, 30}).map([](double v) { return v * 1.25; })) ==
          "[[[ 0.    1.25  2.5   3.75  5.    6.25  7.5   8.75 10.   11.25 12.5\n"
          "   13.75 15.   16.25 17.5  18.75 20.   21.25 22.5  23.75 25.   26.25\n"
          "   27.5  28.75 30.   31.25 32.5  33.75 35.   36.25]]]");
}

TEST_CASE("of more than 1000 elements only the ends of each axis are shown") {
    CHECK(text(counted<double>({1001})) == "[   0.    1.    2. ...  998.  999. 1000.]");
    // np.arange(10000).reshape(100, 100)
    CHECK(text(counted<int>({100, 100})) == "[[   0    1    2 ...   97   98   99]\n"
                                            " [ 100  101  102 ...  197  198  199]\n"
                                            " [ 200  201  202 ...  297  298  299]\n"
                                            " ...\n"
                                            " [9700 9701 9702 ... 9797 9798 9799]\n"
                                            " [9800 9801 9802 ... 9897 9898 9899]\n"
                                            " [9900 9901 9902 ... 9997 9998 9999]]");
    // np.arange(2000).reshape(1000, 2)
    CHECK(text(counted<int>({1000, 2})) == "[[   0    1]\n"
                                           " [   2    3]\n"
                                           " [   4    5]\n"
                                           " ...\n"
                                           " [1994 1995]\n"
                                           " [1996 1997]\n"
                                           " [1998 1999]]");
    // np.zeros((2, 600, 1), np.uint8)
    CHECK(text(Tensor<std::uint8_t>(Shape{2, 600, 1})) == "[[[0]\n  [0]\n  [0]\n  ...\n  [0]\n  [0]\n  [0]]\n\n"
                                                          " [[0]\n  [0]\n  [0]\n  ...\n  [0]\n  [0]\n  [0]]]");
    CHECK(text(counted<int>({1000})).find("...") == std::string::npos);
}
