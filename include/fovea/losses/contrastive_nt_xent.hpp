#pragma once
#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <fovea/core/math.hpp>
#include <fovea/core/tensor.hpp>
#include <fovea/losses/rows.hpp>
#include <fovea/ops/product.hpp>

namespace fovea {

/// The normalised temperature-scaled cross-entropy of SimCLR: embeddings of the same group are drawn together, all others
/// pushed apart.
///
/// y (batch, dim): embeddings, of any length
/// targets: labels (batch) or (batch, 1), any numbers: rows of the same label are a group, in SimCLR the two views of one image
///
/// With z the rows of y divided by their lengths, s(i, j) = z_i . z_j / temperature, and P(i) the other rows of i's group, the
/// loss of row i is the mean over p in P(i) of log(sum over j != i of e^s(i, j)) - s(i, p). A row that is alone in its group
/// has no loss, but the others are pushed away from it.
///
/// Source: Chen et al., arXiv:2002.05709; for larger groups L_out of Khosla et al., arXiv:2004.11362.
/// Cost: 2 batch^2 dim multiply-adds and as many exponentials as batch^2; memory for batch^2 numbers.
/// A row shorter than 1e-7 counts as if it were that long, and no gradient goes to it.
struct ContrastiveNTXent {
    double temperature = 0.5;

    static constexpr std::string_view name = "contrastive_nt_xent";
    static constexpr bool whole_batch = true;
    static constexpr bool labels_are_classes = false;

    void check(const Shape& output, bool labels, const Shape& target) const {
        require<ValueError>(std::isfinite(temperature) && temperature > 0, name,
                            ": temperature must be a finite number > 0, got ", temperature);
        require<ShapeError>(output.rank() == 1, name, ": needs embeddings of shape (dim,), got ", output);
        require<ShapeError>(labels && (target == Shape{} || target == Shape{1}), name,
                            ": needs one label a sample, got ", detail::kind_of(labels), " of shape ", target);
    }

    /// y (batch, dim)
    template <class T>
    Index scratch_bytes(const Shape& y) const {
        return Work<T>::bytes(y[0], y[1]);
    }

    template <class T>
    double evaluate(const LossInput<T>& input) const {
        detail::check_input(*this, input);
        if (input.y.empty()) return 0;
        std::vector<std::byte, AlignedAllocator<std::byte>> own;
        if (input.scratch.empty()) own.resize(static_cast<std::size_t>(scratch_bytes<T>(input.y.shape())));
        Work<T> work(input.y, Arena(own.empty() ? input.scratch : std::span<std::byte>(own)));
        double total = 0;
        for (Index i = 0; i < work.batch; ++i) {
            const double weight =
                input.weights.empty() ? 1.0 : static_cast<double>(input.weights[static_cast<std::size_t>(i)]);
            total = std::fma(weight, row_loss(work, input.targets.labels, i, weight * static_cast<double>(input.scale)),
                             total);
        }
        if (!input.dy.empty()) work.backward(input.dy, temperature);
        return total;
    }

private:
    template <class T>
    struct Work {
        Index batch;
        Index dim;
        double* by_length;     ///< (batch): 1 / the length of each row of y
        T* z;                  ///< (batch, dim)
        T* s;                  ///< (batch, batch): the products of all rows; row by row they become the gradients by s
        T* packed;             ///< z or its transpose, in panels
        std::int32_t* columns; ///< 0, 1, 2 ...
        Index* rows;           ///< where the rows of s begin,
        Index* embeddings;     ///< and those of z

        static Index packed_size(Index batch, Index dim) {
            return std::max(ops::packed_size<T>(dim, batch), ops::packed_size<T>(batch, dim));
        }

        static Index bytes(Index batch, Index dim) {
            return Arena::bytes<double>(batch) + Arena::bytes<T>(batch * dim) + Arena::bytes<T>(batch * batch) +
                   Arena::bytes<T>(packed_size(batch, dim)) + Arena::bytes<std::int32_t>(std::max(batch, dim)) +
                   2 * Arena::bytes<Index>(batch);
        }

