#include "mkdt/publish/curve_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "mkdt/io/durable_file.h"

namespace mkdt {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 440;
constexpr double kLeft = 80;
constexpr double kRight = 700;
constexpr double kTop = 44;
constexpr double kBottom = 385;
constexpr std::array<const char*, 4> kColours = {"#1f5fa8", "#c2571a", "#2f7d4f", "#7a4fa0"};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Returns a range that is never empty: a single value, or none, gets room around it.
  Range widened() const {
    if (low > high) return {0, 1};
    if (low < high) return *this;
    const double room = low == 0 ? 1 : std::abs(low) / 2;
    return {low - room, high + room};
  }
};

bool drawable(const Curve& curve, size_t i) {
  return std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
}

size_t points(const Curve& curve) { return std::min(curve.x.size(), curve.y.size()); }

std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string label(double x, double y, const std::string& anchor, const std::string& text,
                  const std::string& more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, escaped(text));
}

std::string segment(double x1, double y1, double x2, double y2, const std::string& colour) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
      y2, colour);
}

// Maps data to the pixels of the plot.
class Plane {
 public:
  explicit Plane(const std::vector<Curve>& curves) {
    for (const Curve& curve : curves) {
      for (size_t i = 0; i < points(curve); ++i) {
        if (!drawable(curve, i)) continue;
        x_.include(curve.x[i]);
        y_.include(curve.y[i]);
      }
    }
    x_ = x_.widened();
    y_ = y_.widened();
  }

  double across(double x) const {
    return kLeft + (x - x_.low) / (x_.high - x_.low) * (kRight - kLeft);
  }
  double up(double y) const {
    return kBottom - (y - y_.low) / (y_.high - y_.low) * (kBottom - kTop);
  }

  std::string axes() const {
    std::string svg;
    for (const double tick : axis_ticks(y_.low, y_.high, 6)) {
      svg += segment(kLeft, up(tick), kRight, up(tick), "#e0e0e0");
      svg += label(kLeft - 8, up(tick) + 4, "end", fmt::format("{:.6g}", tick));
    }
    for (const double tick : axis_ticks(x_.low, x_.high, 8)) {
      svg += segment(across(tick), kBottom, across(tick), kBottom + 5, "#404040");
      svg += label(across(tick), kBottom + 20, "middle", fmt::format("{:.6g}", tick));
    }
    svg += segment(kLeft, kBottom, kRight, kBottom, "#404040");
    return svg + segment(kLeft, kTop, kLeft, kBottom, "#404040");
  }

  std::string line(const Curve& curve, const std::string& colour) const {
    std::string path;
    bool pen_down = false;
    for (size_t i = 0; i < points(curve); ++i) {
      if (drawable(curve, i)) {
        path += fmt::format("{}{:.1f},{:.1f} ", pen_down ? "L" : "M", across(curve.x[i]),
                            up(curve.y[i]));
      }
      pen_down = drawable(curve, i);
    }
    if (path.empty()) return "";
    path.pop_back();
    return fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" "
        "stroke-linecap=\"round\"/>\n",
        path, colour);
  }

 private:
  Range x_;
  Range y_;
};

}  // namespace

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough * (1 - 1e-9)) step = factor * power;
  }
  std::vector<double> ticks;
  const auto first = static_cast<int64_t>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<int64_t>(std::floor(high / step + 1e-9));
  for (int64_t i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::string curve_svg(const CurvePlot& plot) {
  const Plane plane(plot.curves);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#202020\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  svg += label((kLeft + kRight) / 2, 26, "middle", plot.title, " font-size=\"16\"");
  svg += plane.axes();
  svg += label((kLeft + kRight) / 2, kHeight - 14, "middle", plot.x_label);
  const double middle = (kTop + kBottom) / 2;
  svg += label(18, middle, "middle", plot.y_label,
               fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", middle));
  double legend = kTop + 14;
  for (size_t i = 0; i < plot.curves.size(); ++i) {
    const std::string colour = kColours[i % kColours.size()];
    svg += plane.line(plot.curves[i], colour);
    if (plot.curves[i].name.empty()) continue;
    svg +=
        label(kRight - 8, legend, "end", plot.curves[i].name, fmt::format(" fill=\"{}\"", colour));
    legend += 16;
  }
  return svg + "</svg>\n";
}

void write_curve_svg(const std::filesystem::path& path, const CurvePlot& plot) {
  write_text_atomically(path, curve_svg(plot));
}

}  // namespace mkdt
