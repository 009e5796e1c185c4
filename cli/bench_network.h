// The student of the benchmarks, its options and its floating-point operations.
#pragma once

#include <cstdint>
#include <string>

#include "cli/measure.h"
#include "mkdt/nn/convnet.h"
#include "mkdt/run/config.h"

namespace CLI {
class App;
}

namespace mkdt::cli {

// The defaults are the published student.
struct BenchNetwork {
  int64_t width = 128;
  int64_t depth = 3;
  int64_t image_size = 32;
  int64_t targets = 512;
  int64_t batch = 256;
  Turns turns;
  std::string dtype = "float32";
  std::string precision = "float32";
  RuntimeOptions runtime;

  void add_options(CLI::App& command, const char* precision_help);
  ConvNet network() const { return ConvNet({3, image_size, width, depth, targets}); }
  NetworkPtr rounding_network() const;  // with the operators of the precision
  torch::TensorOptions tensor_options() const;
  torch::Tensor images(at::Generator& generator) const;   // [batch,3,size,size], normal
  torch::Tensor outputs(at::Generator& generator) const;  // [batch,targets], normal
  Json describe() const;
};

}  // namespace mkdt::cli
