// The gradient of an outer loss through N SGD steps on the synthetic set: problem and answer.
//
//   v_{i+1} = μ v_i + g_i,  g_i = ∇_θ L(θ_i; X_{b_i}, Z_{b_i}),
//   θ_{i+1} = θ_i − α v_{i+1},  i = 0 … N−1,                         J = outer(θ_N)
//
// MKDT (arXiv 2410.02116), algorithm 1; MTT (arXiv 2203.11932), section 3; both have μ = 0.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "mkdt/base/memory.h"
#include "mkdt/nn/network.h"

namespace mkdt {

// Computes L of inner step `step`, 0 … N−1, on its rows X_b [B,C,H,W] and Z_b [B,d]: a scalar,
// twice differentiable in θ, X_b and, unless it ignores them, Z_b.
using InnerLoss =
    std::function<torch::Tensor(const Network& network, int64_t step, const torch::Tensor& theta,
                                const torch::Tensor& images, const torch::Tensor& targets)>;

// The inner steps: a student that starts at θ_0 and is trained on the synthetic set.
// All tensors share one floating-point dtype and one device.
struct InnerProblem {
  const Network& network;
  torch::Tensor theta_start;           // θ_0, [P]
  torch::Tensor images;                // X, [M,C,H,W]
  torch::Tensor targets;               // Z, [M,d]
  double lr = 0;                       // α
  std::vector<torch::Tensor> batches;  // b_0 … b_{N−1}, int64 [B] rows of X and Z, none twice
  InnerLoss loss = nullptr;            // L; none is the regression loss
  double momentum = 0;                 // μ
  torch::Tensor velocity_start = {};   // v_0, [P]; undefined is 0
  // Called before each inner step, forward and, but for `unrolled`, back; it may throw.
  std::function<void()> before_step = nullptr;
};

// The outer loss enters only as its value and gradient at θ_N: any objective fits.
struct OuterLoss {
  double value = 0;
  torch::Tensor gradient;  // λ_N = ∂J/∂θ_N, [P]
};
using OuterObjective = std::function<OuterLoss(const torch::Tensor& theta_final)>;

struct MetaGradient {
  double loss = 0;                   // J
  torch::Tensor images;              // ∂J/∂X, [M,C,H,W]; zero for rows in no batch
  torch::Tensor targets;             // ∂J/∂Z, [M,d]
  double lr = 0;                     // ∂J/∂α
  torch::Tensor theta_final;         // θ_N, [P]
  std::vector<double> inner_losses;  // L before each step
};

// Computes the problem's L, with `network` in place of its own.
torch::Tensor inner_loss(const InnerProblem& problem, const Network& network, int64_t step,
                         const torch::Tensor& theta, const torch::Tensor& images,
                         const torch::Tensor& targets);

// A way to solve such problems, one after another: what it takes memory for is kept for the next
// one, so that those of the same sizes, as the iterations of a distillation have them, find it
// ready. It has no part in the numbers: all engines give the same up to rounding, and a used one
// the same bits as a new one. For one thread at a time; networks need not outlive the call.
class MetaGradientEngine {
 public:
  virtual ~MetaGradientEngine() = default;
  virtual MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) = 0;
};
using MetaGradientEnginePtr = std::unique_ptr<MetaGradientEngine>;

// Differentiates one autograd graph over all N steps of stock operators, as the authors' code does:
// memory grows with N. It is the oracle of the tests and the baseline of the benchmarks.
MetaGradientEnginePtr unrolled_engine();

// Runs the reverse recursion with one step's graph alive at a time: only the θ_i grow with N.
MetaGradientEnginePtr autograd_engine();

// Runs the recursion on the native kernels (nn/native), for ConvNets and the regression loss on a
// CPU. Throws Error for others.
MetaGradientEnginePtr native_engine();

// Chooses native where the problem allows it, else autograd.
MetaGradientEnginePtr fastest_engine();

// Returns "auto" (the fastest), "native", "autograd", "unrolled".
const std::vector<std::string>& meta_gradient_engines();
// Throws Error if there is no engine of that name.
MetaGradientEnginePtr meta_gradient_engine(const std::string& name);

// Each of these solves one problem alone, by a new engine.
MetaGradient unrolled_meta_gradient(const InnerProblem& problem, const OuterObjective& objective);
MetaGradient autograd_meta_gradient(const InnerProblem& problem, const OuterObjective& objective);
MetaGradient native_meta_gradient(const InnerProblem& problem, const OuterObjective& objective);
MetaGradient fastest_meta_gradient(const InnerProblem& problem, const OuterObjective& objective);

// The rest is shared by the engines. Of every step they keep θ alone, here.
class StepParameters {
 public:
  // Returns [N+1,P]: θ_0 in row 0, and room for θ_1 … θ_N, which is that of the problem before if
  // it had the same sizes.
  torch::Tensor begin(const InnerProblem& problem) {
    const auto rows = static_cast<int64_t>(problem.batches.size()) + 1;
    const torch::Tensor& start = problem.theta_start;
    const std::vector<int64_t> sizes = {rows, start.numel()};
    const bool fits = thetas_.defined() && thetas_.sizes() == torch::IntArrayRef(sizes) &&
                      thetas_.scalar_type() == start.scalar_type() &&
                      thetas_.device() == start.device();
    if (!fits) {
      thetas_.reset();  // before there are others
      thetas_ = zeros_on_pages(sizes, start.options().requires_grad(false));
    }
    thetas_[0].copy_(start.detach());
    return thetas_;
  }

 private:
  torch::Tensor thetas_;
};

inline void begin_step(const InnerProblem& problem) {
  if (problem.before_step) problem.before_step();
}

// Returns μ ⟨v_0, d_0⟩, the part that the velocity at the start has in ∂J/∂α.
inline double along_start_velocity(const InnerProblem& problem, const torch::Tensor& direction) {
  if (!problem.velocity_start.defined() || problem.batches.empty()) return 0;
  return problem.momentum * problem.velocity_start.detach().dot(direction).item<double>();
}

// Returns v_0, [P], as a tensor of its own.
inline torch::Tensor start_velocity(const InnerProblem& problem) {
  return problem.velocity_start.defined() ? problem.velocity_start.detach().clone()
                                          : torch::zeros_like(problem.theta_start.detach());
}

}  // namespace mkdt
