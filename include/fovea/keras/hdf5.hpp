#pragma once
#include <array>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <hdf5.h>

#include <fovea/core/error.hpp>
#include <fovea/core/shape.hpp>

/// HDF5 files in memory, by libhdf5.
namespace fovea::keras {

namespace detail {

/// libhdf5 is, as it is usually built, for one thread at a time; and it prints its errors unless it is told not to.
class Hdf5Session {
public:
    Hdf5Session() : lock_(mutex()) {
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    Hdf5Session(const Hdf5Session&) = delete;
    Hdf5Session& operator=(const Hdf5Session&) = delete;
    ~Hdf5Session() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }

    std::lock_guard<std::mutex> lock_;
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

/// Whatever libhdf5 has opened.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);

    Hdf5Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
        require<DataError>(id_ >= 0, what);
    }
    Hdf5Handle(Hdf5Handle&& other) noexcept
        : id_(std::exchange(other.id_, hid_t{H5I_INVALID_HID})), close_(other.close_) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Hdf5Handle() {
        if (id_ >= 0) close_(id_);
    }

    hid_t id() const { return id_; }

private:
    hid_t id_;
    Close close_;
};

/// A file that has no place on the disk.
inline Hdf5Handle memory_driver() {
    Hdf5Handle driver(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "HDF5: no memory");
    constexpr std::size_t increment = 1 << 20;
    require<DataError>(H5Pset_fapl_core(driver.id(), increment, false) >= 0, "HDF5: no memory");
    return driver;
}

template <class T>
hid_t hdf5_type() {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
    return std::is_same_v<T, float> ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

} // namespace detail

/// A file to read from. Only what Keras writes is taken: groups and arrays of float or double that lie in the file in one piece, neither
/// packed nor linked from elsewhere. Everything throws DataError, with `where` in front. One at a time is there in a program.
class Hdf5Reader {
public:
    Hdf5Reader(std::string bytes, std::string where) : where_(std::move(where)), file_(open(bytes)) {}

    /// How many groups and arrays there are in a group; none if there is no such group.
    std::size_t members(const std::string& path) const {
        const std::vector<detail::Hdf5Handle> group = find(path);
        if (group.empty()) return 0;
        H5G_info_t info;
        require<DataError>(H5Iget_type(group.back().id()) == H5I_GROUP && H5Gget_info(group.back().id(), &info) >= 0,
                           where_, ": expected a group ", path);
        return static_cast<std::size_t>(info.nlinks);
    }

    /// Throws unless there is an array of this shape.
    void check(const std::string& path, const Shape& shape) const {
        const std::vector<detail::Hdf5Handle> found = array(path);
        const hid_t id = found.back().id();
        const detail::Hdf5Handle space(H5Dget_space(id), H5Sclose, text(where_, ": ", path, " has no shape"));
        std::array<hsize_t, H5S_MAX_RANK> extents{};
        const int axes = H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
        bool same = axes >= 0 && std::cmp_equal(axes, shape.rank());
        for (int axis = 0; same && axis < axes; ++axis)
            same = std::cmp_equal(extents[static_cast<std::size_t>(axis)], shape[axis]);
        if (!same) {
            std::string got;
            for (int axis = 0; axis < axes; ++axis)
                got.append(axis > 0 ? ", " : "").append(std::to_string(extents[static_cast<std::size_t>(axis)]));
            throw DataError(text(where_, ": expected ", path, " of shape ", shape, ", got (", got, ")"));
        }
        check_storage(path, id, shape);
    }

