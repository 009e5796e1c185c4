// All parameters of a network as one vector, and the views of it that layers use.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

namespace mkdt {

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

}  // namespace mkdt
