#include "mkdt/pipeline/set_pictures.h"

#include <algorithm>

#include "mkdt/data/picture_mark.h"
#include "mkdt/report/contact_sheet.h"
#include "mkdt/report/curve_plot.h"

namespace mkdt {
namespace {

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
  write_marked_png(
      folder / "contact_sheet.png",
      sample_sheet(set.normalisation.invert(start_images), set.normalisation.invert(set.images)));
  if (!curve.values.empty()) write_curve_svg(folder / curve.file, plot_of(curve));
}

}  // namespace mkdt
