#include "mkdt/ssl/augmentation_options.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace {

constexpr int64_t kBlurFrom = 96;  // pixels

using Probabilities = std::vector<double>;  // of the first and the second view

Probabilities own_solarise(const std::string& algorithm) {
  return algorithm == "byol" ? Probabilities{0, 0.2} : Probabilities{0, 0};
}

Probabilities own_blur(const std::string& algorithm, int64_t image_size) {
  if (image_size < kBlurFrom) return {0, 0};
  if (algorithm == "simclr") return {0.5, 0.5};
  const bool as_byol = algorithm == "byol" || algorithm == "barlow-twins" || algorithm == "vicreg";
  return as_byol ? Probabilities{1, 0.1} : Probabilities{0, 0};
}

void check_two_views(const char* key, const Probabilities& values) {
  if (values.empty() || values.size() == 2) return;
  throw Error(
      fmt::format("{}: expected two probabilities, of the first and the second view, or "
                  "none for the algorithm's own, got {}",
                  key, values.size()));
}

}  // namespace

void AugmentationOptions::declare(OptionSection& section) {
  section.add("min_crop", min_crop, 0.01, 1,
              "Area of the smallest crop that a view may show, as a part of the image.");
  section.add("flip", flip, 0, 1, "Probability that a view is mirrored, left for right.");
  section.add("jitter", jitter, 0, 2.5,
              "Strength of a view's colour jitter: what brightness, contrast, saturation and hue "
              "are multiplied by.");
  section.add("brightness", brightness, 0, 1,
              "A jittered view's values are scaled by a factor in 1 ± this; at most 1 with the "
              "strength.");
  section.add("contrast", contrast, 0, 1,
              "The same for the distance to the view's mean luminance.");
  section.add("saturation", saturation, 0, 1,
              "The same for the distance to the pixel's luminance.");
  section.add("hue", hue, 0, 0.5,
              "A jittered view's hue is turned by up to this part of the circle; at most 0.5 with "
              "the strength.");
  section.add("jitter_probability", jitter_probability, 0, 1,
              "Probability that a view's colours are jittered.");
  section.add("grey", grey, 0, 1, "Probability that a view is grey.");
  section.add("solarise", solarise, 0, 1,
              "Probabilities that the first and the second view are solarised: bright values v "
              "become 1 − v. Empty is the algorithm's own: 0, 0.2 for byol, else none.");
  section.add("blur", blur, 0, 1,
              "Probabilities that the first and the second view are blurred. Empty is the "
              "algorithm's own: none for images below 96 pixels, from there on 1, 0.1 for byol, "
              "barlow-twins and vicreg and 0.5, 0.5 for simclr.");
}

void AugmentationOptions::check() const {
  check_two_views("teacher.solarise", solarise);
  check_two_views("teacher.blur", blur);
}

ViewPair AugmentationOptions::views(const std::string& algorithm, int64_t image_size) const {
  check();
  ViewOptions both;
  both.min_area = min_crop;
  both.flip_probability = flip;
  both.jitter_probability = jitter_probability;
  both.brightness = std::min(jitter * brightness, 1.0);
  both.contrast = std::min(jitter * contrast, 1.0);
  both.saturation = std::min(jitter * saturation, 1.0);
  both.hue = std::min(jitter * hue, 0.5);
  both.grey_probability = grey;
  ViewPair pair{both, both};
  const Probabilities solarised = solarise.empty() ? own_solarise(algorithm) : solarise;
  const Probabilities blurred = blur.empty() ? own_blur(algorithm, image_size) : blur;
  pair.first.solarise_probability = solarised[0];
  pair.second.solarise_probability = solarised[1];
  pair.first.blur_probability = blurred[0];
  pair.second.blur_probability = blurred[1];
  return pair;
}

}  // namespace mkdt
