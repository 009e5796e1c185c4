// Gaussian blur of one image, as a view may have it.
#pragma once

#include <cstdint>
#include <vector>

namespace mkdt {

// Weights of a sampled Gaussian of `sigma` > 0 pixels, 2r + 1 of them, symmetric, of sum 1. They
// span a tenth of an image of `image_size` pixels, rounded down and made odd, but at least 3
// (SimCLR, arXiv 2002.05709, appendix A).
std::vector<float> gaussian_taps(float sigma, int64_t image_size);

// Blurs `plane`, float [S,S], in place, along rows and then along columns; edge pixels continue
// outwards. Values stay between the plane's least and largest, to rounding. `scratch` is room
// that is kept between calls.
void blur_plane(float* plane, int64_t size, const std::vector<float>& taps,
                std::vector<float>& scratch);

}  // namespace mkdt
