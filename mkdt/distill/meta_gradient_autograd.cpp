// λ_N = ∂J/∂θ_N, d_N = 0;  for i = N−1 … 0 with  d_i = λ_{i+1} + μ d_{i+1},
//   s = ⟨∇_θ L(θ_i; X_b, Z_b), d_i⟩:
//   X̄_b −= α ∂s/∂X_b,  Z̄_b −= α ∂s/∂Z_b,  ᾱ −= s,  λ_i = λ_{i+1} − α ∂s/∂θ_i;
// at last ᾱ −= μ ⟨v_0, d_0⟩. (−α d_i is ∂J/∂v_{i+1}, and ⟨v_{i+1}, λ_{i+1}⟩ summed over i is
// ⟨g_i, d_i⟩ summed over i, with what v_0 adds.) Without momentum d_i is λ_{i+1}.
// Constant memory in N as in TESLA (arXiv 2211.10586), but exact for any loss.
//
// The regression loss of a batch is the sum of its halves', and so are s and all derivatives: on a
// CPU each half of a large one is a graph of its own, both at the same time.
#include <array>

#include <torch/csrc/autograd/autograd.h>

#include "mkdt/base/threads.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/nn/regression.h"

namespace mkdt {
namespace {

// Some rows of one step's batch, with a graph of their own.
struct StepGraph {
  StepGraph(const InnerProblem& problem, int64_t step, const torch::Tensor& theta_i, int64_t begin,
            int64_t end)
      : whole(problem.batches[static_cast<size_t>(step)].numel()),
        batch(problem.batches[static_cast<size_t>(step)].slice(0, begin, end)),
        theta(theta_i.detach().requires_grad_(true)),
        images(problem.images.detach().index_select(0, batch)),
        targets(problem.targets.detach().index_select(0, batch)) {}

  torch::Tensor loss(const InnerProblem& problem, int64_t step) const {
    if (problem.loss) return inner_loss(problem, problem.network, step, theta, images, targets);
    return part_of_regression_loss(problem.network, theta, images, targets, whole);
  }

  int64_t whole;          // rows of the batch
  torch::Tensor batch;    // the rows of this part
  torch::Tensor theta;    // [P]
  torch::Tensor images;   // X_b, [B,C,H,W]
  torch::Tensor targets;  // Z_b, [B,d]
};

// The memory that is kept from one problem to the next.
struct AutogradWorkspace {
  StepParameters thetas;
  SideBySide side_by_side;
};

class AutogradRecursion {
 public:
  AutogradRecursion(const InnerProblem& problem, AutogradWorkspace& workspace)
      : problem_(problem), workspace_(workspace) {}

  MetaGradient solve(const OuterObjective& objective) {
    MetaGradient result;
    const torch::Tensor thetas = forward_sweep();
    result.theta_final = thetas[thetas.size(0) - 1].clone();
    const OuterLoss outer = objective(result.theta_final);
    result.loss = outer.value;
    result.images = torch::zeros_like(problem_.images);
    result.targets = torch::zeros_like(problem_.targets);
    reverse_sweep(thetas, outer.gradient, result);
    read_scalars(result);
    return result;
  }

 private:
  struct Forward {
    torch::Tensor loss, gradient;  // of a part of the batch
  };
  struct Reverse {
    torch::Tensor batch, s;
    std::vector<torch::Tensor> gradients;  // ∂s/∂θ, ∂s/∂X_b, and ∂s/∂Z_b if there is one
  };

  // Calls work(part, begin, end) for the parts of a step's batch, and returns how many there are.
  size_t for_parts(int64_t step,
                   const std::function<void(size_t part, int64_t begin, int64_t end)>& work) {
    begin_step(problem_);
    const int64_t size = problem_.batches[static_cast<size_t>(step)].numel(), middle = size / 2;
    if (problem_.loss || !worth_halving(problem_.images.slice(0, 0, size))) {
      work(0, 0, size);
      return 1;
    }
    workspace_.side_by_side.run([&] { work(0, 0, middle); }, [&] { work(1, middle, size); });
    return 2;
  }

