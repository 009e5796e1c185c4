// Draws the built-in set: one textured shape on a textured ground among fragments of other shapes.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

struct ShapesOptions {
  int64_t train = 4000;
  int64_t test = 1000;
  int64_t image_size = 32;
};

// Makes ten balanced classes of RGB images. Only the outline tells the class: colours, textures,
// position, size, rotation and clutter are drawn without regard to it. Image i of a split depends
// on (seed, split, i) alone.
ImageSplits make_shapes(const ShapesOptions& options, uint64_t seed, Observer& observer);

// Random colours and patterns paint the shapes and their ground.

// A stream of uniform numbers.
class Draws {
 public:
  explicit Draws(at::Generator generator) : generator_(std::move(generator)) {}

  double between(double low, double high);
  int64_t below(int64_t count);

 private:
  at::Generator generator_;
  torch::Tensor block_;  // float64 [kBlock]
  int64_t used_ = 0;
};

using Colour = std::array<double, 3>;  // red, green, blue in [0, 1]

double luminance(const Colour& colour);

// A gradient, stripes, checks or blotches between two similar colours.
class Texture {
 public:
  Texture(const Colour& colour, Draws& draws);

  // Returns the colour at (x, y) in [0, 1]², a picture's sides being 1.
  Colour at(double x, double y) const;

 private:
  static constexpr int64_t kLattice = 6;
  enum class Pattern { kGradient, kStripes, kChecks, kBlotches };

  double mix(double x, double y) const;  // in [0, 1]: how much of second_

  Colour first_;
  Colour second_;
  Pattern pattern_;
  double cosine_;
  double sine_;
  double frequency_;  // in periods a side
  double phase_;
  std::array<double, kLattice * kLattice> blotches_{};
};

}  // namespace mkdt
