#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/bench_network.h"
#include "cli/benchmarks.h"
#include "cli/threads.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/distill_options.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/distill/trajectory_task.h"
#include "mkdt/nn/native/pass_flops.h"

namespace mkdt::cli {
namespace {

struct MetaGradientBenchmark {
  BenchNetwork on;
  std::string engine = "auto";
  std::string baseline;  // empty: none
  bool reference = false;
  int64_t steps = 4;
};

// Counts an inner step: its gradient on the way forward, the directional derivative on the way
// back.
double step_flops(const native::PassFlops& pass, int64_t batch) {
  return static_cast<double>(batch) * (pass.gradient() + pass.directional());
}

// Returns ‖found − expected‖ / ‖expected‖ of every part of the answer.
Json errors(const MetaGradient& found, const MetaGradient& expected) {
  const auto error = [](const torch::Tensor& a, const torch::Tensor& b) {
    const torch::Tensor wide = b.to(torch::kFloat64);
    return ((a - wide).norm() / wide.norm()).item<double>();
  };
  return {{"images", error(found.images, expected.images)},
          {"targets", error(found.targets, expected.targets)},
          {"lr", std::abs(found.lr / expected.lr - 1)},
          {"theta_final", error(found.theta_final, expected.theta_final)}};
}

// Returns the answer of the engine that is checked against PyTorch's own graph, without rounding.
MetaGradient in_float64(const InnerProblem& problem, const torch::Tensor& theta_target) {
  const auto exact = [](const torch::Tensor& tensor) { return tensor.to(torch::kFloat64); };
  const torch::Tensor start = exact(problem.theta_start);
  const InnerProblem wide = {problem.network,        start,      exact(problem.images),
                             exact(problem.targets), problem.lr, problem.batches};
  return autograd_meta_gradient(wide, matching_loss(start, exact(theta_target)));
}

Json run(const MetaGradientBenchmark& benchmark) {
  const BenchNetwork& on = benchmark.on;
  const ConvNet network = on.network();
  at::Generator generator = make_generator(0, "bench");
  const torch::Tensor start = network.initialise(generator).to(on.tensor_options());
  const torch::Tensor target = network.initialise(generator).to(on.tensor_options());
  const torch::Tensor images = on.images(generator), targets = on.outputs(generator);
  std::vector<torch::Tensor> batches =
      batches_for_steps(on.batch, on.batch, benchmark.steps, generator);
  for (torch::Tensor& batch : batches) batch = batch.to(on.runtime.torch_device());
  const NetworkPtr rounding = on.rounding_network();
  const InnerProblem problem = {*rounding, start, images, targets, 0.05, batches};
  const InnerProblem baseline_problem = {network, start, images, targets, 0.05, std::move(batches)};
  const OuterObjective objective = matching_loss(start, target);

  MetaGradient answer, baseline;
  const auto solve = [&](const InnerProblem& of, const std::string& name, MetaGradient& result) {
    const std::shared_ptr<MetaGradientEngine> engine = meta_gradient_engine(name);
    return [&, engine] { result = engine->solve(of, objective); };
  };
  std::vector<std::function<void()>> bodies = {solve(problem, benchmark.engine, answer)};
  if (!benchmark.baseline.empty()) {
    bodies.push_back(solve(baseline_problem, benchmark.baseline, baseline));
  }
  const Measurement measured = measure_by_turns(bodies, on.turns, on.runtime.torch_device());
  const std::vector<Seconds>& seconds = measured.seconds;

  const double per_step = 1.0 / static_cast<double>(benchmark.steps);
  const native::ConvNetPlan plan(network);
  const double minimal = step_flops(native::winograd_flops(plan), on.batch);
  Json json = {{"benchmark", "meta-gradient"}, {"engine", benchmark.engine}};
  json.update(on.describe());
  json.update({{"steps", benchmark.steps},
               {"seconds_per_step", spread(seconds[0], per_step)},
               {"peak_rss_bytes", measured.peak_rss_bytes},
               {"flops_per_step", step_flops(native::direct_flops(plan), on.batch)},
               {"winograd_flops_per_step", minimal},
               {"matching_loss", answer.loss}});
  json.update(device_memory(measured, 0));
  json.update(beside(measured, on.turns, per_step));
  json.update(ceiling(minimal, on.tensor_options()));
  if (!benchmark.baseline.empty()) {
    json["baseline"] = {{"engine", benchmark.baseline},
                        {"seconds_per_step", spread(seconds[1], per_step)}};
    json["ratio"] = median(seconds[1]) / median(seconds[0]);
    json["baseline"].update(device_memory(measured, 1));
    json["relative_error"] = errors(answer, baseline);
  }
  if (benchmark.reference) {
    const MetaGradient exact = in_float64(baseline_problem, target);
    json["relative_error_to_float64"] = errors(answer, exact);
    if (!benchmark.baseline.empty()) {
      json["baseline"]["relative_error_to_float64"] = errors(baseline, exact);
    }
  }
  return json;
}

}  // namespace

CLI::App* add_meta_gradient_benchmark(CLI::App& bench) {
  const auto benchmark = std::make_shared<MetaGradientBenchmark>();
  CLI::App* command = bench.add_subcommand(
      "meta-gradient", "The gradient through the inner steps, forward and backward.");
  command->add_option("--engine", benchmark->engine, "Meta-gradient engine")
      ->check(CLI::IsMember(meta_gradient_engines()))
      ->capture_default_str();
  command->add_option("--baseline", benchmark->baseline, "Engine to compare with, by turns")
      ->check(CLI::IsMember(meta_gradient_engines()));
  command->add_option("--steps", benchmark->steps, "Inner steps, N")
      ->check(CLI::Range(int64_t{1}, int64_t{10'000}))
      ->capture_default_str();
  command->add_flag("--reference", benchmark->reference,
                    "Compute the answer in float64 as well, and say how far the others are off");
  benchmark->on.add_options(*command,
                            "What the factors of products are rounded to, not the baseline's; "
                            "bfloat16 takes the engine autograd");
  command->callback([benchmark] {
    DistillOptions distill;
    distill.engine = benchmark->engine;
    distill.precision = benchmark->on.precision;
    distill.check();
    set_up(benchmark->on.runtime);
    fmt::print("{}\n", run(*benchmark).dump(2));
  });
  return command;
}

}  // namespace mkdt::cli
