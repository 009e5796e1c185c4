// Network, an architecture without state that is applied to one flat parameter vector.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/nn/ops/operators.h"

namespace mkdt {

struct ParameterShape {
  std::string name;  // e.g. "features.0.weight"
  std::vector<int64_t> shape;
};

// Lays all parameters of a network out in one vector.
class ParameterLayout {
 public:
  ParameterLayout() = default;
  explicit ParameterLayout(std::vector<ParameterShape> parameters);

  // The number P of scalars.
  int64_t size() const { return size_; }
  const std::vector<ParameterShape>& parameters() const { return parameters_; }
  // Returns one view of theta [P] a parameter, in their order; differentiable.
  std::vector<torch::Tensor> views(const torch::Tensor& theta) const;

 private:
  std::vector<ParameterShape> parameters_;
  int64_t size_ = 0;
};

// Students, pre-trained encoders and experts are (Network, θ) pairs: trajectories, inner steps and
// meta-gradients need θ as one differentiable argument. There are no batch statistics: an image's
// output never depends on the rest of its batch.
class Network {
 public:
  virtual ~Network() = default;

  const ParameterLayout& layout() const { return layout_; }
  int64_t channels() const { return channels_; }
  int64_t image_size() const { return image_size_; }
  Operators operators() const { return operators_; }
  int64_t feature_dim() const;  // F, of the features that a probe sees
  int64_t output_dim() const;   // d, of the outputs that regress the targets

  // Maps theta [P] and images [B,C,H,W] of the same dtype and device to [B,F].
  torch::Tensor features(const torch::Tensor& theta, const torch::Tensor& images) const;
  // Maps them to [B,d]: the linear head on the features.
  torch::Tensor outputs(const torch::Tensor& theta, const torch::Tensor& images) const;
  // Draws float32 [P] on the CPU by the usual initialisation of the architecture.
  virtual torch::Tensor initialise(at::Generator& generator) const = 0;
  // Returns all that make_network needs to build it again; files store it as metadata. The
  // operators are no part of it.
  virtual std::map<std::string, std::string> describe() const = 0;
  // Returns the same architecture on those operators.
  virtual std::shared_ptr<const Network> with_operators(Operators operators) const = 0;

 protected:
  // The last two parameters are the head's: weight [d,F], bias [d].
  Network(ParameterLayout layout, int64_t channels, int64_t image_size, Operators operators);

  // Computes the features from one view a parameter.
  virtual torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                                    const torch::Tensor& images) const = 0;

 private:
  ParameterLayout layout_;
  int64_t channels_, image_size_;
  Operators operators_;
};

using NetworkPtr = std::shared_ptr<const Network>;

// Builds a network from its description. Throws Error naming `origin` if an entry is missing or out
// of range.
NetworkPtr make_network(const std::map<std::string, std::string>& description,
                        const std::string& origin);

// A description can name these as its architecture, and experts can have those of them.
const std::vector<std::string>& network_architectures();
const std::vector<std::string>& student_architectures();

// Says where two descriptions differ, e.g. "width 64, expected 128"; empty if they are the same.
std::string difference(const Network& found, const Network& expected);

// Computes the features or outputs of many images in batches, without gradient. `images_at` gives
// float32 [B,C,H,W] for a range [begin, end).
using ImageRange = std::function<torch::Tensor(int64_t begin, int64_t end)>;
torch::Tensor features_in_batches(const Network& network, const torch::Tensor& theta,
                                  const ImageRange& images_at, int64_t count);
torch::Tensor outputs_in_batches(const Network& network, const torch::Tensor& theta,
                                 const ImageRange& images_at, int64_t count);

}  // namespace mkdt
