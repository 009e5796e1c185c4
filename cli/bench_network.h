// The student that the benchmarks run on, its options and its floating-point operations.
#pragma once

#include <cstdint>
#include <string>

#include "cli/measure.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/pipeline/runtime_options.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

// Defaults: the published student.
struct BenchNetwork {
  int64_t width = 128;
  int64_t depth = 3;
  int64_t image_size = 32;
  int64_t targets = 512;
  int64_t batch = 256;
  int64_t repeats = 5;
  std::string dtype = "float32";
  RuntimeOptions runtime;

  void add_options(CLI::App& command);
  ConvNet network() const { return ConvNet({3, image_size, width, depth, targets}); }
  torch::TensorOptions tensor_options() const;
  torch::Tensor images(at::Generator& generator) const;   // [batch,3,size,size], normal
  torch::Tensor outputs(at::Generator& generator) const;  // [batch,targets], normal
  Json describe() const;
};

// Multiply-adds × 2 of one pass over one image: of the convolutions done directly, and of the
// fewest that the native engine's algorithm needs (Winograd behind the first block).
struct PassFlops {
  double first;        // the first convolution
  double convolution;  // the others, directly
  double winograd;     // the others, F(4×4,3×3)
  double head;
};
PassFlops pass_flops(const ConvNet& network);

}  // namespace mkdt::cli
