#include "mkdt/data/shape_outline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "mkdt/base/pi.h"

namespace mkdt {
namespace {

using Polygon = std::vector<Point>;

// The even-odd rule gives the sign, the nearest edge the value.
double polygon_distance(const Polygon& polygon, Point p) {
  double nearest = std::numeric_limits<double>::max();
  bool inside = false;
  Point a = polygon.back();
  for (const Point& b : polygon) {
    const Point edge{b.x - a.x, b.y - a.y};
    const Point from{p.x - a.x, p.y - a.y};
    const double length2 = edge.x * edge.x + edge.y * edge.y;
    const double along = std::clamp((from.x * edge.x + from.y * edge.y) / length2, 0.0, 1.0);
    const double dx = from.x - along * edge.x;
    const double dy = from.y - along * edge.y;
    nearest = std::min(nearest, dx * dx + dy * dy);
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / edge.y * edge.x) inside = !inside;
    a = b;
  }
  return inside ? -std::sqrt(nearest) : std::sqrt(nearest);
}

Point on_circle(double radius, double angle) {
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

Polygon regular(int corners, double radius) {
  Polygon polygon;
  for (int i = 0; i < corners; ++i) {
    polygon.push_back(on_circle(radius, kPi * (0.5 + 2.0 * i / corners)));
  }
  return polygon;
}

Polygon star() {
  Polygon polygon;
  for (int i = 0; i < 10; ++i) {
    polygon.push_back(on_circle(i % 2 == 0 ? 1.0 : 0.42, kPi * (0.5 + i / 5.0)));
  }
  return polygon;
}

Polygon cross() {
  constexpr double w = 0.3;
  constexpr double l = 0.95;
  return {{w, l},   {w, w},   {l, w},   {l, -w}, {w, -w}, {w, -l},
          {-w, -l}, {-w, -w}, {-l, -w}, {-l, w}, {-w, w}, {-w, l}};
}

// Takes a disc of radius 0.8 that is shifted by 0.5 out of a disc of radius 1.
Polygon crescent() {
  constexpr double inner = 0.8;
  constexpr double shift = 0.5;
  const double outer_angle = std::acos((1 + shift * shift - inner * inner) / (2 * shift));
  const double inner_angle =
      kPi - std::acos((inner * inner + shift * shift - 1) / (2 * inner * shift));
  Polygon polygon;
  for (int i = 0; i <= 16; ++i) {
    polygon.push_back(on_circle(1, outer_angle + (2 * kPi - 2 * outer_angle) * i / 16));
  }
  for (int i = 1; i < 12; ++i) {
    const double angle = 2 * kPi - inner_angle - (2 * kPi - 2 * inner_angle) * i / 12;
    const Point p = on_circle(inner, angle);
    polygon.push_back({p.x + shift, p.y});
  }
  return polygon;
}

// Has two half circles above and a point below.
Polygon heart() {
  Polygon polygon;
  for (int i = 0; i <= 8; ++i) {
    const Point p = on_circle(0.44, kPi * (-0.15 + 1.15 * i / 8));
    polygon.push_back({p.x + 0.43, p.y + 0.32});
  }
  for (int i = 1; i <= 8; ++i) {
    const Point p = on_circle(0.44, kPi * (1.15 * i / 8));
    polygon.push_back({p.x - 0.43, p.y + 0.32});
  }
  polygon.push_back({0, -0.95});
  return polygon;
}

Polygon hourglass() {
  return {{0.62, 0.78}, {0.12, 0}, {0.62, -0.78}, {-0.62, -0.78}, {-0.12, 0}, {-0.62, 0.78}};
}

Polygon arrow() {
  return {{0, 1},         {0.75, 0.15},  {0.27, 0.15}, {0.27, -0.95},
          {-0.27, -0.95}, {-0.27, 0.15}, {-0.75, 0.15}};
}

double length(Point p) { return std::hypot(p.x, p.y); }

struct Shape {
  std::string name;
  std::function<double(Point)> distance;
};

std::function<double(Point)> distance_to(Polygon polygon) {
  return [polygon = std::move(polygon)](Point p) { return polygon_distance(polygon, p); };
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes = {
      {"circle", [](Point p) { return length(p) - 0.85; }},
      {"square", distance_to({{0.7, 0.7}, {0.7, -0.7}, {-0.7, -0.7}, {-0.7, 0.7}})},
      {"triangle", distance_to(regular(3, 1))},
      {"star", distance_to(star())},
      {"cross", distance_to(cross())},
      {"ring", [](Point p) { return std::abs(length(p) - 0.7) - 0.2; }},
      {"crescent", distance_to(crescent())},
      {"heart", distance_to(heart())},
      {"hourglass", distance_to(hourglass())},
      {"arrow", distance_to(arrow())}};
  return kShapes;
}

}  // namespace

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Shape& shape : shapes()) names.push_back(shape.name);
    return names;
  }();
  return kNames;
}

double shape_distance(int64_t shape, Point point) {
  return shapes().at(static_cast<size_t>(shape)).distance(point);
}

}  // namespace mkdt
