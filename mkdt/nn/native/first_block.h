// The first block: its few input channels would not fill a vector, so that its convolution is a
// product with the images' 3×3 neighbourhoods, and its norm is folded into the filter.
#pragma once

#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

// It goes image by image, and through an image in bands of rows, which stay in the cache: no plane
// of the block is ever written to memory.
template <typename T>
class FirstBlock {
 public:
  explicit FirstBlock(const Pass<T>& pass) : pass_(pass), plan_(pass.plan), at_(pass.space.first) {}

  // images: one pointer an image. Sets the block's pooled planes.
  void forward(const T* const* images, int64_t count);
  // Takes the gradient in the pooled planes and adds to the block's gradients, and with tangents
  // the tangent of ∂L/∂image to images_dot.
  void backward(const T* const* images, int64_t count, T* images_dot);

 private:
  struct Band {
    int64_t image;
    int64_t first, count;  // rows
  };
  template <typename Body>
  void for_bands(int64_t image, Body body);
  void band_forward(const Band& band);
  void band_backward(const Band& band);
  PoolPlane<T> pool(const Band& band, const PackedParameters<T>& theta, Buffer<T>& plane,
                    std::vector<BlockBuffers<T>>& pooled) const;

  void set_columns(const T* image);
  // plane = columns·filter, and the filter's gradient from the plane's.
  void multiply_columns(const Band& band, const Buffer<T>& filter, Buffer<T>& plane) const;
  void filter_gradient(const Band& band, const Buffer<T>& plane, Buffer<T>& gradient) const;
  // Computes the tangent of the columns' gradient as if the folded filter did not depend on the
  // columns.
  void column_gradient(const Band& band);

  int64_t pixel(const Band& band) const { return band.first * plan_.image_size; }
  int64_t pixels(const Band& band) const { return band.count * plan_.image_size; }

  Pass<T> pass_;
  const ConvNetPlan& plan_;
  FirstBlockBuffers<T>& at_;
};

}  // namespace mkdt::native
