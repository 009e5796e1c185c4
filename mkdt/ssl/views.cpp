#include "mkdt/ssl/views.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/Parallel.h>

#include "mkdt/ssl/colour_jitter.h"
#include "mkdt/ssl/views_cuda.h"

namespace mkdt {
namespace {

// Computes out[i] = Σ_t taps[t] · in[i + t·stride], i in [0, count).
void weigh(const float* in, int64_t stride, const std::vector<float>& taps, int64_t count,
           float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = taps[0] * in[i];
  for (size_t t = 1; t < taps.size(); ++t) {
    const float weight = taps[t];
    in += stride;
    for (int64_t i = 0; i < count; ++i) out[i] += weight * in[i];
  }
}

}  // namespace

std::vector<float> gaussian_taps(float sigma, int64_t image_size) {
  const int64_t count = std::max<int64_t>(image_size / 10 | 1, 3);
  const int64_t radius = count / 2;
  std::vector<float> taps(count);
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const float x = static_cast<float>(i - radius) / sigma;
    sum += taps[i] = std::exp(-0.5F * x * x);
  }
  for (float& tap : taps) tap /= sum;
  return taps;
}

void blur_plane(float* plane, int64_t size, const std::vector<float>& taps,
                std::vector<float>& scratch) {
  const int64_t radius = static_cast<int64_t>(taps.size()) / 2;
  const int64_t padded = size + 2 * radius;
  scratch.resize(padded * size + padded);
  float* const rows = scratch.data();  // [padded,S]: the plane blurred along rows
  float* const row = rows + padded * size;
  for (int64_t y = 0; y < size; ++y) {
    const float* const from = plane + y * size;
    std::fill_n(row, radius, from[0]);
    std::copy_n(from, size, row + radius);
    std::fill_n(row + radius + size, radius, from[size - 1]);
    weigh(row, 1, taps, size, rows + (radius + y) * size);
  }
  for (int64_t i = 0; i < radius; ++i) {
    std::copy_n(rows + radius * size, size, rows + i * size);
    std::copy_n(rows + (radius + size - 1) * size, size, rows + (radius + size + i) * size);
  }
  for (int64_t y = 0; y < size; ++y) weigh(rows + y * size, size, taps, size, plane + y * size);
}

namespace {

// One axis of a crop, whose output i lies between the pixels low[i] and high[i].
struct Axis {
  std::vector<int64_t> low, high;
  std::vector<float> weight;  // of high[i]

