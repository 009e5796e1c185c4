// How the views that a teacher is trained on are drawn, in [teacher].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/core/options.h"
#include "mkdt/ssl/views.h"

namespace mkdt {

struct AugmentationOptions {
  double min_crop = 0.2;
  double flip = 0.5;
  double jitter = 1;  // multiplies the four amplitudes
  double brightness = 0.4;
  double contrast = 0.4;
  double saturation = 0.4;
  double hue = 0.1;
  double jitter_probability = 0.8;
  double grey = 0.2;
  std::vector<double> solarise;  // of the first and the second view; empty: the algorithm's own
  std::vector<double> blur;

  void declare(OptionSection& section);
  // Error unless `solarise` and `blur` are empty or name both views.
  void check() const;

  // What they come to for an algorithm ("byol", "simclr", …) and images of `image_size` pixels.
  // The algorithm's own solarisation is BYOL's (arXiv 2006.07733, appendix B), 0 and 0.2, for
  // "byol" and none for others. Its own blur is none below 96 pixels (arXiv 2002.05709, appendix
  // B.9, does without for CIFAR-10); from there on 0.5 for "simclr" (appendix A) and BYOL's, 1 and
  // 0.1, for "byol", "barlow-twins" and "vicreg". Amplitudes are held to 1, that of hue to 0.5.
  ViewPair views(const std::string& algorithm, int64_t image_size) const;
};

}  // namespace mkdt
