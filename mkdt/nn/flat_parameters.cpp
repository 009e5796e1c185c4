#include "mkdt/nn/flat_parameters.h"

#include <utility>

namespace mkdt {
namespace {

int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

}  // namespace

ParameterLayout::ParameterLayout(std::vector<ParameterShape> parameters)
    : parameters_(std::move(parameters)) {
  for (const ParameterShape& parameter : parameters_) size_ += element_count(parameter.shape);
}

std::vector<torch::Tensor> ParameterLayout::views(const torch::Tensor& theta) const {
  std::vector<int64_t> counts;
  counts.reserve(parameters_.size());
  for (const ParameterShape& parameter : parameters_) {
    counts.push_back(element_count(parameter.shape));
  }
  std::vector<torch::Tensor> views = theta.split_with_sizes(counts);
  for (size_t i = 0; i < views.size(); ++i) views[i] = views[i].view(parameters_[i].shape);
  return views;
}

}  // namespace mkdt
