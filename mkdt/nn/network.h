// A network without state: an architecture that is applied to one flat parameter vector.
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

// All parameters of a network as one vector, and the views of it that layers use.

struct ParameterShape {
  std::string name;  // e.g. "features.0.weight"
  std::vector<int64_t> shape;
};

class ParameterLayout {
 public:
  ParameterLayout() = default;
  explicit ParameterLayout(std::vector<ParameterShape> parameters);

  // Number of scalars P.
  int64_t size() const { return size_; }
  const std::vector<ParameterShape>& parameters() const { return parameters_; }
  // theta [P] → one view a parameter, in order; differentiable.
  std::vector<torch::Tensor> views(const torch::Tensor& theta) const;

 private:
  std::vector<ParameterShape> parameters_;
  int64_t size_ = 0;
};

// A network without state: an architecture that is applied to a flat parameter vector.

// Students, pre-trained encoders and experts are (Network, θ) pairs: trajectories, inner steps and
// meta-gradients need θ as one differentiable argument. There are no batch statistics: an
// image's output never depends on the rest of its batch.
class Network {
 public:
  virtual ~Network() = default;

  const ParameterLayout& layout() const { return layout_; }
  int64_t channels() const { return channels_; }
  int64_t image_size() const { return image_size_; }
  Operators operators() const { return operators_; }
  int64_t feature_dim() const;  // F: what a probe sees
  int64_t output_dim() const;   // d: what regresses the targets

  // theta [P], images [B,C,H,W] of the same dtype and device → [B,F].
  torch::Tensor features(const torch::Tensor& theta, const torch::Tensor& images) const;
  // [B,d]: the linear head on the features.
  torch::Tensor outputs(const torch::Tensor& theta, const torch::Tensor& images) const;
  // float32 [P] on the CPU, the usual initialisation of the architecture.
  virtual torch::Tensor initialise(at::Generator& generator) const = 0;
  // Everything that make_network needs to build it again; stored in files as metadata.
  // The operators are no part of it.
  virtual std::map<std::string, std::string> describe() const = 0;
  // The same architecture on those operators.
  virtual std::shared_ptr<const Network> with_operators(Operators operators) const = 0;

 protected:
  // The last two parameters are the head's: weight [d,F], bias [d].
  Network(ParameterLayout layout, int64_t channels, int64_t image_size, Operators operators);

  // The features from one view a parameter.
  virtual torch::Tensor features_of(const std::vector<torch::Tensor>& parameters,
                                    const torch::Tensor& images) const = 0;

 private:
  ParameterLayout layout_;
  int64_t channels_, image_size_;
  Operators operators_;
};

using NetworkPtr = std::shared_ptr<const Network>;

// From a description; Error naming `origin` if an entry is missing or out of range.
NetworkPtr make_network(const std::map<std::string, std::string>& description,
                        const std::string& origin);

// What a description can name as its architecture, and those of them that experts can have.
const std::vector<std::string>& network_architectures();
const std::vector<std::string>& student_architectures();

// Where two descriptions differ, e.g. "width 64, expected 128"; empty if they are the same.
std::string difference(const Network& found, const Network& expected);

// features or outputs of many images in batches, without gradient.
// `images_at` gives float32 [B,C,H,W] for a range [begin, end).
using ImageRange = std::function<torch::Tensor(int64_t begin, int64_t end)>;
torch::Tensor features_in_batches(const Network& network, const torch::Tensor& theta,
                                  const ImageRange& images_at, int64_t count);
torch::Tensor outputs_in_batches(const Network& network, const torch::Tensor& theta,
                                 const ImageRange& images_at, int64_t count);

}  // namespace mkdt
