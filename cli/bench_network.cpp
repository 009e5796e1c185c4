#include "cli/bench_network.h"

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>

#include "cli/runtime_flags.h"
#include "mkdt/base/version.h"

namespace mkdt::cli {

void BenchNetwork::add_options(CLI::App& command, const char* precision_help) {
  const auto add_size = [&](const char* name, int64_t& value, int64_t most, const char* help) {
    command.add_option(name, value, help)
        ->check(CLI::Range(int64_t{1}, most))
        ->capture_default_str();
  };
  add_size("--width", width, 4096, "Channels of the network's blocks");
  add_size("--depth", depth, 8, "Blocks of the network");
  add_size("--image-size", image_size, 1024, "Height and width of the images");
  add_size("--targets", targets, 65'536, "Dimension of the targets");
  add_size("--batch", batch, 65'536, "Images a step");
  turns.add_options(command);
  command.add_option("--precision", precision, precision_help)
      ->check(CLI::IsMember({"float32", "bfloat16"}))
      ->capture_default_str();
  command.add_option("--dtype", dtype, "Precision")
      ->check(CLI::IsMember({"float32", "float64"}))
      ->capture_default_str();
  add_runtime_flags(command, runtime);
}

NetworkPtr BenchNetwork::rounding_network() const {
  return network().with_operators(precision == "bfloat16" ? Operators::kBfloat16
                                                          : Operators::kFused);
}

torch::TensorOptions BenchNetwork::tensor_options() const {
  return torch::TensorOptions()
      .device(runtime.torch_device())
      .dtype(dtype == "float64" ? torch::kFloat64 : torch::kFloat32);
}

torch::Tensor BenchNetwork::images(at::Generator& generator) const {
  return torch::randn({batch, 3, image_size, image_size}, generator).to(tensor_options());
}

torch::Tensor BenchNetwork::outputs(at::Generator& generator) const {
  return torch::randn({batch, targets}, generator).to(tensor_options());
}

Json BenchNetwork::describe() const {
  return {{"mkdt_version", version()},
          {"width", width},
          {"depth", depth},
          {"image_size", image_size},
          {"targets", targets},
          {"batch", batch},
          {"dtype", dtype},
          {"precision", precision},
          {"tf32", runtime.tf32},
          {"device", runtime.device},
          {"threads", at::get_num_threads()},
          {"parameters", network().layout().size()},
          {"repeats", turns.repeats}};
}

}  // namespace mkdt::cli
