#include "mkdt/core/byte_text.h"

#include <fmt/format.h>

namespace mkdt {

std::string byte_text(int64_t bytes) {
  const auto count = static_cast<double>(bytes);
  if (count < 1e3) return fmt::format("{} bytes", bytes);
  if (count < 999.5e3) return fmt::format("{:.0f} kB", count / 1e3);
  if (count < 999.5e6) return fmt::format("{:.0f} MB", count / 1e6);
  if (count < 999.95e9) return fmt::format("{:.1f} GB", count / 1e9);
  return fmt::format("{:.1f} TB", count / 1e12);
}

}  // namespace mkdt
