#include "mkdt/nn/module_state.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace {

std::vector<std::pair<std::string, torch::Tensor>> named_tensors(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> named;
  for (const auto& item : module.named_parameters()) named.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) named.emplace_back(item.key(), item.value());
  return named;
}

std::string describe(const torch::Tensor& tensor) {
  return fmt::format("{} [{}]", c10::toString(tensor.scalar_type()),
                     fmt::join(tensor.sizes().vec(), ","));
}

}  // namespace

std::map<std::string, torch::Tensor> module_state(const torch::nn::Module& module,
                                                  const std::string& prefix) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& [name, tensor] : named_tensors(module)) {
    state[prefix + name] = tensor.detach().cpu().contiguous().clone();
  }
  return state;
}

void load_module_state(torch::nn::Module& module,
                       const std::map<std::string, torch::Tensor>& tensors,
                       const std::string& origin, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
  for (const auto& [name, target] : named_tensors(module)) {
    const auto found = tensors.find(prefix + name);
    if (found == tensors.end()) {
      throw Error(fmt::format("{}: expected a tensor '{}', there is none", origin, prefix + name));
    }
    const torch::Tensor& source = found->second;
    if (source.sizes() != target.sizes() || source.scalar_type() != target.scalar_type()) {
      throw Error(fmt::format("{}: tensor '{}': expected {}, got {}", origin, prefix + name,
                              describe(target), describe(source)));
    }
    copies.emplace_back(target, source);
  }
  for (auto& [target, source] : copies) target.copy_(source);
}

}  // namespace mkdt
