// Describes the ten outlines of the built-in set as signed distances.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mkdt {

// Returns the names of the classes in the order of their labels: "circle", "square", ….
const std::vector<std::string>& shape_names();

struct Point {
  double x;
  double y;
};

// Returns the distance of `point` from the outline of that shape, which lies about the origin
// within a circle of radius 1; negative inside.
double shape_distance(int64_t shape, Point point);

}  // namespace mkdt