    /// The numbers of an array that has been checked, rounded if need be.
    template <class T>
    void read(const std::string& path, std::span<T> values) const {
        const std::vector<detail::Hdf5Handle> found = array(path);
        const herr_t done =
            H5Dread(found.back().id(), detail::hdf5_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
        require<DataError>(done >= 0, where_, ": ", path, " cannot be read");
    }

private:
    detail::Hdf5Handle open(const std::string& bytes) const {
        const detail::Hdf5Handle driver = detail::memory_driver();
        const std::string wrong = where_ + ": expected an HDF5 file, it is none or damaged";
        // libhdf5 copies the bytes, and does not write to them.
        const herr_t set =
            bytes.empty() ? -1 : H5Pset_file_image(driver.id(), const_cast<char*>(bytes.data()), bytes.size());
        require<DataError>(set >= 0, wrong);
        return {H5Fopen("fovea", H5F_ACC_RDONLY, driver.id()), H5Fclose, wrong};
    }

    /// The groups on the way there, and at last what it is; empty if it is not there.
    std::vector<detail::Hdf5Handle> find(const std::string& path) const {
        std::vector<detail::Hdf5Handle> way;
        for (std::size_t begin = 0; begin <= path.size();) {
            const std::size_t end = std::min(path.find('/', begin), path.size());
            const std::string name = path.substr(begin, end - begin);
            const hid_t from = way.empty() ? file_.id() : way.back().id();
            if (H5Lexists(from, name.c_str(), H5P_DEFAULT) <= 0) return {};
            H5L_info_t link;
            require<DataError>(H5Lget_info(from, name.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD,
                               where_, ": ", path, " is a link to elsewhere");
            way.emplace_back(H5Oopen(from, name.c_str(), H5P_DEFAULT), H5Oclose,
                             text(where_, ": ", path, " is damaged"));
            begin = end + 1;
            require<DataError>(begin > path.size() || H5Iget_type(way.back().id()) == H5I_GROUP, where_, ": ", path,
                               " is not in a group");
        }
        return way;
    }

    std::vector<detail::Hdf5Handle> array(const std::string& path) const {
        std::vector<detail::Hdf5Handle> way = find(path);
        require<DataError>(!way.empty(), where_, ": there is no ", path);
        require<DataError>(H5Iget_type(way.back().id()) == H5I_DATASET, where_, ": expected an array ", path);
        return way;
    }

    void check_storage(const std::string& path, hid_t id, const Shape& shape) const {
        const detail::Hdf5Handle type(H5Dget_type(id), H5Tclose, text(where_, ": ", path, " has no type"));
        const auto is = [&](hid_t known) { return H5Tequal(type.id(), known) > 0; };
        require<DataError>(is(H5T_IEEE_F32LE) || is(H5T_IEEE_F64LE) || is(H5T_IEEE_F32BE) || is(H5T_IEEE_F64BE), where_,
                           ": expected float32 or float64 numbers in ", path);
        const detail::Hdf5Handle how(H5Dget_create_plist(id), H5Pclose, text(where_, ": ", path, " is damaged"));
        const H5D_layout_t layout = H5Pget_layout(how.id());
        const bool plain = (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) && H5Pget_nfilters(how.id()) == 0 &&
                           H5Pget_external_count(how.id()) == 0;
        require<DataError>(plain, where_, ": expected ", path, " in one piece, neither packed nor in another file");
        // Numbers that were never written would be zeros made from nothing.
        const auto bytes = static_cast<hsize_t>(shape.size()) * H5Tget_size(type.id());
        require<DataError>(H5Dget_storage_size(id) == bytes, where_, ": the numbers of ", path, " are not there");
    }

    detail::Hdf5Session session_;
    std::string where_;
    detail::Hdf5Handle file_;
};

/// A file to be written. Throws DataError where there is no memory. One at a time is there in a program.
class Hdf5Writer {
public:
    Hdf5Writer() : file_(create()) {}

    /// A group, and those that it is in, with a text that it is marked with.
    void group(const std::string& path, const std::string& mark, const std::string& value) {
        using detail::Hdf5Handle;
        const Hdf5Handle links = between();
        const Hdf5Handle made(H5Gcreate2(file_.id(), path.c_str(), links.id(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                              full);
        const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, full);
        check(H5Tset_size(type.id(), value.size() + 1) >= 0 && H5Tset_cset(type.id(), H5T_CSET_UTF8) >= 0);
        const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose, full);
        const Hdf5Handle attribute(H5Acreate2(made.id(), mark.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
                                   H5Aclose, full);
        check(H5Awrite(attribute.id(), type.id(), value.c_str()) >= 0);
    }

    /// In a group that is there.
    template <class T>
    void array(const std::string& path, const Shape& shape, const T* values) {
        using detail::Hdf5Handle;
        const std::vector<hsize_t> extents(shape.begin(), shape.end());
        const Hdf5Handle space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose,
                               full);
        const Hdf5Handle how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, full);
        check(H5Pset_obj_track_times(how.id(), false) >= 0); // the same model gives the same bytes
        const hid_t type = std::is_same_v<T, float> ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
        const Hdf5Handle made(
            H5Dcreate2(file_.id(), path.c_str(), type, space.id(), H5P_DEFAULT, how.id(), H5P_DEFAULT), H5Dclose, full);
        check(H5Dwrite(made.id(), detail::hdf5_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    }

    std::string bytes() const {
        check(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) >= 0);
        const ssize_t size = H5Fget_file_image(file_.id(), nullptr, 0);
        check(size > 0);
        std::string all(static_cast<std::size_t>(size), '\0');
        check(H5Fget_file_image(file_.id(), all.data(), all.size()) == size);
        return all;
    }

private:
    static constexpr const char* full = "HDF5: the file cannot be made";

    static void check(bool done) { require<DataError>(done, full); }

    static detail::Hdf5Handle create() {
        const detail::Hdf5Handle driver = detail::memory_driver();
        return {H5Fcreate("fovea", H5F_ACC_TRUNC, H5P_DEFAULT, driver.id()), H5Fclose, full};
    }

    static detail::Hdf5Handle between() {
        detail::Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, full);
        check(H5Pset_create_intermediate_group(links.id(), 1) >= 0);
        return links;
    }

    detail::Hdf5Session session_;
    detail::Hdf5Handle file_;
};

} // namespace fovea::keras
