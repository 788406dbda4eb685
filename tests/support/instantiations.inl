// What most tests would otherwise compile again: the kernels, and all that stands on them. FOVEA_EXTERN is `extern` in the
// header that the tests share, and nothing in the one file that has them; FOVEA_T is float and double in turn.
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
FOVEA_EXTERN template bool sum_blocks<FOVEA_T>(FOVEA_T*, FOVEA_T*, Index, Index, Index);
FOVEA_EXTERN template double peak_flops<FOVEA_T>();
} // namespace ops

FOVEA_EXTERN template class Conv2D::Layer<FOVEA_T>;
FOVEA_EXTERN template class Conv2DMaxPooling2D<FOVEA_T>;
FOVEA_EXTERN template class Conv2DTranspose::Layer<FOVEA_T>;
FOVEA_EXTERN template class DepthwiseConv2D::Layer<FOVEA_T>;
FOVEA_EXTERN template class SeparableConv2D::Layer<FOVEA_T>;
FOVEA_EXTERN template class Dense::Layer<FOVEA_T>;
FOVEA_EXTERN template class BatchNormalization::Layer<FOVEA_T>;
FOVEA_EXTERN template class Network<FOVEA_T>;
FOVEA_EXTERN template class Executor<FOVEA_T>;
FOVEA_EXTERN template class detail::Fit<FOVEA_T>;
FOVEA_EXTERN template class Model<FOVEA_T>;

} // namespace fovea
