#include "mkdt/study/gradient_statistics.h"

namespace mkdt {

void GradientStatistics::add(const torch::Tensor& gradient) {
  const torch::Tensor values = gradient.detach().to(torch::kFloat64);
  sum_ = sum_.defined() ? sum_ + values : values;
  squares_ += values.dot(values).item<double>();
  ++count_;
}

double GradientStatistics::squared_mean() const {
  const auto count = static_cast<double>(count_);
  return sum_.dot(sum_).item<double>() / (count * count);
}

double GradientStatistics::noise() const {
  const auto count = static_cast<double>(count_);
  return (squares_ - count * squared_mean()) / (count - 1);
}

double GradientStatistics::signal() const {
  return squared_mean() - noise() / static_cast<double>(count_);
}

}  // namespace mkdt
