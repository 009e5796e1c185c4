// Where a group of images lies in a thread's working memory, so that a convolution is few products.
//
// Planes are padded with zeros, and two neighbours share their padding: a row of W pixels takes
// W + 1 places, a plane of H rows H + 1 rows. What the kernel sees of an input row at one output
// pixel lies side by side, and what it sees at the next output pixel begins `stride` pixels later,
// at the end of a row, too: there it is at the padding, and the output there is not used. So one
// product with overlapping rows gives all outputs of a group of images.
#pragma once

#include <cstdint>
#include <vector>

namespace mkdt::residual {

// A tap of the kernel, from the upper left one.
struct Tap {
  int64_t row, column;
};

// Neighbouring taps of one row: those that one product takes together.
struct TapRun {
  int64_t offset;  // in pixels, of what the first output's first tap sees
  std::vector<Tap> taps;
};

// Gradients of the input pixels (stride·i + row, stride·j + column), which see the same taps.
struct Phase {
  int64_t row, column;
  std::vector<TapRun> runs;  // over the outputs' gradients, in the layout of outputs()
};

// A convolution with an odd square kernel of 1 or 3 pixels, a stride of 1 or 2 and same padding.
struct Geometry {
  int64_t height, width;  // of the input
  int64_t kernel, stride;

  int64_t out_height() const { return (height + stride - 1) / stride; }
  int64_t out_width() const { return (width + stride - 1) / stride; }
  int64_t pixels() const { return height * width; }
  int64_t out_pixels() const { return out_height() * out_width(); }

  // Outputs are at the places of a padded plane: place(image, y) + x of places(images).
  int64_t pitch() const { return out_width() + 1; }
  int64_t places(int64_t images) const { return images * (out_height() + 1) * pitch(); }
  int64_t place(int64_t image, int64_t y) const {
    return (image * (out_height() + 1) + y) * pitch();
  }

  // The outputs as inputs of a convolution of stride 1: so are gradients laid out.
  Geometry outputs() const { return {out_height(), out_width(), 3, 1}; }

  // Input pixels: (image, y, x) lies at index(images, image, y) + x of size(images). For a stride
  // of 2, odd rows lie in a plane in front of that of the even ones.
  int64_t size(int64_t images) const { return stride * plane_size(images); }
  int64_t index(int64_t images, int64_t image, int64_t y) const;

  // The products of the convolution, whose rows are `stride` pixels apart.
  std::vector<TapRun> runs(int64_t images) const;
  // The products of its adjoint: one phase for a stride of 1, four for 2. For a kernel of 1 the
  // phases that see no tap are not there.
  std::vector<Phase> phases() const;

 private:
  int64_t plane_size(int64_t images) const;
};

}  // namespace mkdt::residual
