// What most programs have in common: the kernels, the layers, and the model with all that stands on them. FOVEA_EXTERN is `extern` where
// they are declared, and nothing in the one file that has them; FOVEA_T is float and double in turn. See compiled.hpp.
#define FOVEA_LAYER(Spec)                                                                                              \
    FOVEA_EXTERN template class Spec::Layer<FOVEA_T>;                                                                  \
    FOVEA_EXTERN template struct AnyLayer<FOVEA_T>::Holder<Spec::Layer<FOVEA_T>>;                                      \
    FOVEA_EXTERN template struct AnyLayer<FOVEA_T>::SpecHolder<Spec>;                                                  \
    FOVEA_EXTERN template std::size_t Network<FOVEA_T>::add(const Spec&, std::span<const std::size_t>)

namespace fovea {

namespace ops {
FOVEA_EXTERN template void multiply<FOVEA_T>(const Product<FOVEA_T>&);
FOVEA_EXTERN template void add_outer_product<FOVEA_T>(const OuterProduct<FOVEA_T>&);
FOVEA_EXTERN template void winograd_pack_forward<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, FOVEA_T*);
FOVEA_EXTERN template void winograd_pack_backward<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, FOVEA_T*);
FOVEA_EXTERN template void winograd_forward<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, const FOVEA_T*,
                                                     const FOVEA_T*, bool, View<FOVEA_T>, Arena);
FOVEA_EXTERN template void winograd_forward_pooled<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, const FOVEA_T*,
                                                            const FOVEA_T*, bool, View<FOVEA_T>, std::uint8_t*, Arena);
FOVEA_EXTERN template void winograd_backward_input<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, const FOVEA_T*,
                                                            View<FOVEA_T>, Arena);
FOVEA_EXTERN template void winograd_backward_kernel<FOVEA_T>(const Winograd&, ConstView<FOVEA_T>, ConstView<FOVEA_T>,
                                                             View<FOVEA_T>, Arena);
FOVEA_EXTERN template void pooled_conv2d_forward_shallow<FOVEA_T>(const PooledConv2D&, Index, const FOVEA_T*,
                                                                  const FOVEA_T*, const FOVEA_T*, bool, FOVEA_T*,
                                                                  std::uint8_t*);
FOVEA_EXTERN template void pooled_conv2d_pool_cells<FOVEA_T>(const PooledConv2D&, Index, const FOVEA_T*, bool, FOVEA_T*,
                                                             std::uint8_t*);
FOVEA_EXTERN template void pooled_conv2d_backward_kernel<FOVEA_T>(const PooledConv2D&, Index, const FOVEA_T*,
                                                                  const FOVEA_T*, const std::uint8_t*, FOVEA_T*,
                                                                  FOVEA_T*, Arena);
FOVEA_EXTERN template void pooled_conv2d_backward_input<FOVEA_T>(const PooledConv2D&, Index, const FOVEA_T*,
                                                                 const FOVEA_T*, const std::uint8_t*, FOVEA_T*, Arena);
FOVEA_EXTERN template void depthwise_forward<FOVEA_T>(const Depthwise&, ConstView<FOVEA_T>, const FOVEA_T*,
                                                      ConstView<FOVEA_T>, bool, View<FOVEA_T>, Arena);
FOVEA_EXTERN template void depthwise_backward_kernel<FOVEA_T>(const Depthwise&, ConstView<FOVEA_T>, ConstView<FOVEA_T>,
                                                              View<FOVEA_T>, Arena);
FOVEA_EXTERN template void depthwise_backward_input<FOVEA_T>(const Depthwise&, const FOVEA_T*, ConstView<FOVEA_T>,
                                                             View<FOVEA_T>, Arena);
FOVEA_EXTERN template void activation_forward<FOVEA_T>(Activation, View<FOVEA_T>);
FOVEA_EXTERN template void activation_backward<FOVEA_T>(Activation, ConstView<FOVEA_T>, ConstView<FOVEA_T>,
                                                        View<FOVEA_T>);
FOVEA_EXTERN template void bias_gradient<FOVEA_T>(ConstView<FOVEA_T>, View<FOVEA_T>);
FOVEA_EXTERN template void max_pool_forward<FOVEA_T>(const Window2D&, ConstView<FOVEA_T>, View<FOVEA_T>,
                                                     simd::Integer<FOVEA_T>*);
FOVEA_EXTERN template void max_pool_backward<FOVEA_T>(const Window2D&, const simd::Integer<FOVEA_T>*,
                                                      ConstView<FOVEA_T>, View<FOVEA_T>);
FOVEA_EXTERN template void average_pool_forward<FOVEA_T>(const Window2D&, ConstView<FOVEA_T>, View<FOVEA_T>);
FOVEA_EXTERN template void average_pool_backward<FOVEA_T>(const Window2D&, ConstView<FOVEA_T>, View<FOVEA_T>);
FOVEA_EXTERN template void up_sample_bilinear<FOVEA_T>(Size2D, ConstView<FOVEA_T>, View<FOVEA_T>, Arena);
FOVEA_EXTERN template void up_sample_bilinear_backward<FOVEA_T>(Size2D, ConstView<FOVEA_T>, View<FOVEA_T>, Arena);
FOVEA_EXTERN template void batch_moments<FOVEA_T>(ConstView<FOVEA_T>, View<FOVEA_T>, View<FOVEA_T>, double*);
FOVEA_EXTERN template void batch_norm_forward<FOVEA_T>(ConstView<FOVEA_T>, ConstView<FOVEA_T>, ConstView<FOVEA_T>,
                                                       ConstView<FOVEA_T>, ConstView<FOVEA_T>, double, View<FOVEA_T>,
                                                       FOVEA_T*);
