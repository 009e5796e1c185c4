#include "mkdt/core/duration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace mkdt {

std::string duration_text(double seconds) {
  const auto whole = int64_t{std::llround(std::max(0.0, seconds))};
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace mkdt
