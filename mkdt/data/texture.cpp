#include "mkdt/data/texture.h"

#include <algorithm>
#include <cmath>

#include "mkdt/core/pi.h"

namespace mkdt {
namespace {

constexpr int64_t kBlock = 128;

double square_wave(double phase) {
  // Soft edges, about a tenth of a period, keep it from aliasing at 32 pixels.
  return std::clamp(0.5 + 2.5 * std::sin(2 * kPi * phase), 0.0, 1.0);
}

}  // namespace

double Draws::between(double low, double high) {
  if (!block_.defined() || used_ == kBlock) {
    block_ = at::rand({kBlock}, generator_, torch::TensorOptions(torch::kFloat64));
    used_ = 0;
  }
  return low + (high - low) * block_.data_ptr<double>()[used_++];
}

int64_t Draws::below(int64_t count) {
  return std::min(count - 1, static_cast<int64_t>(between(0, static_cast<double>(count))));
}

double luminance(const Colour& colour) {
  return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
}

Texture::Texture(const Colour& colour, Draws& draws)
    : first_(colour), second_(colour), pattern_(static_cast<Pattern>(draws.below(4))) {
  const double change = draws.between(0.08, 0.2);
  const double common = draws.below(2) == 0 ? -change : change;
  for (double& value : second_) {
    value = std::clamp(value + common + draws.between(-0.08, 0.08), 0.0, 1.0);
  }
  const double angle = draws.between(0, kPi);
  cosine_ = std::cos(angle);
  sine_ = std::sin(angle);
  frequency_ = draws.between(3, 6);
  phase_ = draws.between(0, 1);
  if (pattern_ == Pattern::kBlotches) {
    for (double& value : blotches_) value = draws.between(0, 1);
  }
}

double Texture::mix(double x, double y) const {
  const double along = cosine_ * (x - 0.5) + sine_ * (y - 0.5);
  const double across = cosine_ * (y - 0.5) - sine_ * (x - 0.5);
  switch (pattern_) {
    case Pattern::kGradient:
      return std::clamp(0.5 + along, 0.0, 1.0);
    case Pattern::kStripes:
      return square_wave(frequency_ * along + phase_);
    case Pattern::kChecks: {
      const double a = square_wave(0.7 * frequency_ * along + phase_);
      const double b = square_wave(0.7 * frequency_ * across);
      return a * b + (1 - a) * (1 - b);
    }
    case Pattern::kBlotches:
      break;
  }
  const double u = std::clamp(x, 0.0, 1.0) * (kLattice - 1);
  const double v = std::clamp(y, 0.0, 1.0) * (kLattice - 1);
  const auto column = std::min<int64_t>(kLattice - 2, static_cast<int64_t>(u));
  const auto row = std::min<int64_t>(kLattice - 2, static_cast<int64_t>(v));
  const auto value = [&](int64_t r, int64_t c) {
    return blotches_[static_cast<size_t>(r * kLattice + c)];
  };
  const double du = u - static_cast<double>(column);
  const double dv = v - static_cast<double>(row);
  return (1 - dv) * ((1 - du) * value(row, column) + du * value(row, column + 1)) +
         dv * ((1 - du) * value(row + 1, column) + du * value(row + 1, column + 1));
}

Colour Texture::at(double x, double y) const {
  const double second = mix(x, y);
  Colour colour{};
  for (size_t c = 0; c < colour.size(); ++c) {
    colour[c] = first_[c] + second * (second_[c] - first_[c]);
  }
  return colour;
}

}  // namespace mkdt
