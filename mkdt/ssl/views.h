// Draws and makes the random views of an image that self-supervised learning compares.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/Generator.h>
#include <torch/types.h>

#include "mkdt/data/normalisation.h"

namespace mkdt {

// Returns the weights of a sampled Gaussian of `sigma` > 0 pixels, 2r + 1 of them, symmetric, of
// sum 1. They span a tenth of an image of `image_size` pixels, rounded down and made odd, but at
// least 3 (SimCLR, arXiv 2002.05709, appendix A).
std::vector<float> gaussian_taps(float sigma, int64_t image_size);

// Blurs `plane`, float [S,S], in place, along rows and then along columns; edge pixels continue
// outwards. Values stay between the plane's least and largest, to rounding. `scratch` is room that
// is kept between calls.
void blur_plane(float* plane, int64_t size, const std::vector<float>& taps,
                std::vector<float>& scratch);

// The augmentations of SimCLR (arXiv 2002.05709, appendix A) and BYOL (arXiv 2006.07733, appendix
// B), in the latter's order: random resized crop, horizontal flip, colour jitter, grey scale, blur,
// solarisation. The defaults are SimCLR's for small images (appendix B.9), which has no blur.
struct ViewOptions {
  double min_area = 0.2;        // of the crop, as a part of the image; the largest is 1
  double max_aspect = 4.0 / 3;  // width : height of the crop, or the inverse
  double flip_probability = 0.5;
  double jitter_probability = 0.8;
  double brightness = 0.4;  // factor in 1 ± this
  double contrast = 0.4;
  double saturation = 0.4;
  double hue = 0.1;  // shift in ± this part of the hue circle, at most 0.5
  double grey_probability = 0.2;
  double blur_probability = 0;
  double solarise_probability = 0;
};

// The two views of an image are drawn with these: BYOL's differ.
struct ViewPair {
  ViewOptions first, second;
};

// Everything random about one view.
struct ViewParameters {
  float left, top, width, height;  // of the crop, in pixels, not rounded to whole ones
  bool flip, jitter, grey;
  float brightness, contrast, saturation;  // factors
  float hue;                               // shift, in turns
  int order;  // of the four jitters, 0 … 23: permutation `order` in lexicographic sequence
  float blur_sigma = 0;  // of the Gaussian, in pixels of the view; 0: no blur
  bool solarise = false;
};

// Draws `count` independent views of images of `image_size` pixels. The area is uniform in
// [min_area, 1]; the aspect ratio is log-uniform among those in range whose crop of that area fits
// into the image (elsewhere crops that do not fit are drawn again, which makes large ones rarer).
// The width of the blur is uniform in [0.1, 2] pixels.
std::vector<ViewParameters> draw_views(int64_t count, int64_t image_size,
                                       const ViewOptions& options, at::Generator& generator);

// Makes a view of image i of `pixels` (uint8 [B,3,S,S]) as views[i] says: float32 [B,3,S,S] in
// normalised space, on the same device; on a CUDA device by a kernel (views_kernel.h), equal up to
// rounding. The crop is resized to S×S bilinearly between pixel centres, edge pixels continuing
// outwards. Jitters act on values in [0, 1] and clamp to it: brightness scales the values; contrast
// scales the distance to the mean luminance of the view; saturation scales the distance to the
// pixel's luminance; hue turns it in HSV space. Luminance is .299 R + .587 G + .114 B. Solarisation
// is colour_jitter.h's. The result does not depend on the number of threads.
torch::Tensor make_views(const torch::Tensor& pixels, const std::vector<ViewParameters>& views,
                         const Normalisation& normalisation);

}  // namespace mkdt
