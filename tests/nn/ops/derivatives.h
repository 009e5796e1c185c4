// First and second derivatives of an operator by autograd, and by finite differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

namespace mkdt::testing {

using Tensors = std::vector<torch::Tensor>;
using Operator = std::function<torch::Tensor(const Tensors&)>;

// y = f(inputs);  g = ∂⟨cotangent, y⟩/∂inputs;  s = ⟨g, directions⟩;  then ∂s/∂inputs,
// ∂s/∂cotangent.
struct Derivatives {
  torch::Tensor value;
  Tensors first;   // one an input
  Tensors second;  // one an input, and last that of the cotangent
};

inline torch::Tensor inner_product(const Tensors& a, const Tensors& b) {
  torch::Tensor sum = torch::zeros({}, a[0].options());
  for (size_t i = 0; i < a.size(); ++i) sum = sum + (a[i] * b[i]).sum();
  return sum;
}

inline Derivatives derivatives(const Operator& f, const Tensors& at, const torch::Tensor& cotangent,
                               const Tensors& directions) {
  Tensors leaves;
  for (const torch::Tensor& input : at) leaves.push_back(input.detach().requires_grad_(true));
  const torch::Tensor w = cotangent.detach().requires_grad_(true);
  Derivatives result;
  result.value = f(leaves);
  result.first = torch::autograd::grad({result.value}, leaves, {w}, /*retain_graph=*/true,
                                       /*create_graph=*/true);
  const torch::Tensor s = inner_product(result.first, directions);
  leaves.push_back(w);
  result.second = torch::autograd::grad({s}, leaves, {}, /*retain_graph=*/{},
                                        /*create_graph=*/false, /*allow_unused=*/true);
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (!result.second[i].defined()) result.second[i] = torch::zeros_like(leaves[i]);
  }
  return result;
}

// ∂s/∂x by central differences, element by element; s must read x's memory.
inline torch::Tensor finite_differences(const std::function<double()>& s, torch::Tensor x,
                                        double step = 1e-6) {
  const torch::Tensor result = torch::empty_like(x);
  double* const values = x.data_ptr<double>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double before = values[i];
    values[i] = before + step;
    const double above = s();
    values[i] = before - step;
    const double below = s();
    values[i] = before;
    result.data_ptr<double>()[i] = (above - below) / (2 * step);
  }
  return result;
}

// Largest absolute difference relative to the largest absolute value expected (at least 1e-3).
inline double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return INFINITY;
  if (expected.numel() == 0) return 0;
  const double scale = std::max(expected.abs().max().item<double>(), 1e-3);
  const double error = (found - expected).abs().max().item<double>();
  return error == error ? error / scale : INFINITY;
}

}  // namespace mkdt::testing
