#include "mkdt/data/shapes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mkdt/base/pi.h"
#include "mkdt/base/random.h"
#include "mkdt/base/threads.h"
#include "mkdt/data/shape_outline.h"

namespace mkdt {
namespace {

// Returns the class of an image. Every ten successive images have the ten classes, in random order.
int64_t shape_of(uint64_t seed, const std::string& split, int64_t index) {
  const auto count = static_cast<int64_t>(shape_names().size());
  at::Generator order =
      make_generator(seed, split + "/labels", static_cast<uint64_t>(index / count));
  return at::randperm(count, order, torch::TensorOptions(torch::kInt64))[index % count]
      .item<int64_t>();
}

// A shape in the picture, whose sides are 1, or the part of it beyond a straight cut.
class Placed {
 public:
  Placed(int64_t shape, Point centre, double radius, double rotation, const Texture& texture)
      : shape_(shape),
        centre_(centre),
        radius_(radius),
        turn_{std::cos(rotation), std::sin(rotation)},
        texture_(texture) {}

  // Keeps the part beyond `distance` radii from the centre in the direction `angle`.
  void cut(double distance, double angle) {
    cut_distance_ = distance;
    cut_normal_ = {std::cos(angle), std::sin(angle)};
  }

  const Texture& texture() const { return texture_; }

  // Returns the opacity in [0, 1] at (x, y), with edges that are a pixel wide.
  double coverage(double x, double y, double pixel) const {
    const Point from{(x - centre_.x) / radius_, (centre_.y - y) / radius_};  // outlines count up
    const double reach = 1 + pixel / radius_;
    if (from.x * from.x + from.y * from.y > reach * reach) return 0;
    const Point turned{turn_.x * from.x + turn_.y * from.y, turn_.x * from.y - turn_.y * from.x};
    const double behind_cut = cut_distance_ - (from.x * cut_normal_.x + from.y * cut_normal_.y);
    const double distance = std::max(behind_cut, shape_distance(shape_, turned));
    return std::clamp(0.5 - distance * radius_ / pixel, 0.0, 1.0);
  }

 private:
  int64_t shape_;
  Point centre_;
  double radius_;
  Point turn_;
  double cut_distance_ = -2;  // nothing is cut off
  Point cut_normal_{1, 0};
  Texture texture_;
};

Colour random_colour(Draws& draws) {
  return {draws.between(0.08, 0.92), draws.between(0.08, 0.92), draws.between(0.08, 0.92)};
}

// Draws a colour far enough from `ground` in luminance to be seen without colour as well.
Colour contrasting_colour(const Colour& ground, Draws& draws) {
  constexpr double kContrast = 0.28;
  constexpr int kTries = 50;
  for (int i = 0; i < kTries; ++i) {
    const Colour colour = random_colour(draws);
    if (std::abs(luminance(colour) - luminance(ground)) >= kContrast) return colour;
  }
  const double value = luminance(ground) < 0.5 ? 0.9 : 0.1;
  return {value, value, value};
}

Placed main_shape(int64_t shape, const Colour& ground, Draws& draws) {
  const double radius = draws.between(0.27, 0.4);
  const double reach = 0.9 * (0.5 - radius);
  const double x = 0.5 + draws.between(-reach, reach);
  const double y = 0.5 + draws.between(-reach, reach);
  const double rotation = draws.between(-kPi / 5, kPi / 5);
  return {shape, {x, y}, radius, rotation, Texture(contrasting_colour(ground, draws), draws)};
}

Placed fragment(const Colour& ground, Draws& draws) {
  const int64_t shape = draws.below(static_cast<int64_t>(shape_names().size()));
  const double x = draws.between(0, 1);
  const double y = draws.between(0, 1);
  const double radius = draws.between(0.08, 0.15);
  const double rotation = draws.between(0, 2 * kPi);
  Placed part(shape, {x, y}, radius, rotation, Texture(contrasting_colour(ground, draws), draws));
  const double distance = draws.between(-0.3, 0.3);
  part.cut(distance, draws.between(0, 2 * kPi));
  return part;
}

// Puts fragments behind the shape and, every other time, one in front of it.
std::vector<Placed> arrange(int64_t shape, const Colour& ground, Draws& draws) {
  std::vector<Placed> layers;
  const int64_t behind = 2 + draws.below(3);
  for (int64_t i = 0; i < behind; ++i) layers.push_back(fragment(ground, draws));
  layers.push_back(main_shape(shape, ground, draws));
  if (draws.below(2) == 1) layers.push_back(fragment(ground, draws));
  return layers;
}

// Draws a number that is about normal, with standard deviation 1.
double grain(Draws& draws) {
  return draws.between(-1, 1) + draws.between(-1, 1) + draws.between(-1, 1);
}

// Paints an image into out [3,size,size].
void paint(int64_t shape, Draws& draws, int64_t size, uint8_t* out) {
  const Colour ground_colour = random_colour(draws);
  const Texture ground(ground_colour, draws);
  const std::vector<Placed> layers = arrange(shape, ground_colour, draws);
  const double noise = draws.between(0.01, 0.05);
  const double pixel = 1.0 / static_cast<double>(size);
  for (int64_t row = 0; row < size; ++row) {
    for (int64_t column = 0; column < size; ++column) {
      const double x = (static_cast<double>(column) + 0.5) * pixel;
      const double y = (static_cast<double>(row) + 0.5) * pixel;
      Colour colour = ground.at(x, y);
      for (const Placed& layer : layers) {
        const double opacity = layer.coverage(x, y, pixel);
        if (opacity == 0) continue;
        const Colour paint_colour = layer.texture().at(x, y);
        for (size_t c = 0; c < 3; ++c) colour[c] += opacity * (paint_colour[c] - colour[c]);
      }
      for (size_t c = 0; c < 3; ++c) {
        const double value = std::clamp(colour[c] + noise * grain(draws), 0.0, 1.0);
        out[(static_cast<int64_t>(c) * size + row) * size + column] =
            static_cast<uint8_t>(std::lround(255 * value));
      }
    }
  }
}

ImageSet make_split(const std::string& split, int64_t count, int64_t size, uint64_t seed,
                    Observer& observer) {
  ImageSet set;
  set.images = torch::empty({count, 3, size, size}, torch::kUInt8);
  set.labels = torch::empty({count}, torch::kInt64);
  set.class_names = shape_names();
  auto* pixels = set.images.data_ptr<uint8_t>();
  auto* labels = set.labels.data_ptr<int64_t>();
  for_each_image(
      count,
      [&](int64_t i) {
        labels[i] = shape_of(seed, split, i);
        Draws draws(make_generator(seed, split, static_cast<uint64_t>(i)));
        paint(labels[i], draws, size, pixels + i * 3 * size * size);
      },
      "drawing shapes", observer);
  return set;
}

}  // namespace

ImageSplits make_shapes(const ShapesOptions& options, uint64_t seed, Observer& observer) {
  ImageSplits splits;
  splits.train = make_split("data/shapes/train", options.train, options.image_size, seed, observer);
  splits.test = make_split("data/shapes/test", options.test, options.image_size, seed, observer);
  splits.source_rows = options.train;
  splits.train_rows = first_rows(options.train, 0);
  return splits;
}

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
