#include "mkdt/ssl/view_passes.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/modules/batchnorm.h>

#include "mkdt/base/random.h"
#include "mkdt/base/threads.h"

namespace mkdt {
namespace {

using torch::nn::BatchNorm1dImpl;
using torch::nn::BatchNorm2dImpl;
using torch::nn::Module;

// Shares parameters, so that what the optimiser changes is changed for both.
void share_parameters(const Module& from, const Module& to) {
  const std::vector<torch::Tensor> sources = from.parameters();
  std::vector<torch::Tensor> targets = to.parameters();
  for (size_t i = 0; i < sources.size(); ++i) targets[i].set_data(sources[i].detach());
}

template <typename BatchNorm>
void clear_statistics(Module& module) {
  auto* const norm = dynamic_cast<BatchNorm*>(&module);
  if (norm == nullptr) return;
  norm->running_mean.zero_();
  norm->running_var.zero_();
}

// A batch norm's running statistics r take a batch's b as (1 − m)·r + m·b; those that began with
// zeros hold m·b.
template <typename BatchNorm>
void take_statistics(const Module& from, Module& to) {
  const auto* const later = dynamic_cast<const BatchNorm*>(&from);
  auto* const norm = dynamic_cast<BatchNorm*>(&to);
  if (later == nullptr || norm == nullptr) return;
  const double kept = 1 - norm->options.momentum().value();
  norm->running_mean.mul_(kept).add_(later->running_mean);
  norm->running_var.mul_(kept).add_(later->running_var);
  norm->num_batches_tracked += 1;
}

void clear_statistics_in(const Module& modules) {
  for (const std::shared_ptr<Module>& module : modules.modules(/*include_self=*/false)) {
    clear_statistics<BatchNorm1dImpl>(*module);
    clear_statistics<BatchNorm2dImpl>(*module);
  }
}

void take_statistics_in(const Module& from, const Module& to) {
  const auto sources = from.modules(/*include_self=*/false);
  const auto targets = to.modules(/*include_self=*/false);
  for (size_t i = 0; i < sources.size(); ++i) {
    take_statistics<BatchNorm1dImpl>(*sources[i], *targets[i]);
    take_statistics<BatchNorm2dImpl>(*sources[i], *targets[i]);
  }
}

std::vector<torch::Tensor> trained_parameters(const Backbone& encoder,
                                              const SslAlgorithm& algorithm) {
  std::vector<torch::Tensor> trained;
  for (const auto& parameters : {encoder.parameters(), algorithm.parameters()}) {
    for (const torch::Tensor& parameter : parameters) {
      if (parameter.requires_grad()) trained.push_back(parameter);
    }
  }
  return trained;
}

}  // namespace

ViewPasses::ViewPasses(const BackboneShape& shape, const AlgorithmOptions& options,
                       torch::Device device, TeacherState& state)
    : device_(device) {
  at::Generator unused = make_generator(0, "teacher/second pass");  // the values are shared
  Pass &first = passes_[0], &second = passes_[1];
  first.encoder = state.encoder;
  first.algorithm = state.algorithm;
  second.encoder = make_backbone(shape, unused);
  second.algorithm = make_ssl_algorithm(options, shape, *second.encoder, unused);
  const auto type = first.encoder->parameters().front().scalar_type();
  second.encoder->to(device, type);
  second.algorithm->to(device, type);
  for (Pass& pass : passes_) pass.trained = trained_parameters(*pass.encoder, *pass.algorithm);
}

void ViewPasses::for_both(const std::function<void(Pass&, int view)>& work) {
  const auto first = [&] { work(passes_[0], 0); };
  const auto second = [&] { work(passes_[1], 1); };
  if (device_.is_cpu()) {
    side_by_side_.run(first, second);
  } else {  // one queue of kernels
    first();
    second();
  }
}

ViewPasses::Step ViewPasses::forward(const std::function<torch::Tensor(int view)>& images) {
  Pass &first = passes_[0], &second = passes_[1];
  share_parameters(*first.encoder, *second.encoder);
  share_parameters(*first.algorithm, *second.algorithm);
  clear_statistics_in(*second.encoder);
  clear_statistics_in(*second.algorithm);
  for_both([&](Pass& pass, int view) {
    torch::Tensor x;
    {
      RECORD_USER_SCOPE("views");
      x = images(view);
    }
    {
      RECORD_USER_SCOPE("encoder");
      pass.features = pass.encoder->features(x);
    }
    RECORD_USER_SCOPE("projector");
    pass.projection = pass.algorithm->project(x, pass.features);
  });

  const ThreadsOfOperators few(SideBySide::threads_between());
  RECORD_USER_SCOPE("loss");
  std::array<Projection, 2> compared = {first.projection, second.projection};
  for (Projection& view : compared) view.compared = view.compared.detach().requires_grad_();
  const torch::Tensor loss = first.algorithm->compare(compared[0], compared[1]);
  const auto gradients =
      torch::autograd::grad({loss}, {compared[0].compared, compared[1].compared});
  for (size_t i = 0; i < passes_.size(); ++i) passes_[i].gradient = gradients[i];
  return {loss.item<double>(), first.features.detach(), first.projection.embeddings.detach()};
}

void ViewPasses::backward() {
  std::array<std::vector<torch::Tensor>, 2> gradients;
  for_both([&](Pass& pass, int view) {
    RECORD_USER_SCOPE("backward");
    gradients[static_cast<size_t>(view)] =
        torch::autograd::grad({pass.projection.compared}, pass.trained, {pass.gradient});
    pass.features = pass.gradient = torch::Tensor();
    pass.projection = {};
  });
  const ThreadsOfOperators few(SideBySide::threads_between());
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    torch::Tensor& gradient = passes_[0].trained[i].mutable_grad();
    if (!gradient.defined()) gradient = torch::empty_like(gradients[0][i]);
    at::add_out(gradient, gradients[0][i], gradients[1][i]);
  }
  // This comes last: the graphs hold the running statistics and want them unchanged.
  take_statistics_in(*passes_[1].encoder, *passes_[0].encoder);
  take_statistics_in(*passes_[1].algorithm, *passes_[0].algorithm);
}

}  // namespace mkdt
