// Sets to show, and what a page has in it.
#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "mkdt/base/random.h"
#include "mkdt/report/report_data.h"

namespace mkdt::testing {

// Noise, the same for the same arguments.
inline ReportedSet some_set(int64_t count, int64_t channels, int64_t size) {
  ReportedSet set;
  set.name = set.title = "distilled";
  at::Generator generator = make_generator(7, "pixels");
  const torch::Tensor both = torch::randint(0, 256, {2, count, channels, size, size}, generator,
                                            torch::TensorOptions(torch::kUInt8));
  set.before = both[0].clone();
  set.after = both[1].clone();
  return set;
}

// The bytes of a "data:image/png;base64,…".
inline std::string from_data_uri(const std::string& uri) {
  const std::string start = "data:image/png;base64,";
  if (uri.rfind(start, 0) != 0) throw std::runtime_error("no PNG data URI");
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : uri.substr(start.size())) {
    if (c == '=') break;
    group = group << 6U | static_cast<uint32_t>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> static_cast<unsigned>(bits) & 0xFFU);
  }
  return bytes;
}

// The JSON that the page was given.
inline nlohmann::json page_data(const std::string& page) {
  const std::string start = "id=\"report-data\">";
  size_t begin = page.find(start);
  if (begin == std::string::npos) {  // the packed page has no quotes that HTML can do without
    begin = page.find("id=report-data>");
    if (begin == std::string::npos) throw std::runtime_error("the page has no data");
  }
  begin = page.find('>', begin) + 1;
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

}  // namespace mkdt::testing