        Work(ConstView<T> y, Arena scratch)
            : batch(y.shape()[0]), dim(y.shape()[1]), by_length(scratch.take<double>(batch)),
              z(scratch.take<T>(batch * dim)), s(scratch.take<T>(batch * batch)),
              packed(scratch.take<T>(packed_size(batch, dim))),
              columns(scratch.take<std::int32_t>(std::max(batch, dim))), rows(scratch.take<Index>(batch)),
              embeddings(scratch.take<Index>(batch)) {
            std::iota(columns, columns + std::max(batch, dim), 0);
            for (Index i = 0; i < batch; ++i) {
                const T* const row = y.data() + i * dim;
                by_length[i] = detail::inverse_length(std::span(row, static_cast<std::size_t>(dim)));
                for (Index j = 0; j < dim; ++j)
                    z[i * dim + j] = static_cast<T>(static_cast<double>(row[j]) * by_length[i]);
                rows[i] = i * batch;
                embeddings[i] = i * dim;
            }
            ops::pack_panels(z, 1, dim, dim, batch, packed);
            ops::multiply<T>({.a = z,
                              .a_rows = embeddings,
                              .rows = batch,
                              .columns = columns,
                              .depth = dim,
                              .b = packed,
                              .c = s,
                              .c_rows = rows,
                              .width = batch});
        }

        /// dy of ds, which lies in s: dz = (ds + transposed ds) z / temperature, less its part along z, divided by the length.
        void backward(View<T> dy, double t) {
            for (Index i = 0; i < batch; ++i)
                for (Index j = 0; j < i; ++j) s[i * batch + j] = s[j * batch + i] += s[i * batch + j];
            ops::pack_panels(z, dim, 1, batch, dim, packed);
            ops::multiply<T>({.a = s,
                              .a_rows = rows,
                              .rows = batch,
                              .columns = columns,
                              .depth = batch,
                              .b = packed,
                              .c = dy.data(),
                              .c_rows = embeddings,
                              .width = dim});
            for (Index i = 0; i < batch; ++i) {
                const T* const along = z + i * dim;
                T* const dz = dy.data() + i * dim;
                double part = 0;
                for (Index j = 0; j < dim; ++j)
                    part = std::fma(static_cast<double>(along[j]), static_cast<double>(dz[j]), part);
                const double factor = detail::is_too_short(by_length[i]) ? 0 : by_length[i] / t;
                for (Index j = 0; j < dim; ++j)
                    dz[j] = static_cast<T>(std::fma(-part, static_cast<double>(along[j]), static_cast<double>(dz[j])) *
                                           factor);
            }
        }
    };

    /// Row i of s becomes `factor` times the loss's gradient by it.
    template <class T>
    double row_loss(Work<T>& work, ConstView<std::int32_t> labels, Index i, double factor) const {
        const std::span<T> row(work.s + i * work.batch, static_cast<std::size_t>(work.batch));
        const auto self = static_cast<std::size_t>(i);
        const auto label = [&](std::size_t j) { return labels[static_cast<Index>(j)]; };
        const auto score = [&](std::size_t j) { return static_cast<double>(row[j]) / temperature; };
        double largest = -std::numeric_limits<double>::infinity();
        double positives = 0;
        double sum_of_positives = 0;
        for (std::size_t j = 0; j < row.size(); ++j) {
            if (j == self) continue;
            if (!(score(j) <= largest)) largest = score(j); // NaN stays
            if (label(j) != label(self)) continue;
            positives += 1;
            sum_of_positives += score(j);
        }
        if (positives == 0) {
            std::fill(row.begin(), row.end(), T{});
            return 0;
        }
        double sum = 0;
        for (std::size_t j = 0; j < row.size(); ++j)
            if (j != self) sum += math::exp(score(j) - largest);
        const double normaliser = largest + math::log(sum);
        for (std::size_t j = 0; j < row.size(); ++j) {
            const double wanted = label(j) == label(self) ? 1 / positives : 0;
            row[j] = j == self ? T{} : static_cast<T>((math::exp(score(j) - normaliser) - wanted) * factor);
        }
        return normaliser - sum_of_positives / positives;
    }
};

static_assert(LossSpec<ContrastiveNTXent>);

} // namespace fovea
