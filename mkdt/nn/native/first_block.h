// The first block: its few input channels would not fill a vector, so that its convolution is a
// product with the images' 3×3 neighbourhoods.
#pragma once

#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

// It goes image by image, and of an image slice by slice of the channels, whose planes fit a
// second-level cache. They are computed again on the way back: that is cheaper than writing them to
// memory and reading them.
template <typename T>
class FirstBlock {
 public:
  explicit FirstBlock(const Pass<T>& pass) : pass_(pass) {}

  // images: one pointer an image. Sets the block's pooled planes.
  void forward(const T* const* images, int64_t count);
  // From the gradient in the pooled planes: adds to the block's gradients, and with tangents the
  // tangent of ∂L/∂image to images_dot.
  void backward(const T* const* images, int64_t count, T* images_dot);

 private:
  struct Slice {
    int64_t image;
    int64_t first, count;  // channels
  };
  template <typename Body>
  void for_slices(const T* image, int64_t index, Body body);
  void slice_forward(const Slice& slice);
  void slice_backward(const Slice& slice);
  NormPlane<T> norm(const Slice& slice) const;

  // Of the present image's columns: y = columns·filter; the filter's gradient; the tangent of the
  // columns' gradient.
  void multiply_columns(const Slice& slice, const Buffer<T>& filter, T* y) const;
  void add_filter_gradient(const Slice& slice, const T* y);
  void add_column_gradient(const Slice& slice, const NormPlane<T>& plane);

  Pass<T> pass_;
};

}  // namespace mkdt::native
