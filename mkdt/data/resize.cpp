#include "mkdt/data/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mkdt/base/pi.h"
#include "mkdt/base/threads.h"

namespace mkdt {
namespace {

constexpr double kLobes = 3;

double lanczos(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= kLobes) return 0;
  return kLobes * std::sin(kPi * x) * std::sin(kPi * x / kLobes) / (kPi * kPi * x * x);
}

// One output value is the sum of weights[k] · input[first + k].
struct Tap {
  int64_t first;
  std::vector<float> weights;
};

// Returns the taps of the middle `size` values of a line of `length` pixels that is brought to
// `scaled`.
std::vector<Tap> make_taps(int64_t length, int64_t scaled, int64_t size) {
  const double step = static_cast<double>(length) / static_cast<double>(scaled);
  const double width = std::max(1.0, step);  // of the filter, in input pixels per unit
  const int64_t offset = (scaled - size) / 2;
  std::vector<Tap> taps;
  for (int64_t i = 0; i < size; ++i) {
    const double centre = (static_cast<double>(i + offset) + 0.5) * step;
    const auto first = std::max<int64_t>(0, std::llround(centre - kLobes * width));
    const auto last = std::min<int64_t>(length, std::llround(centre + kLobes * width));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t k = first; k < last; ++k) {
      weights.push_back(lanczos((static_cast<double>(k) + 0.5 - centre) / width));
      sum += weights.back();
    }
    Tap tap{first, {}};
    for (const double weight : weights) tap.weights.push_back(static_cast<float>(weight / sum));
    taps.push_back(std::move(tap));
  }
  return taps;
}

// Filters a line [length] with `stride` between pixels to out [taps.size()].
template <typename T>
void filter_line(const T* line, int64_t stride, const std::vector<Tap>& taps, float* out) {
  for (const Tap& tap : taps) {
    const T* in = line + tap.first * stride;
    float sum = 0;
    for (const float weight : tap.weights) {
      sum += weight * static_cast<float>(*in);
      in += stride;
    }
    *out++ = sum;
  }
}

uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
}

}  // namespace

torch::Tensor resize_and_crop(const torch::Tensor& image, int64_t size) {
  const int64_t channels = image.size(0);
  const int64_t height = image.size(1);
  const int64_t width = image.size(2);
  if (height == size && width == size) return image;

  const int64_t shorter = std::min(height, width);
  const auto scaled = [&](int64_t side) { return (side * size + shorter / 2) / shorter; };
  const std::vector<Tap> columns = make_taps(width, scaled(width), size);
  std::vector<Tap> rows = make_taps(height, scaled(height), size);
  // Only rows that the crop can see are filtered: a line of pixels can be very long.
  const int64_t top = rows.front().first;
  const int64_t bottom = rows.back().first + static_cast<int64_t>(rows.back().weights.size());

  for (Tap& tap : rows) tap.first -= top;

  const torch::Tensor input = image.contiguous();
  torch::Tensor output = torch::empty({channels, size, size}, torch::kUInt8);
  auto* out = output.data_ptr<uint8_t>();
  std::vector<float> lines(static_cast<size_t>((bottom - top) * size));  // [bottom−top,size]
  std::vector<float> column(static_cast<size_t>(size));
  for (int64_t c = 0; c < channels; ++c) {
    const uint8_t* plane = input.data_ptr<uint8_t>() + c * height * width;
    for (int64_t y = top; y < bottom; ++y) {
      filter_line(plane + y * width, 1, columns, lines.data() + (y - top) * size);
    }
    for (int64_t x = 0; x < size; ++x) {
      filter_line(lines.data() + x, size, rows, column.data());
      for (int64_t y = 0; y < size; ++y) {
        out[(c * size + y) * size + x] = to_byte(column[static_cast<size_t>(y)]);
      }
    }
  }
  return output;
}

ImageSet resized(const ImageSet& set, int64_t size, Observer& observer) {
  if (size == 0 || (set.images.size(2) == size && set.images.size(3) == size)) return set;
  ImageSet result = set;
  result.images = torch::empty({set.size(), set.channels(), size, size}, torch::kUInt8);
  for_each_image(
      set.size(), [&](int64_t i) { result.images[i].copy_(resize_and_crop(set.images[i], size)); },
      "resizing images", observer);
  return result;
}

}  // namespace mkdt
