// Networks that are lists of layers (ResNets, VGG, AlexNet, MobileNetV2, the vision transformer),
// and the words that such lists are written in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/nn/network.h"
#include "mkdt/nn/ops/operators.h"

namespace mkdt {

// The words that architectures are written in: layers, told one after another.

// The values that a parameter has before training.
struct InitialValues {
  enum class Kind { kConstant, kNormal, kUniform } kind;
  double number;  // the constant, the standard deviation, the b of [−b, b]
};

// A list of layers that keeps count of the planes between them and of the parameters it takes.
// Every layer computes an image's result from that image alone, and can be differentiated twice.
// Convolutions and linear layers are those of nn/ops/operators.h; the rest are PyTorch's.
class LayerList {
 public:
  using Part = std::function<void(LayerList&)>;

  // The planes are those of the images: [B,channels,side,side].
  LayerList(int64_t channels, int64_t side) : channels_(channels), side_(side) {}

  int64_t channels() const { return channels_; }  // or the width of tokens or features
  int64_t side() const { return side_; }          // of the planes; 0 behind them

  // Convolution and instance norm with affine. A `biased` convolution has a bias as the published
  // network has it, which is left out of the computation, since the norm takes it away again: its
  // gradient is exactly zero. Convolution: normal with variance 2/fan-out (He et al., arXiv
  // 1502.01852); bias 0; norm: weight 1, bias 0. std::logic_error for planes of one pixel, which an
  // instance norm would make zero.
  void normed_convolution(const std::string& convolution, const std::string& norm, int64_t out,
                          int64_t kernel, const ConvolutionSteps& steps = {}, bool biased = false);
  // With bias, both uniform in ±1/√fan-in.
  void convolution(const std::string& name, int64_t out, int64_t kernel,
                   const ConvolutionSteps& steps = {});
  void relu();
  void relu6();  // min(max(x, 0), 6)
  void max_pool(int64_t kernel, int64_t stride, int64_t padding = 0);
  // The planes' averages over a side × side grid, flattened: [B,channels·side²]. A smaller plane
  // stays as it is.
  void average(int64_t side);
  // x ↦ branch(x) + shortcut(x), the identity if there is none.
  void residual(const Part& branch, const Part& shortcut = {});

  // Planes to tokens [B,1 + (side/patch)²,width]: arXiv 2010.11929, equation (1). With timm's names
  // and initial values.
  void patch_tokens(int64_t patch, int64_t width);
  void layer_norm(const std::string& name);
  // On every token; initialised as `Linear` of typed_layers.h.
  void linear(const std::string& name, int64_t out);
  void attention(int64_t heads);  // from 3·D to D
  void gelu();
  void first_token();  // [B,width]

  // The network's linear head, which is no layer of the list: weight and bias uniform in
  // ±1/√features.
  void head(const std::string& name, int64_t outputs);

  const std::vector<ParameterShape>& parameters() const { return parameters_; }
  // Draws the parameters in their order; `views` is one tensor a parameter.
  void initialise(std::vector<torch::Tensor> views, at::Generator& generator) const;
  // images [B,C,H,W] and one tensor a parameter → what the last layer gives.
  torch::Tensor apply(Operators operators, const std::vector<torch::Tensor>& parameters,
                      const torch::Tensor& images) const;

 private:
  struct Context {
    Operators operators;
    const std::vector<torch::Tensor>& parameters;
  };
  using Layer = std::function<torch::Tensor(const Context&, const torch::Tensor& x)>;

  static torch::Tensor run(const std::vector<Layer>& layers, const Context& context,
                           torch::Tensor x);
  // The parameter's index.
  size_t declare(const std::string& name, std::vector<int64_t> shape, InitialValues values);
  void add(Layer layer) { layers_.push_back(std::move(layer)); }
  // The layers that `part` adds to planes like the present ones; leaves its own planes behind.
  std::vector<Layer> layers_of(const Part& part);

  int64_t channels_, side_;
  std::vector<Layer> layers_;
  std::vector<ParameterShape> parameters_;
  std::vector<InitialValues> initial_values_;
};

// Networks that are lists of layers: ResNets, VGG, AlexNet, MobileNetV2, the vision transformer.

struct LayeredShape {
  std::string architecture;  // one of layered_architectures(), nn/architectures/architecture.h
  int64_t channels = 3;      // of the images
  int64_t image_size = 32;   // H = W; at least 16
  int64_t width = 64;        // of the first stage, from which all others follow, or of a token
  int64_t outputs = 512;     // d
  int64_t patch = 0;         // of a vision transformer; 0: default_patch of transformer_parts.h
};

// Where the published architecture has batch norms these have instance norms with affine (eps
// 1e-5): there are no batch statistics, so that they can be students of any engine but `native`.
class LayeredNetwork final : public Network {
 public:
  // Throws Error if the architecture is not known or a size is none of its.
  explicit LayeredNetwork(const LayeredShape& shape, Operators operators = Operators::kFused);

  const LayeredShape& shape() const { return shape_; }
  torch::Tensor initialise(at::Generator& generator) const override;
  // With a patch for the vision transformer only.
  std::map<std::string, std::string> describe() const override;
  std::shared_ptr<const Network> with_operators(Operators operators) const override;

 private:
  LayeredNetwork(const LayeredShape& shape, Operators operators, LayerList layers);
  torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                            const torch::Tensor& images) const override;

  LayeredShape shape_;
  LayerList layers_;
};

}  // namespace mkdt
