#include <functional>
#include <string>
#include <vector>

#include <fovea/keras/hdf5.hpp>

#include "reference/reference.hpp"

#include "catch.hpp"

using namespace fovea;

namespace {

/// A file that somebody else makes, by libhdf5's own functions.
std::string made_by_hand(const std::function<void(hid_t file)>& make) {
    const hid_t driver = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(driver, 1 << 16, false);
    const hid_t file = H5Fcreate("test", H5F_ACC_TRUNC, H5P_DEFAULT, driver);
    make(file);
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    std::string bytes(static_cast<std::size_t>(H5Fget_file_image(file, nullptr, 0)), '\0');
    H5Fget_file_image(file, bytes.data(), bytes.size());
    H5Fclose(file);
    H5Pclose(driver);
    return bytes;
}

/// An array of 2 x 3 numbers 0.5 ... under the name "a".
void put_array(hid_t file, hid_t type, hid_t how = H5P_DEFAULT, bool with_numbers = true) {
    const hsize_t extents[] = {2, 3};
    const hid_t space = H5Screate_simple(2, extents, nullptr);
    const hid_t array = H5Dcreate2(file, "a", type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    const std::vector<float> numbers{0.5F, 1, 2, 3, 4, 5};
    if (with_numbers) H5Dwrite(array, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
    H5Dclose(array);
    H5Sclose(space);
}

std::string refusal_of_array(const std::function<void(hid_t file)>& make) {
    try {
        keras::Hdf5Reader(made_by_hand(make), "f").check("a", {2, 3});
    } catch (const DataError& error) {
        return error.what();
    }
    return "nothing is refused";
}

} // namespace

TEST_CASE("Hdf5Writer, Hdf5Reader: arrays of either type come back, rounded if need be") {
    const Tensor<float> a = reference::values<float>({2, 3, 1, 4}, 1);
    const Tensor<double> b = reference::values<double>({7}, 2, 1.0 / 3);
    const auto write = [&] {
        keras::Hdf5Writer file;
        file.group("x/y", "name", "somewhere");
        file.array("x/y/0", a.shape(), a.data());
        file.array("x/y/1", b.shape(), b.data());
        return file.bytes();
    };
    const std::string bytes = write();
    CHECK(bytes == write());
    const keras::Hdf5Reader file(bytes, "f");
    CHECK(file.members("x/y") == 2);
    CHECK(file.members("x") == 1);
    CHECK(file.members("z/y") == 0);
    file.check("x/y/0", a.shape());
    file.check("x/y/1", b.shape());
    std::vector<float> floats(24);
    file.read<float>("x/y/0", floats);
    CHECK(std::equal(a.begin(), a.end(), floats.begin()));
    std::vector<double> doubles(24);
    file.read<double>("x/y/0", doubles);
    CHECK(std::equal(a.begin(), a.end(), doubles.begin()));
    floats.resize(7);
    file.read<float>("x/y/1", floats);
    for (Index i = 0; i < 7; ++i) CHECK(floats[static_cast<std::size_t>(i)] == static_cast<float>(b[i]));
    CHECK_THROWS_MATCHES(file.check("x/y/1", {1, 7}), DataError, says("f: expected x/y/1 of shape (1, 7), got (7)"));
    CHECK_THROWS_MATCHES(file.check("x/y/2", {7}), DataError, says("f: there is no x/y/2"));
    CHECK_THROWS_MATCHES(file.check("x/y", {7}), DataError, says("expected an array x/y"));
    CHECK_THROWS_MATCHES(file.members("x/y/0"), DataError, says("expected a group x/y/0"));
}

TEST_CASE("Hdf5Reader: only arrays that lie in the file as Keras writes them") {
    CHECK_THAT(refusal_of_array([](hid_t file) { put_array(file, H5T_IEEE_F32LE); }), contains("nothing is refused"));
    CHECK_THAT(refusal_of_array([](hid_t file) { put_array(file, H5T_IEEE_F64BE); }), contains("nothing is refused"));
    CHECK_THAT(refusal_of_array([](hid_t file) { put_array(file, H5T_STD_I32LE); }),
               contains("expected float32 or float64 numbers in a"));
    CHECK_THAT(refusal_of_array([](hid_t file) { put_array(file, H5T_IEEE_F32LE, H5P_DEFAULT, false); }),
               contains("the numbers of a are not there"));
    CHECK_THAT(refusal_of_array([](hid_t file) {
                   const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
                   const hsize_t piece[] = {1, 3};
                   H5Pset_chunk(how, 2, piece);
                   put_array(file, H5T_IEEE_F32LE, how);
                   H5Pclose(how);
               }),
               contains("expected a in one piece"));
    CHECK_THAT(refusal_of_array([](hid_t file) {
                   const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
                   H5Pset_external(how, "/etc/passwd", 0, 24);
                   put_array(file, H5T_IEEE_F32LE, how, false);
                   H5Pclose(how);
               }),
               contains("neither packed nor in another file"));
    CHECK_THAT(refusal_of_array(
                   [](hid_t file) { H5Lcreate_external("/etc/passwd", "b", file, "a", H5P_DEFAULT, H5P_DEFAULT); }),
               contains("a is a link to elsewhere"));
    CHECK_THAT(refusal_of_array([](hid_t file) { H5Lcreate_soft("/b", file, "a", H5P_DEFAULT, H5P_DEFAULT); }),
               contains("a is a link to elsewhere"));
}
