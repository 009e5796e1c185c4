// A block behind the first: its convolution is done in the Winograd domain.
#pragma once

#include "mkdt/nn/native/pass.h"

namespace mkdt::native {

// It goes group by group of images through the Winograd domain, whose planes are 2¼ times as large
// as the block's own and so never leave the cache.
template <typename T>
class WinogradBlock {
 public:
  WinogradBlock(const Pass<T>& pass, size_t block)
      : pass_(pass), block_(block), plan_(pass.plan.blocks[block]) {}

  // Computes its pooled planes from those of the block before.
  void forward(int64_t count);
  // Goes back, from gradient to gradient, and adds to the block's gradients.
  void backward(int64_t count);

 private:
  struct Group {
    int64_t first, count;  // images
  };
  template <typename Body>
  void for_groups(int64_t count, Body body);
  void group_forward(const Group& group);
  void group_backward(const Group& group);

  // Takes every image's plane by a kernel to its tiles or from them.
  using TileKernel = void (*)(const TiledPlane<T>&);
  void transform(TileKernel kernel, const Group& group, Buffer<T>& planes, Buffer<T>& tiles);
  void transform_input(const Group& group);

  void forward_products(const Group& group);
  void backward_products(const Group& group);
  struct Factors {
    const T *a, *b;
  };
  // `next` [width,width_pad] is read next; it may be null.
  void multiply_tiles(int64_t rows, Factors factors, T* tiles, const T* next,
                      Factors more = {}) const;
  void add_filter_gradient(int64_t rows, Factors factors, T* gradient, const T* next,
                           Factors more = {}) const;

  Pass<T> pass_;
  size_t block_;
  const BlockPlan& plan_;
};

}  // namespace mkdt::native
