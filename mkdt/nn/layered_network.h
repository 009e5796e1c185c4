// Networks that are lists of layers (ResNets, VGG, AlexNet, MobileNetV2, the vision transformer),
// and the words in which such lists are written.
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

// The values that a parameter has before training.
struct InitialValues {
  enum class Kind { kConstant, kNormal, kUniform } kind;
  double number;  // the constant, the standard deviation, the b of [−b, b]
};

// A list of layers, told one after another, that keeps count of the planes between them and of the
// parameters it takes. Every layer computes an image's result from that image alone, and can be
// differentiated twice. Convolutions and linear layers are those of nn/ops/operators.h; the rest
// are PyTorch's.
class LayerList {
 public:
  using Part = std::function<void(LayerList&)>;

  // Begins with the images' planes: [B,channels,side,side].
  LayerList(int64_t channels, int64_t side) : channels_(channels), side_(side) {}

  int64_t channels() const { return channels_; }  // or the width of tokens or features
  int64_t side() const { return side_; }          // of the planes; 0 behind them

  // Adds a convolution and an instance norm with affine. A `biased` convolution has a bias as the
  // published network has it, which is left out of the computation, since the norm takes it away
  // again: its gradient is exactly zero. The convolution is initialised as normal with variance
  // 2/fan-out (He et al., arXiv 1502.01852), its bias as 0, the norm's weight as 1 and its bias as
  // 0. Throws std::logic_error for planes of one pixel, which an instance norm would make zero.
  void normed_convolution(const std::string& convolution, const std::string& norm, int64_t out,
                          int64_t kernel, const ConvolutionSteps& steps = {}, bool biased = false);
  // Adds a convolution with bias, both uniform in ±1/√fan-in.
  void convolution(const std::string& name, int64_t out, int64_t kernel,
                   const ConvolutionSteps& steps = {});
  void relu();
  void relu6();  // min(max(x, 0), 6)
  void max_pool(int64_t kernel, int64_t stride, int64_t padding = 0);
  // Averages the planes over a side × side grid and flattens them: [B,channels·side²]. A smaller
  // plane stays as it is.
  void average(int64_t side);
  // Adds x ↦ branch(x) + shortcut(x), where no shortcut is the identity.
  void residual(const Part& branch, const Part& shortcut = {});

  // Makes tokens [B,1 + (side/patch)²,width] of planes (arXiv 2010.11929, equation (1)), with
  // timm's names and initial values.
  void patch_tokens(int64_t patch, int64_t width);
  void layer_norm(const std::string& name);
  // Maps every token; initialised as `Linear` of nn/backbones/mixed_precision.h.
  void linear(const std::string& name, int64_t out);
  void attention(int64_t heads);  // from 3·D to D
  void gelu();
  void first_token();  // [B,width]

  // Adds the network's linear head, which is no layer of the list: weight and bias are uniform in
  // ±1/√features.
  void head(const std::string& name, int64_t outputs);

  const std::vector<ParameterShape>& parameters() const { return parameters_; }
  // Draws the parameters in their order; `views` is one tensor a parameter.
  void initialise(std::vector<torch::Tensor> views, at::Generator& generator) const;
  // Maps images [B,C,H,W], with one tensor a parameter, to the last layer's result.
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
  // Returns the parameter's index.
  size_t declare(const std::string& name, std::vector<int64_t> shape, InitialValues values);
  void add(Layer layer) { layers_.push_back(std::move(layer)); }
  // Returns the layers that `part` adds to planes like the present ones, and leaves the list with
  // the part's planes.
  std::vector<Layer> layers_of(const Part& part);

  int64_t channels_, side_;
  std::vector<Layer> layers_;
  std::vector<ParameterShape> parameters_;
  std::vector<InitialValues> initial_values_;
};

struct LayeredShape {
  std::string architecture;  // one of layered_architectures(), nn/architectures/architecture.h
  int64_t channels = 3;      // of the images
  int64_t image_size = 32;   // H = W; at least 16
  int64_t width = 64;        // of the first stage, from which all others follow, or of a token
  int64_t outputs = 512;     // d
  int64_t patch = 0;         // of a vision transformer; 0: default_patch of transformer_parts.h
};

// Has instance norms with affine (eps 1e-5) where the published architecture has batch norms: there
// are no batch statistics, so that these networks can be students of any engine but `native`.
class LayeredNetwork final : public Network {
 public:
  // Throws Error if the architecture is not known or cannot have a size.
  explicit LayeredNetwork(const LayeredShape& shape, Operators operators = Operators::kFused);

  const LayeredShape& shape() const { return shape_; }
  torch::Tensor initialise(at::Generator& generator) const override;
  // Has a patch for the vision transformer only.
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
