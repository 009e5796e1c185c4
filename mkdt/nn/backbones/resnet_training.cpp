#include "mkdt/nn/backbones/resnet_training.h"

#include <stdexcept>

#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "mkdt/nn/native/isa.h"
#include "mkdt/nn/residual/engine.h"

namespace mkdt {

using residual::Bf16;
using residual::Tape;

struct ResNetTraining::Held : torch::CustomClassHolder {
  explicit Held(const residual::NetworkShape& shape) : engine(shape, native::chosen_isa()) {}
  residual::Engine<Bf16> engine;
};

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What one pass leaves for its way back.
struct Pass : torch::CustomClassHolder {
  c10::intrusive_ptr<torch::CustomClassHolder> owner;  // of the engine
  residual::Engine<Bf16>* engine = nullptr;
  std::shared_ptr<Tape<Bf16>> tape;
};

struct Features : torch::autograd::Function<Features> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& images,
                               const c10::intrusive_ptr<Pass>& pass, at::TensorList parameters) {
    const auto result = pass->engine->forward(images, parameters.vec());
    pass->tape = result.tape;
    context->saved_data["pass"] = c10::IValue::make_capsule(pass);
    context->save_for_backward(parameters.vec());
    return result.features;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    if (at::GradMode::is_enabled()) {
      throw std::logic_error("a ResNet in bfloat16 has no second derivative");
    }
    const auto pass =
        c10::static_intrusive_pointer_cast<Pass>(context->saved_data["pass"].toCapsule());
    const variable_list found =
        pass->engine->backward(*pass->tape, gradients[0], context->get_saved_variables());
    variable_list all = {torch::Tensor(), torch::Tensor()};  // of the images and the pass
    all.insert(all.end(), found.begin(), found.end());
    return all;
  }
};

// As PyTorch's batch norm does: the variance of the running statistics is the unbiased one.
void follow(torch::nn::BatchNorm2dImpl& norm, const residual::LayerTape<Bf16>& batch,
            int64_t count) {
  const torch::NoGradGuard no_grad;
  const int64_t channels = norm.running_mean.size(0);
  const double momentum = norm.options.momentum().value();
  const auto statistic = [&](const residual::Buffer<float>& values) {
    return torch::from_blob(const_cast<float*>(values.data()), {channels});
  };
  const double unbiased = static_cast<double>(count) / static_cast<double>(count - 1);
  norm.running_mean.mul_(1 - momentum).add_(statistic(batch.mean), momentum);
  norm.running_var.mul_(1 - momentum).add_(statistic(batch.variance), momentum * unbiased);
  norm.num_batches_tracked += 1;
}

}  // namespace

bool ResNetTraining::available() { return native::chosen_isa() == native::Isa::kAmx; }

ResNetTraining::ResNetTraining(const residual::NetworkShape& shape)
    : held_(c10::make_intrusive<Held>(shape)) {}

ResNetTraining::~ResNetTraining() = default;

torch::Tensor ResNetTraining::features(
    const torch::Tensor& images, const std::vector<torch::Tensor>& parameters,
    const std::vector<std::shared_ptr<torch::nn::BatchNorm2dImpl>>& norms) {
  const auto pass = c10::make_intrusive<Pass>();
  pass->owner = held_;
  pass->engine = &held_->engine;
  torch::Tensor features = Features::apply(images, pass, at::TensorList(parameters));
  const residual::NetworkPlan& plan = held_->engine.plan();
  for (size_t i = 0; i < norms.size(); ++i) {
    const int64_t count = images.size(0) * plan.layers[i].geometry.out_pixels();
    follow(*norms[i], pass->tape->layers[i], count);
  }
  if (!features.requires_grad()) pass->tape.reset();
  return features;
}

}  // namespace mkdt