  Axis(float begin, float length, int64_t size, bool reversed)
      : low(size), high(size), weight(size) {
    for (int64_t i = 0; i < size; ++i) {
      const float centre =
          begin + (static_cast<float>(i) + 0.5F) * length / static_cast<float>(size);
      const float x = std::clamp(centre - 0.5F, 0.0F, static_cast<float>(size - 1));
      const int64_t at = reversed ? size - 1 - i : i;
      low[at] = static_cast<int64_t>(x);
      high[at] = std::min(low[at] + 1, size - 1);
      weight[at] = x - static_cast<float>(low[at]);
    }
  }
};

// Cuts the crop out of one channel: uint8 [S,S] → float [S,S] in [0, 1].
void crop_channel(const uint8_t* pixels, const Axis& rows, const Axis& columns, float* row,
                  float* out) {
  const auto size = static_cast<int64_t>(rows.low.size());
  for (int64_t y = 0; y < size; ++y, out += size) {
    const uint8_t* above = pixels + rows.low[y] * size;
    const uint8_t* below = pixels + rows.high[y] * size;
    const float v = rows.weight[y] / 255;
    const float u = (1 - rows.weight[y]) / 255;
    for (int64_t x = 0; x < size; ++x) {
      row[x] = u * static_cast<float>(above[x]) + v * static_cast<float>(below[x]);
    }
    for (int64_t x = 0; x < size; ++x) {
      const float left = row[columns.low[x]];
      out[x] = left + columns.weight[x] * (row[columns.high[x]] - left);
    }
  }
}

void normalise(float* channel, int64_t count, float mean, float std) {
  const float scale = 1 / std;
  for (int64_t i = 0; i < count; ++i) channel[i] = (channel[i] - mean) * scale;
}

// Makes one view in place in `out`, float [3,S,S]; `scratch` is room that is kept between calls.
void make_view(const uint8_t* pixels, int64_t size, const ViewParameters& view,
               const Normalisation& normalisation, std::vector<float>& scratch, float* out) {
  const int64_t area = size * size;
  const Axis rows(view.top, view.height, size, false);
  const Axis columns(view.left, view.width, size, view.flip);
  scratch.resize(size);
  for (int64_t c = 0; c < 3; ++c) {
    crop_channel(pixels + c * area, rows, columns, scratch.data(), out + c * area);
  }
  const RgbPlanes planes{out, out + area, out + 2 * area, area};
  if (view.jitter) {
    jitter_colours(planes, {view.brightness, view.contrast, view.saturation, view.hue}, view.order);
  }
  if (view.grey) adjust_saturation(planes, 0);
  if (view.blur_sigma > 0) {
    const std::vector<float> taps = gaussian_taps(view.blur_sigma, size);
    for (int64_t c = 0; c < 3; ++c) blur_plane(out + c * area, size, taps, scratch);
  }
  if (view.solarise) solarise(planes);
  for (int64_t c = 0; c < 3; ++c) {
    normalise(out + c * area, area, normalisation.mean[c], normalisation.std[c]);
  }
}

enum Draw {
  kArea,
  kAspect,
  kLeft,
  kTop,
  kFlip,
  kJitter,
  kBrightness,
  kContrast,
  kSaturation,
  kHue,
  kOrder,
  kGrey,
  kDraws
};
enum LateDraw { kBlur, kBlurSigma, kSolarise, kLateDraws };

constexpr double kLeastBlur = 0.1;  // standard deviations, in pixels (SimCLR, appendix A)
constexpr double kMostBlur = 2;

// Makes a view of `u`, kDraws numbers in [0, 1).
ViewParameters view_from(const double* u, double size, const ViewOptions& options) {
  const auto around = [](double centre, double radius, double x) {
    return static_cast<float>(centre + radius * (2 * x - 1));
  };
  const double area = options.min_area + (1 - options.min_area) * u[kArea];
  const double widest = std::log(std::min(options.max_aspect, 1 / area));
  const double aspect = std::exp(widest * (2 * u[kAspect] - 1));
  const double width = std::min(std::sqrt(area * aspect), 1.0) * size;
  const double height = std::min(std::sqrt(area / aspect), 1.0) * size;
  ViewParameters view{};
  view.width = static_cast<float>(width);
  view.height = static_cast<float>(height);
  view.left = static_cast<float>((size - width) * u[kLeft]);
  view.top = static_cast<float>((size - height) * u[kTop]);
  view.flip = u[kFlip] < options.flip_probability;
  view.jitter = u[kJitter] < options.jitter_probability;
  view.brightness = around(1, options.brightness, u[kBrightness]);
  view.contrast = around(1, options.contrast, u[kContrast]);
  view.saturation = around(1, options.saturation, u[kSaturation]);
  view.hue = around(0, options.hue, u[kHue]);
  view.order = std::min(static_cast<int>(u[kOrder] * 24), 23);
  view.grey = u[kGrey] < options.grey_probability;
  return view;
}

// Adds blur and solarisation by `u`, kLateDraws numbers in [0, 1).
void add_blur_and_solarisation(const double* u, const ViewOptions& options, ViewParameters& view) {
  if (u[kBlur] < options.blur_probability) {
    view.blur_sigma = static_cast<float>(kLeastBlur + (kMostBlur - kLeastBlur) * u[kBlurSigma]);
  }
  view.solarise = u[kSolarise] < options.solarise_probability;
}

torch::Tensor uniform_numbers(int64_t rows, int64_t columns, at::Generator& generator) {
  return at::rand({rows, columns}, generator, torch::TensorOptions(torch::kFloat64));
}

}  // namespace

std::vector<ViewParameters> draw_views(int64_t count, int64_t image_size,
                                       const ViewOptions& options, at::Generator& generator) {
  const torch::Tensor draws = uniform_numbers(count, kDraws, generator);
  std::vector<ViewParameters> views;
  views.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    views.push_back(
        view_from(draws.data_ptr<double>() + i * kDraws, static_cast<double>(image_size), options));
  }
  // These are drawn apart and only where asked for: a seed's crops and colours do not depend on
  // them.
  if (options.blur_probability > 0 || options.solarise_probability > 0) {
    const torch::Tensor late = uniform_numbers(count, kLateDraws, generator);
    for (int64_t i = 0; i < count; ++i) {
      add_blur_and_solarisation(late.data_ptr<double>() + i * kLateDraws, options, views[i]);
    }
  }
  return views;
}

torch::Tensor make_views(const torch::Tensor& pixels, const std::vector<ViewParameters>& views,
                         const Normalisation& normalisation) {
  TORCH_CHECK(pixels.scalar_type() == torch::kUInt8 && pixels.dim() == 4 && pixels.size(1) == 3 &&
                  pixels.size(2) == pixels.size(3) &&
                  pixels.size(0) == static_cast<int64_t>(views.size()),
              views.size(), " views of ", pixels.sizes());
  if (can_make_views_on(pixels.device())) return make_views_on_cuda(pixels, views, normalisation);
  if (!pixels.is_cpu()) return make_views(pixels.cpu(), views, normalisation).to(pixels.device());
  const torch::Tensor source = pixels.contiguous();
  torch::Tensor result = torch::empty(pixels.sizes(), torch::kFloat32);
  const int64_t size = pixels.size(2);
  const int64_t values = 3 * size * size;
  const auto* from = source.data_ptr<uint8_t>();
  auto* to = result.data_ptr<float>();
  at::parallel_for(0, pixels.size(0), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch;
    for (int64_t i = begin; i < end; ++i) {
      make_view(from + i * values, size, views[i], normalisation, scratch, to + i * values);
    }
  });
  return result;
}

}  // namespace mkdt
