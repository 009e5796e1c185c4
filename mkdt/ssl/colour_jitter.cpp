#include "mkdt/ssl/colour_jitter.h"

#include <algorithm>
#include <array>

namespace mkdt {
namespace {

float clamp01(float x) { return std::min(std::max(x, 0.0F), 1.0F); }

float luminance(float r, float g, float b) { return 0.299F * r + 0.587F * g + 0.114F * b; }

// Sums in eight parts, so that the compiler may keep them in one vector.
float mean_luminance(const RgbPlanes& image) {
  constexpr int64_t kLanes = 8;
  std::array<float, kLanes> sums{};
  const int64_t whole = image.count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t j = 0; j < kLanes; ++j) {
      sums[j] += luminance(image.r[i + j], image.g[i + j], image.b[i + j]);
    }
  }
  for (int64_t i = whole; i < image.count; ++i) {
    sums[0] += luminance(image.r[i], image.g[i], image.b[i]);
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum / static_cast<float>(image.count);
}

// Returns the channel that lies `phase` sixths of a turn behind red on the hue circle: v − c ·
// clamp(min(k, 4 − k), 0, 1) with k = (phase + hue) mod 6, hue in [0, 6).
float channel(float hue, float phase, float v, float c) {
  const float sum = hue + phase;
  const float k = sum >= 6 ? sum - 6 : sum;
  return v - c * clamp01(std::min(k, 4 - k));
}

}  // namespace

void adjust_brightness(const RgbPlanes& image, float factor) {
  for (float* plane : {image.r, image.g, image.b}) {
    for (int64_t i = 0; i < image.count; ++i) plane[i] = clamp01(factor * plane[i]);
  }
}

void adjust_contrast(const RgbPlanes& image, float factor) {
  const float rest = (1 - factor) * mean_luminance(image);
  for (float* plane : {image.r, image.g, image.b}) {
    for (int64_t i = 0; i < image.count; ++i) plane[i] = clamp01(factor * plane[i] + rest);
  }
}

void adjust_saturation(const RgbPlanes& image, float factor) {
  float* const r = image.r;
  float* const g = image.g;
  float* const b = image.b;
  for (int64_t i = 0; i < image.count; ++i) {
    const float rest = (1 - factor) * luminance(r[i], g[i], b[i]);
    r[i] = clamp01(factor * r[i] + rest);
    g[i] = clamp01(factor * g[i] + rest);
    b[i] = clamp01(factor * b[i] + rest);
  }
}

void adjust_hue(const RgbPlanes& image, float turns) {
  const float shift = 6 * turns;
  for (int64_t i = 0; i < image.count; ++i) {
    const float r = image.r[i];
    const float g = image.g[i];
    const float b = image.b[i];
    const float v = std::max(r, std::max(g, b));
    const float c = v - std::min(r, std::min(g, b));
    const float from_red = g - b;
    const float from_green = b - r + 2 * c;
    const float from_blue = r - g + 4 * c;
    const float sector = v == r ? from_red : v == g ? from_green : from_blue;
    float hue = sector / std::max(c, 1e-20F) + shift;  // in [-4, 8); any value where c = 0
    hue = hue < 0 ? hue + 6 : hue;
    hue = hue >= 6 ? hue - 6 : hue;
    image.r[i] = channel(hue, 5, v, c);
    image.g[i] = channel(hue, 3, v, c);
    image.b[i] = channel(hue, 1, v, c);
  }
}

std::array<Jitter, 4> jitter_sequence(int order) {
  std::array<Jitter, 4> sequence = {Jitter::kBrightness, Jitter::kContrast, Jitter::kSaturation,
                                    Jitter::kHue};
  constexpr std::array<int, 4> kFactorials = {6, 2, 1, 1};  // of 3, 2, 1, 0
  for (int i = 0; i < 4; ++i) {
    const int pick = i + order / kFactorials[i];
    order %= kFactorials[i];
    std::rotate(sequence.begin() + i, sequence.begin() + pick, sequence.begin() + pick + 1);
  }
  return sequence;
}

void jitter_colours(const RgbPlanes& image, const ColourFactors& factors, int order) {
  for (const Jitter jitter : jitter_sequence(order)) {
    switch (jitter) {
      case Jitter::kBrightness:
        adjust_brightness(image, factors.brightness);
        break;
      case Jitter::kContrast:
        adjust_contrast(image, factors.contrast);
        break;
      case Jitter::kSaturation:
        adjust_saturation(image, factors.saturation);
        break;
      case Jitter::kHue:
        adjust_hue(image, factors.hue);
        break;
    }
  }
}

void solarise(const RgbPlanes& image) {
  for (float* plane : {image.r, image.g, image.b}) {
    for (int64_t i = 0; i < image.count; ++i) {
      plane[i] = plane[i] < kSolariseThreshold ? plane[i] : 1 - plane[i];
    }
  }
}

}  // namespace mkdt
