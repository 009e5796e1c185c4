// A micro-batch through the network and back: the primal sweeps, and beside them the tangents in
// a direction θ̇ (Pearlmutter's R-operator, Neural Computation 6, 1994).
#pragma once

#include "mkdt/nn/native/packed_parameters.h"
#include "mkdt/nn/native/workspace.h"

namespace mkdt::native {

template <typename T>
class Sweeps {
 public:
  // Both outlive the sweeps. `direction` may be null: then there are no tangents.
  Sweeps(const ConvNetPlan& plan, const Kernels<T>& kernels, const PackedParameters<T>& theta,
         const PackedParameters<T>* direction, Workspace<T>& workspace)
      : plan_(plan), kernels_(kernels), theta_(theta), direction_(direction), space_(workspace) {}

  // images: one pointer an image, each [channels,image_size,image_size].
  // features, and with a direction their tangents: [count,feature_pad], in the order of θ's head.
  void forward(const T* const* images, int64_t count, T* features, T* features_dot);
  // After forward of the same images, from delta = ∂L/∂outputs [count,output_pad]: adds to the
  // workspace's gradients. With a direction it adds their tangents instead, from delta and its
  // tangent, and the tangent of ∂L/∂image to images_dot [count,channels,image_size,image_size].
  void backward(const T* const* images, int64_t count, const T* delta, const T* delta_dot,
                T* images_dot);

 private:
  // The first block goes image by image, whose planes just fit a second-level cache, and is
  // computed again on the way back: that is cheaper than writing the planes to memory and reading
  // them.
  void first_image(const T* image, const NormPlane<T>& plane);
  void first_forward(const T* const* images, int64_t count);
  void first_backward(const T* const* images, int64_t count, T* images_dot);
  void block_forward(size_t block, int64_t count);
  void block_backward(size_t block, int64_t count);

  // Columns of an image times a filter: y [pixels,width_pad].
  void multiply_columns(const T* columns, const Buffer<T>& filter, T* y) const;
  void add_first_gradient(const T* columns, const T* y);
  void add_image_gradient(const T* y, const T* y_dot, T* image_dot);

  NormPlane<T> norm(size_t block, int64_t image);
  // Every image's plane, by a kernel, to its tiles or from them.
  using TileKernel = void (*)(const TiledPlane<T>&);
  void transform(TileKernel kernel, size_t block, int64_t count, Buffer<T>& planes,
                 Buffer<T>& tiles);
  void forward_products(size_t block, int64_t count);
  void backward_products(size_t block, int64_t count);
  // `next` [width,width_pad] or null: what is read next.
  void multiply_tiles(int64_t rows, const T* a, const T* filter, T* tiles, bool accumulate,
                      const T* next) const;
  void add_filter_gradient(int64_t rows, const T* input, const T* tiles, T* gradient,
                           const T* next) const;
  // Between the last pooled planes, channels-last, and the features' order, channels first.
  void gather_features(int64_t count, const Buffer<T>& pooled, T* features) const;
  void scatter_features(int64_t count, const T* features, Buffer<T>& pooled) const;
  // feature_gradient = delta·head (+ what is there).
  void head_backward(int64_t count, const T* delta, const PackedParameters<T>& head,
                     bool accumulate);

  const ConvNetPlan& plan_;
  const Kernels<T>& kernels_;
  const PackedParameters<T>& theta_;
  const PackedParameters<T>* direction_;
  Workspace<T>& space_;
};

}  // namespace mkdt::native
