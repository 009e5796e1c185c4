// Changes brightness, contrast, saturation and hue of one image, and solarises it, in place.
#pragma once

#include <array>
#include <cstdint>

namespace mkdt {

// One image as three planes of `count` values in [0, 1]. All functions keep them in that range.
struct RgbPlanes {
  float* r;
  float* g;
  float* b;
  int64_t count;
};

struct ColourFactors {
  float brightness, contrast, saturation;
  float hue;  // shift in turns, in [-0.5, 0.5]
};

void adjust_brightness(const RgbPlanes& image, float factor);
// Scales the distance to the image's mean luminance.
void adjust_contrast(const RgbPlanes& image, float factor);
// Scales the distance to the pixel's luminance; 0 makes it grey.
void adjust_saturation(const RgbPlanes& image, float factor);
// Turns the hue of HSV space; value and chroma (largest, and largest minus smallest) stay.
void adjust_hue(const RgbPlanes& image, float turns);

enum class Jitter { kBrightness, kContrast, kSaturation, kHue };
// Returns the jitters' permutation with lexicographic number `order`, 0 … 23.
std::array<Jitter, 4> jitter_sequence(int order);

// Applies all four in that sequence.
void jitter_colours(const RgbPlanes& image, const ColourFactors& factors, int order);

// Turns values v ≥ kSolariseThreshold into 1 − v (BYOL, arXiv 2006.07733, appendix B).
constexpr float kSolariseThreshold = 0.5F;
void solarise(const RgbPlanes& image);

}  // namespace mkdt
