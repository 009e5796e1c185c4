// Draws a line plot of one or a few curves, as a small SVG file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mkdt {

struct Curve {
  std::string name;  // in the legend; empty: none
  std::vector<double> x;
  std::vector<double> y;  // as many; a value that is not finite leaves a gap
};

struct CurvePlot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Curve> curves;
};

// Returns a complete SVG document, 720 × 440.
std::string curve_svg(const CurvePlot& plot);

void write_curve_svg(const std::filesystem::path& path, const CurvePlot& plot);

// Returns round values (1, 2 or 5 times a power of ten apart) inside [low, high], about `count` of
// them.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace mkdt
