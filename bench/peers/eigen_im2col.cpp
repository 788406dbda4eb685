/// The article's network in the plainest fast way: im2col and Eigen's matrix product, over the whole batch, layer by layer.
/// With -fopenmp Eigen spreads its products over OMP_NUM_THREADS threads, and the loops below do the same.
#include <cmath>
#include <iostream>
#include <memory>
#include <random>

#include <Eigen/Dense>
#include <fovea/data/gzip.hpp>
#include <fovea/data/mnist.hpp>

#include "../programs/tool.hpp"

namespace {

using Eigen::Index;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXf;

/// Weights and bias with their gradients and Adam's moments.
class Weights {
public:
    Weights(Index inputs, Index outputs) : w(Matrix::Zero(inputs, outputs)), b(Row::Zero(outputs)) {
        std::mt19937 random(1);
        const float limit = std::sqrt(6.0F / static_cast<float>(inputs + outputs));
        std::uniform_real_distribution<float> uniform(-limit, limit);
        w = w.unaryExpr([&](float) { return uniform(random); });
        m_w = v_w = Matrix::Zero(inputs, outputs);
        m_b = v_b = Row::Zero(outputs);
    }

    void adam(int step) {
        const float rate = 1e-3F * std::sqrt(1 - std::pow(0.999F, static_cast<float>(step))) /
                           (1 - std::pow(0.9F, static_cast<float>(step)));
        update(w, dw, m_w, v_w, rate);
        update(b, db, m_b, v_b, rate);
    }

    Matrix w, dw;
    Row b, db;

private:
    template <class M>
    static void update(M& x, const M& g, M& m, M& v, float rate) {
        m.array() += 0.1F * (g.array() - m.array());
        v.array() += 0.001F * (g.array().square() - v.array());
        x.array() -= rate * m.array() / (v.array().sqrt() + 1e-7F);
    }

    Matrix m_w, v_w;
    Row m_b, v_b;
};

/// A layer over the whole batch; rows of x and y are pixels (image by image) or images.
struct Layer {
    virtual ~Layer() = default;
    virtual const Matrix& forward(const Matrix& x) = 0;
    virtual const Matrix& backward(const Matrix& dy) = 0; ///< empty where the first layer's input gradient would be
    virtual void step(int) {}
};

/// relu(patches * w + b), 3 x 3, valid; the patches of the forward pass serve the weights' gradient.
class Convolution final : public Layer {
public:
    Convolution(Index size, Index channels, Index filters, bool first)
        : size_(size), out_(size - 2), channels_(channels), first_(first), weights_(9 * channels, filters) {}

    const Matrix& forward(const Matrix& x) override {
        images_ = x.rows() / (size_ * size_);
        patches_.resize(images_ * out_ * out_, 9 * channels_);
#pragma omp parallel for
        for (Index p = 0; p < patches_.rows(); ++p)
            for (Index row = 0; row < 3; ++row)
                std::copy_n(x.data() + pixel(p, row) * channels_, 3 * channels_,
                            patches_.data() + (p * 9 + row * 3) * channels_);
        y_.noalias() = patches_ * weights_.w;
        y_ = (y_.rowwise() + weights_.b).cwiseMax(0);
        return y_;
    }

    const Matrix& backward(const Matrix& dy) override {
        masked_ = dy.cwiseProduct((y_.array() > 0).cast<float>().matrix());
        weights_.dw.noalias() = patches_.transpose() * masked_;
        weights_.db = masked_.colwise().sum();
        if (first_) return dx_;
        patches_.noalias() = masked_ * weights_.w.transpose();
        dx_.setZero(images_ * size_ * size_, channels_);
#pragma omp parallel for
        for (Index image = 0; image < images_; ++image)
            for (Index p = image * out_ * out_; p < (image + 1) * out_ * out_; ++p)
                for (Index row = 0; row < 3; ++row)
                    Eigen::Map<Row>(dx_.data() + pixel(p, row) * channels_, 3 * channels_) +=
                        Eigen::Map<const Row>(patches_.data() + (p * 9 + row * 3) * channels_, 3 * channels_);
        return dx_;
    }

    void step(int number) override { weights_.adam(number); }

private:
    /// The input pixel below the left end of one of the 3 rows of output pixel p's window.
    Index pixel(Index p, Index row) const {
        const Index image = p / (out_ * out_), in_image = p % (out_ * out_);
        return (image * size_ + in_image / out_ + row) * size_ + in_image % out_;
    }

    Index size_, out_, channels_, images_ = 0;
    bool first_;
    Weights weights_;
    Matrix patches_, y_, masked_, dx_;
};

/// 2 x 2; an odd last row and column are left out.
class MaxPooling final : public Layer {
public:
    MaxPooling(Index size, Index channels) : size_(size), out_(size / 2), channels_(channels) {}

    const Matrix& forward(const Matrix& x) override {
        const Index images = x.rows() / (size_ * size_);
        y_.resize(images * out_ * out_, channels_);
        from_.resize(static_cast<std::size_t>(y_.size()));
        inputs_ = x.rows();
#pragma omp parallel for
        for (Index p = 0; p < y_.rows(); ++p) {
            const Index image = p / (out_ * out_), row = p / out_ % out_, column = p % out_;
            const Index first = ((image * size_ + 2 * row) * size_ + 2 * column) * channels_;
            const Index corners[] = {0, channels_, size_ * channels_, (size_ + 1) * channels_};
            for (Index c = 0; c < channels_; ++c) {
                Index best = first + c;
                for (const Index corner : corners)
                    if (x.data()[first + corner + c] > x.data()[best]) best = first + corner + c;
                y_(p, c) = x.data()[best];
                from_[static_cast<std::size_t>(p * channels_ + c)] = best;
            }
        }
        return y_;
    }