FOVEA_EXTERN template void batch_norm_backward<FOVEA_T>(ConstView<FOVEA_T>, ConstView<FOVEA_T>, ConstView<FOVEA_T>,
                                                        ConstView<FOVEA_T>, double, bool, ConstView<FOVEA_T>,
                                                        View<FOVEA_T>, View<FOVEA_T>, View<FOVEA_T>, double*, FOVEA_T*);
FOVEA_EXTERN template bool sum_blocks<FOVEA_T>(FOVEA_T*, FOVEA_T*, Index, Index, Index, bool);
FOVEA_EXTERN template double peak_flops<FOVEA_T>();
} // namespace ops

FOVEA_LAYER(ActivationLayer);
FOVEA_LAYER(Add);
FOVEA_LAYER(Average);
FOVEA_LAYER(AveragePooling2D);
FOVEA_LAYER(BatchNormalization);
FOVEA_LAYER(Concatenate);
FOVEA_LAYER(Conv2D);
FOVEA_LAYER(Conv2DTranspose);
FOVEA_LAYER(Cropping2D);
FOVEA_LAYER(Dense);
FOVEA_LAYER(DepthwiseConv2D);
FOVEA_LAYER(Dropout);
FOVEA_LAYER(ELU);
FOVEA_LAYER(Flatten);
FOVEA_LAYER(GaussianNoise);
FOVEA_LAYER(GlobalAveragePooling2D);
FOVEA_LAYER(GlobalMaxPooling2D);
FOVEA_LAYER(GroupNormalization);
FOVEA_LAYER(LayerNormalization);
FOVEA_LAYER(LeakyReLU);
FOVEA_LAYER(MaxPooling2D);
FOVEA_LAYER(Maximum);
FOVEA_LAYER(Minimum);
FOVEA_LAYER(Multiply);
FOVEA_LAYER(PReLU);
FOVEA_LAYER(Permute);
FOVEA_LAYER(ReLU);
FOVEA_LAYER(Rescaling);
FOVEA_LAYER(Reshape);
FOVEA_LAYER(SeparableConv2D);
FOVEA_LAYER(Softmax);
FOVEA_LAYER(SpatialDropout2D);
FOVEA_LAYER(Subtract);
FOVEA_LAYER(UnitNormalization);
FOVEA_LAYER(UpSampling2D);
FOVEA_LAYER(ZeroPadding2D);
FOVEA_EXTERN template class Conv2DMaxPooling2D<FOVEA_T>;
FOVEA_EXTERN template struct AnyLoss<FOVEA_T>::Holder<SparseCategoricalCrossentropy>;
FOVEA_EXTERN template struct AnyLoss<FOVEA_T>::Holder<CategoricalCrossentropy>;
FOVEA_EXTERN template struct AnyLoss<FOVEA_T>::Holder<BinaryCrossentropy>;
FOVEA_EXTERN template struct AnyLoss<FOVEA_T>::Holder<MeanSquaredError>;
FOVEA_EXTERN template struct AnyMetric<FOVEA_T>::Holder<Accuracy>;
FOVEA_EXTERN template struct AnyMetric<FOVEA_T>::Holder<BinaryAccuracy>;
FOVEA_EXTERN template struct AnyMetric<FOVEA_T>::Holder<TopKCategoricalAccuracy>;
FOVEA_EXTERN template struct AnyMetric<FOVEA_T>::Holder<SparseTopKCategoricalAccuracy>;
FOVEA_EXTERN template struct AnyMetric<FOVEA_T>::Holder<MeanSquaredError>;
FOVEA_EXTERN template struct AnyOptimizer<FOVEA_T>::Holder<SGD>;
FOVEA_EXTERN template struct AnyOptimizer<FOVEA_T>::Holder<Adam>;
FOVEA_EXTERN template struct AnyOptimizer<FOVEA_T>::Holder<AdamW>;
FOVEA_EXTERN template struct AnyOptimizer<FOVEA_T>::Holder<RMSprop>;
FOVEA_EXTERN template class Tensor<FOVEA_T>;
FOVEA_EXTERN template class View<FOVEA_T>;
FOVEA_EXTERN template class Data<FOVEA_T>;
FOVEA_EXTERN template class Network<FOVEA_T>;
FOVEA_EXTERN template std::vector<Step<FOVEA_T>> make_steps<FOVEA_T>(const Wiring<FOVEA_T>&, bool, bool);
FOVEA_EXTERN template class Prepared<FOVEA_T>;
FOVEA_EXTERN template class TargetBuffers<FOVEA_T>;
FOVEA_EXTERN template class GradientBlocks<FOVEA_T>;
FOVEA_EXTERN template class Penalties<FOVEA_T>;
FOVEA_EXTERN template struct TrainingPlan<FOVEA_T>;
FOVEA_EXTERN template class Executor<FOVEA_T>;
FOVEA_EXTERN template class detail::InferenceWorker<FOVEA_T>;
FOVEA_EXTERN template class detail::Fit<FOVEA_T>;
FOVEA_EXTERN template Evaluation detail::evaluate<FOVEA_T>(const Model<FOVEA_T>&, const Data<FOVEA_T>&, Index, Index,
                                                           const EvaluateOptions<FOVEA_T>&);
FOVEA_EXTERN template void detail::print_summary<FOVEA_T>(const Model<FOVEA_T>&, std::ostream&);
FOVEA_EXTERN template class OptimizerState<FOVEA_T>;
FOVEA_EXTERN template class OptimizerStep<FOVEA_T>;
FOVEA_EXTERN template class Model<FOVEA_T>;
FOVEA_EXTERN template class Sequential<FOVEA_T>;
FOVEA_EXTERN template class Graph<FOVEA_T>;
FOVEA_EXTERN template class Node<FOVEA_T>;

} // namespace fovea

#undef FOVEA_LAYER
