// The reverse recursion of meta_gradient_autograd.cpp; the gradient and its directional derivative
// come from the native engine instead of a graph.
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/threads.h"
#include "mkdt/distill/meta_gradient.h"
#include "mkdt/nn/native/forward.h"

namespace mkdt {
namespace {

// libtorch has only a few passes over θ to do in a step, too short to wait for other threads.
constexpr int kThreadsOverTheta = 1;

int64_t largest_batch(const InnerProblem& problem) {
  int64_t most = 1;  // the last batch of a pass may be smaller
  for (const torch::Tensor& batch : problem.batches) most = std::max(most, batch.numel());
  return most;
}

// The memory that is kept from one problem to the next.
template <typename T>
class NativeWorkspace {
 public:
  StepParameters thetas;

  // That of the problem before if it was for such a network and batch.
  native::ConvNetEngine<T>& engine(const ConvNet& network, int64_t batch) {
    const std::map<std::string, std::string> description = network.describe();
    if (!engine_ || description != description_ || batch != batch_) {
      engine_.reset();  // before there is another
      engine_ = std::make_unique<native::ConvNetEngine<T>>(network, batch, /*with_tangents=*/true,
                                                           native::chosen_isa());
      description_ = description;
      batch_ = batch;
    }
    return *engine_;
  }

 private:
  std::unique_ptr<native::ConvNetEngine<T>> engine_;
  std::map<std::string, std::string> description_;
  int64_t batch_ = 0;
};

template <typename T>
class NativeRecursion {
 public:
  NativeRecursion(const InnerProblem& problem, const ConvNet& network,
                  NativeWorkspace<T>& workspace)
      : problem_(problem),
        images_(problem.images.detach().contiguous()),
        targets_(problem.targets.detach().contiguous()),
        thetas_(workspace.thetas),
        engine_(workspace.engine(network, largest_batch(problem))) {}

  // Throws c10::Error where autograd would: for shapes, dtypes and devices that do not fit.
  void check() const {
    native::check_tensors(dynamic_cast<const ConvNet&>(problem_.network), problem_.theta_start,
                          images_, targets_);
    for (const torch::Tensor& batch : problem_.batches) {
      TORCH_CHECK(batch.is_cpu() && batch.scalar_type() == torch::kInt64 && batch.numel() > 0 &&
                      batch.min().item<int64_t>() >= 0 &&
                      batch.max().item<int64_t>() < images_.size(0),
                  "a batch is not rows of the ", images_.size(0), " images");
    }
  }

  MetaGradient solve(const OuterObjective& objective) {
    check();
    MetaGradient result;
    const torch::Tensor thetas = forward_sweep(result.inner_losses);
    result.theta_final = thetas[thetas.size(0) - 1].clone();
    const OuterLoss outer = objective(result.theta_final);
    result.loss = outer.value;
    reverse_sweep(thetas, outer.gradient, result);
    return result;
  }

 private:
  native::Batch<T> rows(const torch::Tensor& batch) const {
    return {images_.data_ptr<T>(), targets_.data_ptr<T>(), batch.data_ptr<int64_t>(),
            batch.numel()};
  }

  torch::Tensor forward_sweep(std::vector<double>& inner_losses) {
    torch::Tensor thetas = thetas_.begin(problem_);
    const torch::Tensor gradient = torch::empty_like(problem_.theta_start);
    torch::Tensor velocity = start_velocity(problem_);
    for (size_t i = 0; i < problem_.batches.size(); ++i) {
      begin_step(problem_);
      const torch::Tensor theta = thetas[static_cast<int64_t>(i)];
      const torch::Tensor batch = problem_.batches[i].contiguous();
      inner_losses.push_back(
          engine_.gradient(theta.data_ptr<T>(), rows(batch), gradient.data_ptr<T>()));
      const ThreadsOfOperators one(kThreadsOverTheta);
      thetas[static_cast<int64_t>(i) + 1].copy_(theta).sub_(
          velocity.mul_(problem_.momentum).add_(gradient), problem_.lr);
    }
    return thetas;
  }