  torch::Tensor forward_sweep() {
    torch::Tensor thetas = workspace_.thetas.begin(problem_);
    torch::Tensor velocity = start_velocity(problem_);
    for (int64_t i = 0; i < thetas.size(0) - 1; ++i) {
      std::array<Forward, 2> found;
      const size_t parts = for_parts(i, [&](size_t part, int64_t begin, int64_t end) {
        const StepGraph step(problem_, i, thetas[i], begin, end);
        const torch::Tensor loss = step.loss(problem_, i);
        found[part] = {loss.detach(), torch::autograd::grad({loss}, {step.theta})[0]};
      });
      if (parts == 2) {
        found[0].loss.add_(found[1].loss);
        found[0].gradient.add_(found[1].gradient);
      }
      velocity.mul_(problem_.momentum).add_(found[0].gradient);
      thetas[i + 1].copy_(thetas[i]).sub_(velocity, problem_.lr);
      losses_.push_back(found[0].loss);
    }
    return thetas;
  }

  Reverse along(int64_t i, const torch::Tensor& theta, const torch::Tensor& direction,
                int64_t begin, int64_t end) const {
    StepGraph step(problem_, i, theta, begin, end);
    step.images.requires_grad_(true);
    step.targets.requires_grad_(true);
    const torch::Tensor gradient =
        torch::autograd::grad({step.loss(problem_, i)}, {step.theta}, {}, /*retain_graph=*/true,
                              /*create_graph=*/true)[0];
    const torch::Tensor s = gradient.dot(direction);
    return {step.batch, s.detach(),
            torch::autograd::grad({s}, {step.theta, step.images, step.targets}, {},
                                  /*retain_graph=*/{}, /*create_graph=*/false,
                                  /*allow_unused=*/true)};
  }

  void reverse_sweep(const torch::Tensor& thetas, const torch::Tensor& outer_gradient,
                     MetaGradient& result) {
    // Every λ_i and d_i has this one block: a new one would lie among the graph's, and the hole
    // that they leave would not take the next step's.
    const torch::Tensor lambda = outer_gradient.clone(), direction = torch::zeros_like(lambda);
    for (int64_t i = thetas.size(0) - 1; i-- > 0;) {
      direction.mul_(problem_.momentum).add_(lambda);
      std::array<Reverse, 2> found;
      const size_t parts = for_parts(i, [&](size_t part, int64_t begin, int64_t end) {
        found[part] = along(i, thetas[i], direction, begin, end);
      });
      for (size_t part = 0; part < parts; ++part) {
        const Reverse& of = found[part];
        lambda.sub_(of.gradients[0], problem_.lr);
        result.images.index_add_(0, of.batch, of.gradients[1], -problem_.lr);
        if (of.gradients[2].defined()) {
          result.targets.index_add_(0, of.batch, of.gradients[2], -problem_.lr);
        }
        along_.push_back(of.s);
      }
    }
    start_ = along_start_velocity(problem_, direction);
  }

  // Waits for a device once, here, and not in each step.
  void read_scalars(MetaGradient& result) const {
    if (losses_.empty()) return;
    std::vector<torch::Tensor> scalars = losses_;
    scalars.insert(scalars.end(), along_.begin(), along_.end());
    const torch::Tensor values = torch::stack(scalars).to(torch::kCPU, torch::kFloat64);
    const double* const value = values.data_ptr<double>();
    const auto steps = static_cast<std::ptrdiff_t>(losses_.size());
    result.inner_losses.assign(value, value + steps);
    for (std::ptrdiff_t i = steps; i < values.numel(); ++i) result.lr -= value[i];
    result.lr -= start_;
  }

  const InnerProblem& problem_;
  AutogradWorkspace& workspace_;
  std::vector<torch::Tensor> losses_;  // L of each step
  std::vector<torch::Tensor> along_;   // s of each step's parts, from the last step on
  double start_ = 0;                   // μ ⟨v_0, d_0⟩
};

class AutogradEngine final : public MetaGradientEngine {
 public:
  MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) override {
    return AutogradRecursion(problem, workspace_).solve(objective);
  }

 private:
  AutogradWorkspace workspace_;
};

}  // namespace

MetaGradientEnginePtr autograd_engine() { return std::make_unique<AutogradEngine>(); }

}  // namespace mkdt
