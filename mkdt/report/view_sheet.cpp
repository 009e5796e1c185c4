#include "mkdt/report/view_sheet.h"

#include <algorithm>

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/data/spread_rows.h"
#include "mkdt/report/contact_sheet.h"

namespace mkdt {
namespace {

constexpr int64_t kShownView = 64;  // pixels that a small image is enlarged to, about

// One view of each image, as pixels.
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
