#pragma once
#include <Eigen/Eigenvalues>

#include <fovea/core/eigen.hpp>

/// The linear rival of an autoencoder: the mean of some images, and the `count` orthogonal directions in which they vary most.
class PrincipalComponents {
public:
    /// images (samples, ...)
    PrincipalComponents(const fovea::Tensor<float>& images, fovea::Index count) {
        const auto x = fovea::as_matrix(images, images.shape()[0], -1);
        mean_ = x.colwise().mean();
        const Eigen::MatrixXf centred = x.rowwise() - mean_;
        const Eigen::MatrixXf covariance = centred.transpose() * centred;
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(covariance); // eigenvalues in rising order
        components_ = solver.eigenvectors().rightCols(count);
    }

    /// What is left of images when each is coded by one number for each component.
    fovea::Tensor<float> reconstruct(const fovea::Tensor<float>& images) const {
        const auto x = fovea::as_matrix(images, images.shape()[0], -1);
        const Eigen::MatrixXf codes = (x.rowwise() - mean_) * components_;
        fovea::Tensor<float> y(images.shape());
        fovea::as_matrix(y, images.shape()[0], -1) = (codes * components_.transpose()).rowwise() + mean_;
        return y;
    }

private:
    Eigen::RowVectorXf mean_;
    Eigen::MatrixXf components_; ///< (pixels, count)
};
