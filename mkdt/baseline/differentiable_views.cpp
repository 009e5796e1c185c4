#include "mkdt/baseline/differentiable_views.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mkdt/ssl/colour_jitter.h"

namespace mkdt {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;  // of colours (R, G, B)

constexpr Matrix kIdentity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kGrey = {{{.299, .587, .114}, {.299, .587, .114}, {.299, .587, .114}}};

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) {
      for (size_t k = 0; k < 3; ++k) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

// x·a + y·b
Matrix combination(double x, const Matrix& a, double y, const Matrix& b) {
  Matrix c{};
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) c[i][j] = x * a[i][j] + y * b[i][j];
  }
  return c;
}

Matrix hue_rotation(double turns) {
  const double angle = 2 * std::acos(-1.0) * turns;
  const double along = (1 - std::cos(angle)) / 3;
  const double across = std::sin(angle) / std::sqrt(3.0);
  const double same = std::cos(angle) + along, next = along + across, last = along - across;
  return {{{same, last, next}, {next, same, last}, {last, next, same}}};
}

// A view's colours: own·x + mean·m for a pixel of colour x in a crop of mean colour m.
struct ColourMap {
  Matrix own = kIdentity;
  Matrix mean = {};

  void apply(const Matrix& matrix) {
    own = product(matrix, own);
    mean = product(matrix, mean);
  }
  // The distance to the mean luminance so far, which is that of (own + mean)·m.
  void contrast(double factor) {
    const Matrix luminance = product(kGrey, combination(1, own, 1, mean));
    own = combination(factor, own, 0, own);
    mean = combination(factor, mean, 1 - factor, luminance);
  }
  void saturation(double factor) { apply(combination(factor, kIdentity, 1 - factor, kGrey)); }
};

ColourMap colour_map(const ViewParameters& view) {
  ColourMap map;
  if (view.jitter) {
    for (const Jitter jitter : jitter_sequence(view.order)) {
      switch (jitter) {
        case Jitter::kBrightness:
          map.apply(combination(view.brightness, kIdentity, 0, kIdentity));
          break;
        case Jitter::kContrast:
          map.contrast(view.contrast);
          break;
        case Jitter::kSaturation:
          map.saturation(view.saturation);
          break;
        case Jitter::kHue:
          map.apply(hue_rotation(view.hue));
          break;
      }
    }
  }
  if (view.grey) map.saturation(0);
  return map;
}

// Row `at` of `weights` [S,S] interpolates between the pixel centres of a line, edge pixels
// continuing outwards.
void fill_axis(double begin, double length, int64_t size, bool reversed, double* weights) {
  for (int64_t i = 0; i < size; ++i) {
    const double centre = begin + (static_cast<double>(i) + 0.5) * length / size;
    const double x = std::clamp(centre - 0.5, 0.0, static_cast<double>(size - 1));
    const auto low = static_cast<int64_t>(x);
    const double weight = x - static_cast<double>(low);
    double* const row = weights + (reversed ? size - 1 - i : i) * size;
    row[low] += 1 - weight;
    row[std::min(low + 1, size - 1)] += weight;
  }
}

// The maps that are applied to B images, float64 on the CPU at first.
struct LinearViews {
  LinearViews(int64_t count, int64_t size)
      : rows(torch::zeros({count, size, size}, torch::kFloat64)),
        columns(torch::zeros({count, size, size}, torch::kFloat64)),
        own(torch::zeros({count, 3, 3}, torch::kFloat64)),
        mean(torch::zeros({count, 3, 3}, torch::kFloat64)),
        shift(torch::zeros({count, 3}, torch::kFloat64)) {}

  void set(int64_t i, const ViewParameters& view, const Normalisation& normalisation);
  torch::Tensor of(const torch::Tensor& images) const;

  torch::Tensor rows, columns;  // [B,S,S]
  torch::Tensor own, mean;      // [B,3,3], in normalised space
  torch::Tensor shift;          // [B,3]
};

void LinearViews::set(int64_t i, const ViewParameters& view, const Normalisation& normalisation) {
  const int64_t size = rows.size(1);
  double* const row_weights = rows.data_ptr<double>() + i * size * size;
  double* const column_weights = columns.data_ptr<double>() + i * size * size;
  fill_axis(view.top, view.height, size, false, row_weights);
  fill_axis(view.left, view.width, size, view.flip, column_weights);

  // A pixel's value is std·x + offset: (own·(std·x + offset) + mean·(std·m + offset) − offset)/std.
  const ColourMap map = colour_map(view);
  const auto std = [&](size_t c) {
    return normalisation.std[std::min(c, normalisation.std.size() - 1)];
  };
  const auto offset = [&](size_t c) {
    return normalisation.mean[std::min(c, normalisation.mean.size() - 1)];
  };
  for (size_t a = 0; a < 3; ++a) {
    double constant = -offset(a);
    for (size_t b = 0; b < 3; ++b) {
      const auto entry = static_cast<int64_t>(9 * static_cast<size_t>(i) + 3 * a + b);
      own.data_ptr<double>()[entry] = map.own[a][b] * std(b) / std(a);
      mean.data_ptr<double>()[entry] = map.mean[a][b] * std(b) / std(a);
      constant += (map.own[a][b] + map.mean[a][b]) * offset(b);
    }
    shift.data_ptr<double>()[3 * i + static_cast<int64_t>(a)] = constant / std(a);
  }
}

torch::Tensor LinearViews::of(const torch::Tensor& images) const {
  const auto like = [&](const torch::Tensor& tensor) { return tensor.to(images.options()); };
  const int64_t count = images.size(0), size = images.size(2);
  const torch::Tensor lines = images.reshape({count, 3 * size, size});
  const torch::Tensor across =
      lines.bmm(like(columns).transpose(1, 2)).reshape({count, 3, size, size});
  const torch::Tensor crops = like(rows).unsqueeze(1).matmul(across).flatten(2);  // [B,3,S·S]
  const torch::Tensor means = crops.mean(2, /*keepdim=*/true);                    // [B,3,1]
  const torch::Tensor constant = like(mean).bmm(means) + like(shift).unsqueeze(2);
  return like(own).bmm(crops).add(constant).reshape(images.sizes());
}

}  // namespace

torch::Tensor differentiable_views(const torch::Tensor& images,
                                   const std::vector<ViewParameters>& views,
                                   const Normalisation& normalisation) {
  const auto count = static_cast<int64_t>(views.size());
  TORCH_CHECK(images.dim() == 4 && images.size(0) == count && images.size(2) == images.size(3) &&
                  (images.size(1) == 3 || images.size(1) == 1),
              count, " views of ", images.sizes());
  LinearViews linear(count, images.size(2));
  for (int64_t i = 0; i < count; ++i) {
    const ViewParameters& view = views[static_cast<size_t>(i)];
    TORCH_CHECK(view.blur_sigma == 0 && !view.solarise, "a view that is blurred or solarised");
    linear.set(i, view, normalisation);
  }
  const torch::Tensor colour = images.expand({-1, 3, -1, -1});
  return linear.of(colour).narrow(1, 0, images.size(1));
}

}  // namespace mkdt
