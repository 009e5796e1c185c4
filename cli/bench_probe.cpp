#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/lbfgs.h>
#include <torch/utils.h>

#include "cli/benchmarks.h"
#include "cli/measure.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/base/random.h"
#include "mkdt/base/version.h"
#include "mkdt/judge/linear_probe.h"

namespace mkdt::cli {
namespace {

struct ProbeBenchmark {
  int64_t rows = 4500;  // 10 % of CIFAR-10's, as the student of width 64 sees them
  int64_t columns = 1024;
  int64_t classes = 10;
  double l2 = 1e-3;
  int64_t most = 2000;  // evaluations of the baseline's objective
  Turns turns;
  RuntimeOptions runtime;
};

// Returns features as pooled ReLUs give them, correlated and mostly small, and labels that they
// tell about.
LabelledFeatures features_of(const ProbeBenchmark& on) {
  at::Generator generator = make_generator(0, "bench");
  const auto normal = [&](int64_t rows, int64_t columns) {
    return torch::randn({rows, columns}, generator, torch::kFloat32);
  };
  const torch::Tensor strength = torch::arange(1, on.columns + 1).to(torch::kFloat32).rsqrt();
  LabelledFeatures made;
  made.features =
      torch::relu((normal(on.rows, on.columns) * strength).mm(normal(on.columns, on.columns)));
  const torch::Tensor scores = made.features.mm(normal(on.columns, on.classes));
  made.labels = (scores / scores.std() + normal(on.rows, on.classes)).argmax(1);
  const torch::Device device = on.runtime.torch_device();
  return {made.features.to(device), made.labels.to(device)};
}

torch::Tensor objective(const LabelledFeatures& on, double l2, const torch::Tensor& weight,
                        const torch::Tensor& bias) {
  return torch::nn::functional::cross_entropy(torch::linear(on.features, weight, bias), on.labels) +
         l2 * weight.square().sum();
}

double value_of(const LabelledFeatures& on, double l2, const LinearProbe& probe) {
  const torch::NoGradGuard no_grad;
  return objective(on, l2, probe.weight, probe.bias).item<double>();
}

// The same objective as one would write it with PyTorch: autograd and its L-BFGS on the features as
// they are, in float64, until the value is `enough`. Returns the number of evaluations.
int64_t fit_stock(const LabelledFeatures& on, const ProbeBenchmark& options, double enough) {
  const auto zeros = torch::TensorOptions(on.features.options()).requires_grad(true);
  const std::vector<torch::Tensor> variables = {
      torch::zeros({options.classes, on.features.size(1)}, zeros),
      torch::zeros({options.classes}, zeros)};
  torch::optim::LBFGS search(variables, torch::optim::LBFGSOptions(1)
                                            .line_search_fn("strong_wolfe")
                                            .max_iter(20)
                                            .tolerance_grad(0)
                                            .tolerance_change(0));
  int64_t evaluations = 0;
  double value = enough + 1;
  while (value > enough && evaluations < options.most) {
    search.step([&] {
      ++evaluations;
      search.zero_grad();
      const torch::Tensor loss = objective(on, options.l2, variables[0], variables[1]);
      loss.backward();
      value = loss.item<double>();
      return loss;
    });
  }
  return evaluations;
}

Json probe(const ProbeBenchmark& on) {
  const LabelledFeatures given = features_of(on);
  const LabelledFeatures exact = {given.features.to(torch::kFloat64), given.labels};
  ProbeOptions options;
  options.l2 = on.l2;
  const double least =
      value_of(exact, on.l2, fit_linear_probe(given.features, given.labels, on.classes, options));
  constexpr double kTolerance = 1e-6;  // of the value, for the baseline
  int64_t evaluations = 0;
  const Measurement measured = measure_by_turns(
      {[&] { fit_linear_probe(given.features, given.labels, on.classes, options); },
       [&] { evaluations = fit_stock(exact, on, least * (1 + kTolerance)); }},
      on.turns, on.runtime.torch_device());
  Json json = {{"benchmark", "probe"},
               {"mkdt_version", version()},
               {"rows", on.rows},
               {"columns", on.columns},
               {"classes", on.classes},
               {"l2", on.l2},
               {"device", on.runtime.device},
               {"threads", at::get_num_threads()},
               {"repeats", on.turns.repeats},
               {"seconds_per_fit", spread(measured.seconds[0])},
               {"objective", least},
               {"peak_rss_bytes", measured.peak_rss_bytes},
               {"baseline",
                {{"what", "autograd and L-BFGS on the features as they are, to 1e-6 of the value"},
                 {"evaluations", evaluations},
                 {"reached", evaluations < on.most},
                 {"seconds_per_fit", spread(measured.seconds[1])}}},
               {"ratio", median(measured.seconds[1]) / median(measured.seconds[0])}};
  json.update(device_memory(measured, 0));
  json.update(beside(measured, on.turns));
  return json;
}

}  // namespace

CLI::App* add_probe_benchmark(CLI::App& bench) {
  const auto on = std::make_shared<ProbeBenchmark>();
  CLI::App* command =
      bench.add_subcommand("probe", "The fit of a linear probe, of one L2 weight, to its end.");
  const auto add = [&](const char* flag, int64_t& value, int64_t least, int64_t most,
                       const char* help) {
    command->add_option(flag, value, help)->check(CLI::Range(least, most))->capture_default_str();
  };
  add("--rows", on->rows, 1, 10'000'000, "Labelled images");
  add("--columns", on->columns, 1, 100'000, "Features of an image");
  add("--classes", on->classes, 2, 100'000, "Classes");
  add("--evaluations", on->most, 1, 1'000'000, "Evaluations after which the baseline gives up");
  command->add_option("--l2", on->l2, "Weight of the penalty, as evaluate.probe_l2")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  on->turns.add_options(*command);
  add_runtime_flags(*command, on->runtime);
  command->callback([on] {
    set_up(on->runtime);
    fmt::print("{}\n", probe(*on).dump(2));
  });
  return command;
}

}  // namespace mkdt::cli
