#include "mkdt/pipeline/set_pictures.h"

#include <algorithm>

#include "mkdt/data/image_file.h"
#include "mkdt/data/spread_rows.h"
#include "mkdt/report/contact_sheet.h"
#include "mkdt/report/curve_plot.h"

namespace mkdt {
namespace {

constexpr int64_t kMostImages = 100;  // of each half of the sheet
constexpr int64_t kShownSize = 64;    // pixels that a small image is enlarged to, about

// The curve jumps with what each step draws: the mean over a window of a fiftieth of it shows the
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

CurvePlot plot_of(const LossCurve& curve) {
  Curve all;
  all.name = "each " + curve.x_label;
  for (size_t i = 0; i < curve.values.size(); ++i) all.x.push_back(static_cast<double>(i + 1));
  all.y = curve.values;
  return {curve.title, curve.x_label, curve.y_label, {all, smoothed(curve.values)}};
}

}  // namespace

void write_set_pictures(const std::filesystem::path& folder, const torch::Tensor& start_images,
                        const SyntheticSet& set, const LossCurve& curve) {
  const torch::Tensor rows = spread_rows(set.size(), kMostImages).to(set.images.device());
  const auto pixels = [&](const torch::Tensor& images) {
    return set.normalisation.invert(images.index_select(0, rows));
  };
  ContactSheetOptions sheet;
  sheet.scale = std::max<int64_t>(1, kShownSize / set.images.size(3));
  write_png(folder / "contact_sheet.png",
            contact_sheet(pixels(start_images), pixels(set.images), sheet));
  if (!curve.values.empty()) write_curve_svg(folder / curve.file, plot_of(curve));
}

}  // namespace mkdt