  void reverse_sweep(const torch::Tensor& thetas, const torch::Tensor& outer_gradient,
                     MetaGradient& result) {
    result.images = torch::zeros_like(images_);
    result.targets = torch::zeros_like(targets_);
    torch::Tensor lambda = outer_gradient.contiguous().clone();
    const torch::Tensor along_theta = torch::empty_like(lambda);
    const torch::Tensor direction = torch::zeros_like(lambda);
    for (size_t i = problem_.batches.size(); i-- > 0;) {
      begin_step(problem_);
      const torch::Tensor batch = problem_.batches[i].contiguous();
      const torch::Tensor along_images = torch::empty(
          {batch.numel(), images_.size(1), images_.size(2), images_.size(3)}, images_.options());
      const torch::Tensor along_targets =
          torch::empty({batch.numel(), targets_.size(1)}, targets_.options());
      const double s = derivative_along(
          lambda, direction, thetas[static_cast<int64_t>(i)], batch,
          {along_theta.data_ptr<T>(), along_images.data_ptr<T>(), along_targets.data_ptr<T>()});

      const ThreadsOfOperators one(kThreadsOverTheta);
      lambda.sub_(along_theta, problem_.lr);
      result.images.index_add_(0, batch, along_images, -problem_.lr);
      result.targets.index_add_(0, batch, along_targets, -problem_.lr);
      result.lr -= s;
    }
    result.lr -= along_start_velocity(problem_, direction);
  }

  // Computes d_i = λ_{i+1} + μ d_{i+1}, and s = ⟨∇_θ L, d_i⟩ with its derivatives.
  double derivative_along(const torch::Tensor& lambda, const torch::Tensor& direction,
                          const torch::Tensor& theta, const torch::Tensor& batch,
                          const native::DirectionalDerivative<T>& derivative) {
    {
      const ThreadsOfOperators one(kThreadsOverTheta);
      direction.mul_(problem_.momentum).add_(lambda);
    }
    return engine_.directional(theta.data_ptr<T>(), direction.data_ptr<T>(), rows(batch),
                               derivative);
  }

  const InnerProblem& problem_;
  torch::Tensor images_, targets_;
  StepParameters& thetas_;
  native::ConvNetEngine<T>& engine_;
};

class NativeEngine final : public MetaGradientEngine {
 public:
  MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) override;

 private:
  NativeWorkspace<float> single_;
  NativeWorkspace<double> double_;
};

MetaGradient NativeEngine::solve(const InnerProblem& problem, const OuterObjective& objective) {
  const ConvNet* const network = native::native_convnet(problem.network, problem.theta_start);
  if (network == nullptr || problem.loss) {
    throw Error(fmt::format(
        "the native meta-gradient engine is for the regression of ConvNets of instance norm, ReLU "
        "and average "
        "pooling, of width up to {} on images of up to {} channels, float32 or float64, on a CPU: "
        "take "
        "'autograd'",
        native::kMostWidth, native::kMostChannels));
  }
  return problem.theta_start.scalar_type() == torch::kFloat64
             ? NativeRecursion<double>(problem, *network, double_).solve(objective)
             : NativeRecursion<float>(problem, *network, single_).solve(objective);
}

class FastestEngine final : public MetaGradientEngine {
 public:
  MetaGradient solve(const InnerProblem& problem, const OuterObjective& objective) override {
    const bool natively =
        native::native_convnet(problem.network, problem.theta_start) != nullptr && !problem.loss;
    MetaGradientEnginePtr& engine = natively ? native_ : autograd_;
    if (!engine) engine = natively ? native_engine() : autograd_engine();
    return engine->solve(problem, objective);
  }

 private:
  MetaGradientEnginePtr native_, autograd_;  // made when they are needed first
};

}  // namespace

MetaGradientEnginePtr native_engine() { return std::make_unique<NativeEngine>(); }

MetaGradientEnginePtr fastest_engine() { return std::make_unique<FastestEngine>(); }

}  // namespace mkdt
