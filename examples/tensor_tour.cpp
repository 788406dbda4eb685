// A tour of Shape, Tensor, View and the way to Eigen and back. What each line prints stands behind it as //> and is
// compared with what it does print when the tests run.
#include <iostream>

#include <fovea/core/eigen.hpp>
#include <fovea/fovea.hpp>

using namespace fovea;

int main() {
    const auto print = [](const auto& thing) { std::cout << thing << '\n'; };

    // A tensor has a shape and owns its elements, row by row. It starts as zeros, as one value, or as it is written.
    Tensor<float> x{{1, 2, 3}, {4, 5, 6}};
    print(x);
    //> [[1. 2. 3.]
    //>  [4. 5. 6.]]
    print(x.shape());
    //> (2, 3)
    print(x.shape().rank());
    //> 2
    print(Tensor<float>(Shape{2, 2}, 0.5F));
    //> [[0.5 0.5]
    //>  [0.5 0.5]]
    const std::vector<float> numbers{1, 2, 3, 4};
    print(Tensor<float>(Shape{2, 2}, numbers));
    //> [[1. 2.]
    //>  [3. 4.]]

    // One index an axis; at() checks, () does not.
    x(1, 2) = 60;
    print(x.at(1, 2));
    //> 60
    try {
        x.at(2, 0);
    } catch (const ShapeError& error) {
        print(error.what());
        //> at: index 2 is outside axis 0 of the shape (2, 3)
    }

    // Views show elements that a tensor owns: nothing is copied, and what is written through them is written there.
    const View<float> row = x.row(0);
    row[0] = 100;
    print(row);
    //> [100.   2.   3.]
    print(x.slice(0, 1));
    //> [[100.   2.   3.]]
    print(x.reshape({3, -1}));
    //> [[100.   2.]
    //>  [  3.   4.]
    //>  [  5.  60.]]

    // Copies: of a view, of what a function makes of each element, in another scalar type.
    print(Tensor<float>(row) == Tensor<float>{100, 2, 3});
    //> 1
    print(x.map([](float value) { return value > 4 ? 1 : 0; }));
    //> [[1 0 0]
    //>  [0 1 1]]
    print(Tensor<float>{1.9F, -1.9F, 300}.cast<int>());
    //> [  1  -1 300]
    try {
        x.map([](float value) { return value * 10; }).cast<std::uint8_t>();
    } catch (const ValueError& error) {
        print(error.what());
        //> cast: 1000 does not fit the integer type [0, 255]
    }
    print(allclose(Tensor<double>{1, 2}, Tensor<double>{1, 2 + 1e-9}));
    //> 1

    // Images are (batch, height, width, channels), and long axes are abbreviated.
    print(Tensor<std::uint8_t>(Shape{1, 2, 3, 2}, 255));
    //> [[[[255 255]
    //>    [255 255]
    //>    [255 255]]
    //>
    //>   [[255 255]
    //>    [255 255]
    //>    [255 255]]]]
    Tensor<int> many(Shape{40, 50});
    for (Index i = 0; i < many.size(); ++i) many[i] = static_cast<int>(i);
    print(many);
    //> [[   0    1    2 ...   47   48   49]
    //>  [  50   51   52 ...   97   98   99]
    //>  [ 100  101  102 ...  147  148  149]
    //>  ...
    //>  [1850 1851 1852 ... 1897 1898 1899]
    //>  [1900 1901 1902 ... 1947 1948 1949]
    //>  [1950 1951 1952 ... 1997 1998 1999]]

    // An Eigen map of the same elements, and a tensor from an Eigen expression.
    auto matrix = as_matrix(x);
    matrix.row(0) *= 0.5F;
    print(x);
    //> [[50.   1.   1.5]
    //>  [ 4.   5.  60. ]]
    print(to_tensor(matrix * matrix.transpose()));
    //> [[2503.25  295.  ]
    //>  [ 295.   3641.  ]]
}
