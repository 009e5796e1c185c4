#include "mkdt/distill/meta_gradient.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkdt/base/error.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

struct NamedEngine {
  const char* name;
  MetaGradientEnginePtr (*make)();
};
constexpr std::array<NamedEngine, 4> kEngines = {{{"auto", fastest_engine},
                                                  {"native", native_engine},
                                                  {"autograd", autograd_engine},
                                                  {"unrolled", unrolled_engine}}};

}  // namespace

torch::Tensor inner_loss(const InnerProblem& problem, const Network& network, int64_t step,
                         const torch::Tensor& theta, const torch::Tensor& images,
                         const torch::Tensor& targets) {
  return problem.loss ? problem.loss(network, step, theta, images, targets)
                      : regression_loss(network, theta, images, targets);
}

const std::vector<std::string>& meta_gradient_engines() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    result.reserve(kEngines.size());
    for (const NamedEngine& entry : kEngines) result.emplace_back(entry.name);
    return result;
  }();
  return names;
}

MetaGradientEnginePtr meta_gradient_engine(const std::string& name) {
  for (const NamedEngine& entry : kEngines) {
    if (name == entry.name) return entry.make();
  }
  throw Error(fmt::format("there is no meta-gradient engine '{}' (there are {})", name,
                          fmt::join(meta_gradient_engines(), ", ")));
}

MetaGradient unrolled_meta_gradient(const InnerProblem& problem, const OuterObjective& objective) {
  return unrolled_engine()->solve(problem, objective);
}

MetaGradient autograd_meta_gradient(const InnerProblem& problem, const OuterObjective& objective) {
  return autograd_engine()->solve(problem, objective);
}

MetaGradient native_meta_gradient(const InnerProblem& problem, const OuterObjective& objective) {
  return native_engine()->solve(problem, objective);
}

MetaGradient fastest_meta_gradient(const InnerProblem& problem, const OuterObjective& objective) {
  return fastest_engine()->solve(problem, objective);
}

}  // namespace mkdt
