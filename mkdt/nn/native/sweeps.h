// Takes a micro-batch through the network and back: the primal sweeps, and beside them the tangents
// in a direction θ̇ (Pearlmutter's R-operator, Neural Computation 6, 1994).
#pragma once

#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

template <typename T>
class Sweeps {
 public:
  // All that the pass refers to outlives the sweeps.
  explicit Sweeps(const Pass<T>& pass) : pass_(pass) {}

  // images has one pointer an image, each [channels,image_size,image_size]. Sets features, and with
  // a direction their tangents: [count,feature_pad], in the order of θ's head.
  void forward(const T* const* images, int64_t count, T* features, T* features_dot);
  // Follows forward of the same images, with delta = ∂L/∂outputs [count,output_pad], and adds to
  // the workspace's gradients. With a direction it adds their tangents instead, from delta and its
  // tangent, and the tangent of ∂L/∂image to images_dot [count,channels,image_size,image_size].
  void backward(const T* const* images, int64_t count, const T* delta, const T* delta_dot,
                T* images_dot);

 private:
  // Brings the last pooled planes, channels-last, to the features' order, channels first.
  void gather_features(int64_t count, const Buffer<T>& pooled, T* features) const;
  void scatter_features(int64_t count, const T* features, Buffer<T>& pooled) const;
  // Sets feature_gradient = delta·head, or adds it to what is there.
  void head_backward(int64_t count, const T* delta, const PackedParameters<T>& head,
                     bool accumulate);

  Pass<T> pass_;
};

}  // namespace mkdt::native
