#include "mkdt/publish/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/batches.h"

namespace mkdt {
namespace {

constexpr int kBackground = 255;
constexpr int64_t kGapsBetweenSets = 4;

void check(const torch::Tensor& images) {
  const bool right = images.dim() == 4 && images.size(0) > 0 && images.numel() > 0 &&
                     images.scalar_type() == torch::kUInt8 &&
                     (images.size(1) == 1 || images.size(1) == 3);
  if (!right) throw Error("contact sheet: expected at least one image, uint8 [M,C,H,W], C 1 or 3");
}

int64_t columns_for(int64_t count, const ContactSheetOptions& options) {
  if (options.columns > 0) return options.columns;
  return static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
}

torch::Tensor sample(const torch::Tensor& images) {
  constexpr int64_t kMost = 100;
  return images.index_select(0, spread_rows(images.size(0), kMost).to(images.device()));
}

ContactSheetOptions options_for(const torch::Tensor& images) {
  constexpr int64_t kShownSize = 64;  // pixels
  ContactSheetOptions options;
  options.scale = std::max<int64_t>(1, kShownSize / images.size(3));
  return options;
}

}  // namespace

torch::Tensor contact_sheet(const torch::Tensor& images, const ContactSheetOptions& options) {
  check(images);
  const int64_t count = images.size(0);
  const int64_t columns = columns_for(count, options);
  const int64_t rows = (count + columns - 1) / columns;
  const torch::Tensor tiles = images.to(torch::kCPU)
                                  .expand({count, 3, images.size(2), images.size(3)})
                                  .repeat_interleave(options.scale, 2)
                                  .repeat_interleave(options.scale, 3);
  const int64_t height = tiles.size(2) + options.gap;
  const int64_t width = tiles.size(3) + options.gap;
  torch::Tensor sheet = torch::full({3, rows * height + options.gap, columns * width + options.gap},
                                    kBackground, torch::kUInt8);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t top = options.gap + i / columns * height;
    const int64_t left = options.gap + i % columns * width;
    sheet.narrow(1, top, tiles.size(2)).narrow(2, left, tiles.size(3)).copy_(tiles[i]);
  }
  return sheet;
}

torch::Tensor contact_sheet(const torch::Tensor& above, const torch::Tensor& below,
                            const ContactSheetOptions& options) {
  ContactSheetOptions same_columns = options;
  check(above);
  check(below);
  same_columns.columns = columns_for(std::max(above.size(0), below.size(0)), options);
  const torch::Tensor first = contact_sheet(above, same_columns);
  const torch::Tensor second = contact_sheet(below, same_columns);
  if (first.size(2) != second.size(2)) {
    throw Error(fmt::format("contact sheet: expected images of equal size, got {} and {} pixels",
                            above.size(3), below.size(3)));
  }
  const torch::Tensor band =
      torch::full({3, kGapsBetweenSets * options.gap, first.size(2)}, kBackground, torch::kUInt8);
  return torch::cat({first, band, second}, 1);
}

torch::Tensor sample_sheet(const torch::Tensor& images) {
  check(images);
  return contact_sheet(sample(images), options_for(images));
}

torch::Tensor sample_sheet(const torch::Tensor& above, const torch::Tensor& below) {
  check(above);
  return contact_sheet(sample(above), sample(below), options_for(above));
}

namespace {

constexpr int64_t kShownView = 64;  // a small image is enlarged to about so many pixels

// Draws one view of each image and returns them as pixels.
torch::Tensor viewed(const ImageSet& images, const ViewOptions& options, at::Generator& generator) {
  const auto drawn = draw_views(images.size(), images.image_size(), options, generator);
  return images.normalisation.invert(make_views(images.images, drawn, images.normalisation));
}

}  // namespace

torch::Tensor view_sheet(const ImageSet& images, const ViewPair& views, int64_t count,
                         int64_t pairs, at::Generator& generator) {
  if (images.size() < 1 || count < 1 || pairs < 1) {
    throw Error(
        fmt::format("view sheet: expected at least one image and one pair of views, got "
                    "{} of {} images and {} pairs",
                    count, images.size(), pairs));
  }
  const ImageSet shown = with_three_channels(images.subset(spread_rows(images.size(), count)));
  std::vector<torch::Tensor> columns = {shown.images};
  for (int64_t pair = 0; pair < pairs; ++pair) {
    columns.push_back(viewed(shown, views.first, generator));
    columns.push_back(viewed(shown, views.second, generator));
  }
  ContactSheetOptions sheet;
  sheet.columns = static_cast<int64_t>(columns.size());
  sheet.scale = std::max<int64_t>(1, kShownView / images.image_size());
  return contact_sheet(torch::stack(columns, 1).flatten(0, 1), sheet);
}

}  // namespace mkdt
