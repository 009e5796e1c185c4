#include "mkdt/pipeline/distill_pictures.h"

#include <algorithm>

#include "mkdt/data/image_file.h"
#include "mkdt/report/contact_sheet.h"
#include "mkdt/report/curve_plot.h"

namespace mkdt {
namespace {

constexpr int64_t kMostImages = 100;  // of each half of the sheet
constexpr int64_t kShownSize = 64;    // pixels that a small image is enlarged to, about

// The curve jumps with the drawn expert: the mean over a window of a fiftieth of it shows the
// trend.
Curve smoothed(const std::vector<double>& values) {
  Curve curve;
  curve.name = "running mean";
  const size_t window = std::max<size_t>(values.size() / 50, 1);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += values[i] - (i >= window ? values[i - window] : 0);
    curve.x.push_back(static_cast<double>(i + 1));
    curve.y.push_back(sum / static_cast<double>(std::min(window, i + 1)));
  }
  return curve;
}

CurvePlot matching_loss_plot(const std::vector<double>& values) {
  Curve all;
  all.name = "each iteration";
  for (size_t i = 0; i < values.size(); ++i) all.x.push_back(static_cast<double>(i + 1));
  all.y = values;
  return {"Trajectory matching", "outer iteration", "matching loss J", {all, smoothed(values)}};
}

}  // namespace

void write_distill_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                            const SyntheticSet& set, const std::vector<double>& matching_losses) {
  const auto pixels = [&](const torch::Tensor& images) {
    return set.normalisation.invert(images.slice(0, 0, kMostImages));
  };
  ContactSheetOptions sheet;
  sheet.scale = std::max<int64_t>(1, kShownSize / set.images.size(3));
  write_png(folder / "contact_sheet.png",
            contact_sheet(pixels(start_images), pixels(set.images), sheet));
  if (!matching_losses.empty()) {
    write_curve_svg(folder / "matching_loss.svg", matching_loss_plot(matching_losses));
  }
}

}  // namespace mkdt
