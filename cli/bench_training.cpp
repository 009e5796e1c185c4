#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/utils.h>

#include "cli/bench_network.h"
#include "cli/benchmarks.h"
#include "cli/threads.h"
#include "mkdt/base/random.h"
#include "mkdt/nn/native/pass_flops.h"
#include "mkdt/nn/regression.h"

namespace mkdt::cli {
namespace {

constexpr size_t kParametersPerBlock = 4;

// The student as one would write it with PyTorch: a tensor a parameter, channels-last.
class StockStudent {
 public:
  StockStudent(const ConvNet& network, const torch::Tensor& theta) {
    for (const torch::Tensor& parameter : network.layout().views(theta.clone())) {
      parameters_.push_back((parameter.dim() == 4
                                 ? parameter.clone().contiguous(torch::MemoryFormat::ChannelsLast)
                                 : parameter.clone())
                                .requires_grad_(true));
    }
    velocities_.resize(parameters_.size());
  }

  torch::Tensor features(const torch::Tensor& images) const {
    torch::Tensor x = images;
    for (size_t i = 0; i + 2 < parameters_.size(); i += kParametersPerBlock) {
      const torch::Tensor* const p = &parameters_[i];
      x = torch::conv2d(x, p[0], p[1], 1, 1);
      x = torch::avg_pool2d(torch::relu(torch::group_norm(x, x.size(1), p[2], p[3], 1e-5)), 2);
    }
    return x.flatten(1);
  }

  void step(const torch::Tensor& images, const torch::Tensor& targets, const SgdOptions& options) {
    const size_t head = parameters_.size() - 2;
    const torch::Tensor outputs =
        torch::linear(features(images), parameters_[head], parameters_[head + 1]);
    const auto gradients = torch::autograd::grad({torch::mse_loss(outputs, targets)}, parameters_);
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const torch::Tensor change = gradients[i].add(parameters_[i], options.weight_decay);
      velocities_[i] =
          velocities_[i].defined() ? velocities_[i].mul_(options.momentum).add_(change) : change;
      parameters_[i].sub_(velocities_[i], options.lr);
    }
  }

 private:
  std::vector<torch::Tensor> parameters_, velocities_;
};

Json report(const char* name, const BenchNetwork& on, const Measurement& measured,
            double flops_per_image, double minimal_flops_per_image) {
  const std::vector<Seconds>& seconds = measured.seconds;
  const auto images = static_cast<double>(on.batch);
  Json json = {{"benchmark", name}};
  json.update(on.describe());
  json.update(
      {{"seconds_per_batch", spread(seconds[0])},
       {"images_per_second", images / median(seconds[0])},
       {"peak_rss_bytes", measured.peak_rss_bytes},
       {"flops_per_batch", flops_per_image * images},
       {"winograd_flops_per_batch", minimal_flops_per_image * images},
       {"baseline",
        {{"what", "stock operators, channels-last"}, {"seconds_per_batch", spread(seconds[1])}}},
       {"ratio", median(seconds[1]) / median(seconds[0])}});
  json.update(device_memory(measured, 0));
  json["baseline"].update(device_memory(measured, 1));
  json.update(beside(measured, on.turns));
  json.update(ceiling(minimal_flops_per_image * images, on.tensor_options()));
  return json;
}

Json train_step(const BenchNetwork& on) {
  const ConvNet network = on.network();
  at::Generator generator = make_generator(0, "bench");
  const NetworkPtr rounding = on.rounding_network();
  const torch::Tensor theta = network.initialise(generator).to(on.tensor_options());
  const torch::Tensor images = on.images(generator), targets = on.outputs(generator);
  const torch::Tensor channels_last = images.contiguous(torch::MemoryFormat::ChannelsLast);
  const SgdOptions options = {0.01, 0.9, 1e-4};
  Student student;
  student.theta = theta;
  StockStudent stock(network, theta);
  const Measurement measured =
      measure_by_turns({[&] { sgd_step(*rounding, student, images, targets, options); },
                        [&] { stock.step(channels_last, targets, options); }},
                       on.turns, on.runtime.torch_device());
  const native::ConvNetPlan plan(network);
  return report("train-step", on, measured, native::direct_flops(plan).gradient(),
                native::winograd_flops(plan).gradient());
}

Json embed(const BenchNetwork& on) {
  const torch::NoGradGuard no_grad;
  const ConvNet network = on.network();
  const NetworkPtr rounding = on.rounding_network();
  at::Generator generator = make_generator(0, "bench");
  const torch::Tensor theta = network.initialise(generator).to(on.tensor_options());
  const torch::Tensor images = on.images(generator);
  const torch::Tensor channels_last = images.contiguous(torch::MemoryFormat::ChannelsLast);
  const StockStudent stock(network, theta);
  const auto range = [&](int64_t begin, int64_t end) { return images.slice(0, begin, end); };
  const Measurement measured =
      measure_by_turns({[&] { features_in_batches(*rounding, theta, range, on.batch); },
                        [&] { stock.features(channels_last); }},
                       on.turns, on.runtime.torch_device());
  const native::ConvNetPlan plan(network);
  return report("embed", on, measured, native::direct_flops(plan).features(),
                native::winograd_flops(plan).features());
}

CLI::App* add(CLI::App& bench, const char* name, const char* help,
              Json (*run)(const BenchNetwork&)) {
  const auto on = std::make_shared<BenchNetwork>();
  CLI::App* command = bench.add_subcommand(name, help);
  on->add_options(*command, "What the factors of products are rounded to, not the baseline's");
  command->callback([on, run] {
    set_up(on->runtime);
    fmt::print("{}\n", run(*on).dump(2));
  });
  return command;
}

}  // namespace

CLI::App* add_train_step_benchmark(CLI::App& bench) {
  return add(bench, "train-step", "A student's SGD step: forward, backward, update.", train_step);
}

CLI::App* add_embed_benchmark(CLI::App& bench) {
  return add(bench, "embed", "A student's features of a batch.", embed);
}

}  // namespace mkdt::cli
