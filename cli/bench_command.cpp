#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/core/random.h"
#include "mkdt/core/version.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/matching_loss.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/nn/convnet.h"

namespace mkdt::cli {
namespace {

using Json = nlohmann::ordered_json;

struct BenchArguments {
  std::string engine = "autograd";
  int64_t width = 128;
  int64_t depth = 3;
  int64_t image_size = 32;
  int64_t targets = 512;
  int64_t batch = 256;
  int64_t steps = 4;
  int64_t repeats = 5;
  std::string dtype = "float32";
  RuntimeOptions runtime;
};

// Of the whole process so far, as the system counts it.
int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

Json spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {{"median", values[values.size() / 2]}, {"min", values.front()}, {"max", values.back()}};
}

Json bench_meta_gradient(const BenchArguments& arguments) {
  const torch::Device device = arguments.runtime.torch_device();
  const auto options = torch::TensorOptions().device(device).dtype(
      arguments.dtype == "float64" ? torch::kFloat64 : torch::kFloat32);
  const ConvNet network(
      {3, arguments.image_size, arguments.width, arguments.depth, arguments.targets});
  at::Generator generator = make_generator(0, "bench");
  const torch::Tensor start = network.initialise(generator).to(options);
  const torch::Tensor target = network.initialise(generator).to(options);
  const auto random = [&](std::vector<int64_t> shape) {
    return torch::randn(shape, generator).to(options);
  };
  std::vector<torch::Tensor> batches =
      batches_for_steps(arguments.batch, arguments.batch, arguments.steps, generator);
  for (torch::Tensor& batch : batches) batch = batch.to(device);
  const InnerProblem problem = {
      network,
      start,
      random({arguments.batch, 3, arguments.image_size, arguments.image_size}),
      random({arguments.batch, arguments.targets}),
      0.05,
      std::move(batches)};
  const MetaGradientEngine engine = meta_gradient_engine(arguments.engine);
  const OuterObjective objective = matching_loss(start, target);

  engine(problem, objective);  // warms up caches and the allocator
  std::vector<double> seconds;
  double loss = 0;
  for (int64_t repeat = 0; repeat < arguments.repeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    loss = engine(problem, objective).loss;  // a number on the CPU: waits for the device
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    seconds.push_back(elapsed.count() / static_cast<double>(arguments.steps));
  }
  return {{"benchmark", "meta-gradient"},
          {"mkdt_version", version()},
          {"engine", arguments.engine},
          {"width", arguments.width},
          {"depth", arguments.depth},
          {"image_size", arguments.image_size},
          {"targets", arguments.targets},
          {"batch", arguments.batch},
          {"steps", arguments.steps},
          {"dtype", arguments.dtype},
          {"device", arguments.runtime.device},
          {"threads", at::get_num_threads()},
          {"parameters", network.layout().size()},
          {"repeats", arguments.repeats},
          {"seconds_per_step", spread(seconds)},
          {"peak_rss_bytes", peak_rss_bytes()},
          {"matching_loss", loss}};
}

}  // namespace

void add_bench_command(CLI::App& app) {
  const auto arguments = std::make_shared<BenchArguments>();
  CLI::App* bench = app.add_subcommand("bench", "Measure speed and memory; prints JSON.");
  bench->require_subcommand(1);
  CLI::App* command = bench->add_subcommand(
      "meta-gradient", "The gradient through the inner steps, forward and backward.");
  command->add_option("--engine", arguments->engine, "Meta-gradient engine")
      ->check(CLI::IsMember(meta_gradient_engines()))
      ->capture_default_str();
  const auto add_size = [&](const char* name, int64_t& value, int64_t most, const char* help) {
    command->add_option(name, value, help)
        ->check(CLI::Range(int64_t{1}, most))
        ->capture_default_str();
  };
  add_size("--width", arguments->width, 4096, "Channels of the network's blocks");
  add_size("--depth", arguments->depth, 8, "Blocks of the network");
  add_size("--image-size", arguments->image_size, 1024, "Height and width of the images");
  add_size("--targets", arguments->targets, 65'536, "Dimension of the targets");
  add_size("--batch", arguments->batch, 65'536, "Images an inner step");
  add_size("--steps", arguments->steps, 10'000, "Inner steps, N");
  add_size("--repeats", arguments->repeats, 1'000, "Timed repetitions after one that warms up");
  command->add_option("--dtype", arguments->dtype, "Precision")
      ->check(CLI::IsMember({"float32", "float64"}))
      ->capture_default_str();
  add_runtime_flags(*command, arguments->runtime);
  command->callback([arguments] {
    use_threads(arguments->runtime.threads);
    fmt::print("{}\n", bench_meta_gradient(*arguments).dump(2));
  });
}

}  // namespace mkdt::cli