    const Matrix& backward(const Matrix& dy) override {
        dx_.setZero(inputs_, channels_);
        for (Index i = 0; i < dy.size(); ++i) dx_.data()[from_[static_cast<std::size_t>(i)]] = dy.data()[i];
        return dx_;
    }

private:
    Index size_, out_, channels_, inputs_ = 0;
    std::vector<Index> from_;
    Matrix y_, dx_;
};

/// Takes what it gets for one row an image.
class Dense final : public Layer {
public:
    Dense(Index inputs, Index units, bool rectified) : rectified_(rectified), weights_(inputs, units) {}

    const Matrix& forward(const Matrix& x) override {
        shape_ = {x.rows(), x.cols()};
        x_ = Eigen::Map<const Matrix>(x.data(), x.size() / weights_.w.rows(), weights_.w.rows());
        y_.noalias() = x_ * weights_.w;
        y_.rowwise() += weights_.b;
        if (rectified_) y_ = y_.cwiseMax(0);
        return y_;
    }

    const Matrix& backward(const Matrix& dy) override {
        masked_ = dy;
        if (rectified_) masked_ = dy.cwiseProduct((y_.array() > 0).cast<float>().matrix());
        weights_.dw.noalias() = x_.transpose() * masked_;
        weights_.db = masked_.colwise().sum();
        dx_.noalias() = masked_ * weights_.w.transpose();
        dx_.resize(shape_.first, shape_.second);
        return dx_;
    }

    void step(int number) override { weights_.adam(number); }

private:
    bool rectified_;
    std::pair<Index, Index> shape_;
    Weights weights_;
    Matrix x_, y_, masked_, dx_;
};

class Network {
public:
    Network() {
        layers_.push_back(std::make_unique<Convolution>(28, 1, 32, true));
        layers_.push_back(std::make_unique<MaxPooling>(26, 32));
        layers_.push_back(std::make_unique<Convolution>(13, 32, 64, false));
        layers_.push_back(std::make_unique<MaxPooling>(11, 64));
        layers_.push_back(std::make_unique<Convolution>(5, 64, 64, false));
        layers_.push_back(std::make_unique<Dense>(576, 64, true));
        layers_.push_back(std::make_unique<Dense>(64, 10, false));
    }

    /// Probabilities, one row an image.
    Matrix predict(const Matrix& x) {
        const Matrix* y = &x;
        for (const auto& layer : layers_) y = &layer->forward(*y);
        Matrix p = (y->colwise() - y->rowwise().maxCoeff()).array().exp();
        return p.array().colwise() / p.rowwise().sum().eval().array();
    }

    /// Returns the batch's summed loss.
    double train_step(const Matrix& x, const std::int32_t* labels) {
        Matrix dy = predict(x);
        double loss = 0;
        for (Index i = 0; i < dy.rows(); ++i) {
            loss -= std::log(std::max(static_cast<double>(dy(i, labels[i])), 1e-7));
            dy(i, labels[i]) -= 1;
        }
        dy /= static_cast<float>(dy.rows());
        const Matrix* gradient = &dy;
        for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) gradient = &(*layer)->backward(*gradient);
        ++steps_;
        for (const auto& layer : layers_) layer->step(steps_);
        return loss;
    }

private:
    std::vector<std::unique_ptr<Layer>> layers_;
    int steps_ = 0;
};

void train(const bench::Options& options) {
    const fovea::Dataset digits = fovea::mnist::load(options.text("data")).train;
    const long batch = options.number("batch");
    const long all = static_cast<long>(digits.size());
    const long images = options.number("steps") == 0 ? all : std::min(all, batch * options.number("steps"));
    Network network;
    Matrix x;
    double loss = 0;
    const auto steps = [&](long count) {
        for (long first = 0; first < count; first += batch) {
            const long last = std::min(count, first + batch);
            x.resize((last - first) * 784, 1);
            for (Index i = 0; i < x.size(); ++i) x(i) = static_cast<float>(digits.images[first * 784 + i]) / 255;
            loss += network.train_step(x, digits.labels.data() + first);
        }
    };
    steps(batch * options.number("warmup"));
    loss = 0;
    const double seconds = bench::seconds_of([&] { steps(images); });
    bench::report_training(seconds, images, batch, loss / static_cast<double>(images));
}

void infer(const bench::Options& options) {
    Network network;
    const long batch = options.number("batch");
    const Matrix x = Matrix::Random(batch * 784, 1);
    bench::report_inference(options.real("seconds"), batch, [&] { network.predict(x); });
}

void first_prediction(const bench::Options&) {
    Network network;
    network.predict(Matrix::Zero(784, 1));
    bench::JsonLine().add("ready", 1).print();
}

} // namespace

int main(int argc, char** argv) try {
    const bench::Options options(argc, argv);
    const std::map<std::string, void (*)(const bench::Options&)> commands{
        {"train", train}, {"infer", infer}, {"first_prediction", first_prediction}};
    commands.at(options.command())(options);
} catch (const std::exception& error) {
    std::cerr << "eigen_im2col: " << error.what() << '\n';
    return 1;
}
