#include "cli/inspect_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "mkdt/base/error.h"
#include "mkdt/base/text.h"
#include "mkdt/data/image_file.h"
#include "mkdt/io/json.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/regular_file.h"
#include "mkdt/io/safetensors.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr size_t kLongestText = 4000;        // bytes of a text that is shown
constexpr size_t kLongestValue = 100;        // bytes of one value of JSON
constexpr size_t kMostText = 16 << 20;       // bytes of a file that is printed
constexpr size_t kMostJsonLines = 64 << 20;  // bytes

std::string statistics(const torch::Tensor& tensor) {
  if (tensor.numel() == 0) return "empty";
  const torch::Tensor values = tensor.to(torch::kFloat64);
  if (values.numel() == 1) return fmt::format("{:g}", values.item<double>());
  return fmt::format("{:.4g} to {:.4g}, mean {:.4g}, std {:.4g}", values.min().item<double>(),
                     values.max().item<double>(), values.mean().item<double>(),
                     values.std(/*unbiased=*/false).item<double>());
}

void print_tensor(const std::string& name, const torch::Tensor& tensor) {
  fmt::print("  {:<28} {:<9} [{}]  {}\n", printable(name), c10::toString(tensor.scalar_type()),
             fmt::join(tensor.sizes().vec(), ","), statistics(tensor));
}

void inspect_safetensors(const fs::path& path) {
  const TensorFile file = read_safetensors(path);
  fmt::print("{}\n", path.string());
  for (const auto& [key, value] : file.metadata) {
    const bool lines = value.find('\n') != std::string::npos;
    fmt::print("  {}: {}\n", printable(key),
               lines ? "(text of several lines)" : printable(value, kLongestText));
  }
  for (const auto& [name, tensor] : file.tensors) print_tensor(name, tensor);
  for (const auto& [name, type] : file.passed_over) {
    fmt::print("  {:<28} {:<9} passed over: a type that mkdt does not read\n", printable(name),
               printable(type));
  }
}

void inspect_array(const fs::path& path) {
  const torch::Tensor array = read_npy(path);
  fmt::print("{}\n", path.string());
  print_tensor("array", array);
}

void inspect_image(const fs::path& path) {
  const torch::Tensor image = read_image(path);
  fmt::print("{}\n  {}×{} pixels, {}\n", path.string(), image.size(2), image.size(1),
             image.size(0) == 1 ? "grey" : "RGB");
  print_tensor("image", image);
}

// Returns "42", "\"text\"", "list of 3", "object of 2".
std::string value_text(const Json& value) {
  if (value.is_array()) return fmt::format("list of {}", value.size());
  if (value.is_object()) return fmt::format("object of {}", value.size());
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), kLongestValue);
}

void print_json(const Json& value) {
  const Json& first = value.is_array() && !value.empty() ? value.front() : value;
  if (value.is_array()) {
    fmt::print("  {}{}\n", value_text(value), value.empty() ? "" : "; the first one:");
  }
  if (!first.is_object()) {
    if (!value.is_array() || !value.empty()) fmt::print("  {}\n", value_text(first));
    return;
  }
  for (const auto& [key, entry] : first.items()) {
    fmt::print("  {}: {}\n", printable(key, kLongestValue), value_text(entry));
  }
}

Json parsed(const std::string& text, const fs::path& path) {
  try {
    check_json_depth(text, path.string());
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw Error(
        fmt::format("{}: not JSON: {}", path.string(), printable(error.what(), kLongestText)));
  }
}

void inspect_json(const fs::path& path) {
  const Json json = parsed(read_json_text(path), path);
  fmt::print("{}\n", path.string());
  print_json(json);
}

void inspect_json_lines(const fs::path& path) {
  const std::string text = read_regular_file(path, kMostJsonLines);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const std::string whole = text.substr(0, text.rfind('\n') + 1);  // one may be half written
  if (whole.empty()) throw Error(fmt::format("{}: no whole line in it", path.string()));
  const size_t before = whole.size() > 1 ? whole.rfind('\n', whole.size() - 2) : std::string::npos;
  const Json last = parsed(whole.substr(before == std::string::npos ? 0 : before + 1), path);
  fmt::print("{}\n  {} lines; the last one:\n", path.string(), lines);
  print_json(last);
}

void inspect_text(const fs::path& path) {
  std::istringstream lines(read_regular_file(path, kMostText));
  for (std::string line; std::getline(lines, line);)
    fmt::print("{}\n", printable(line, kLongestText));
}

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

struct Reader {
  const char* ending;
  void (*inspect)(const fs::path&);
};

constexpr std::array kReaders = {
    Reader{".safetensors", inspect_safetensors},
    Reader{".npy", inspect_array},
    Reader{".png", inspect_image},
    Reader{".jpg", inspect_image},
    Reader{".jpeg", inspect_image},
    Reader{".json", inspect_json},
    Reader{".jsonl", inspect_json_lines},
    Reader{".md", inspect_text},
    Reader{".toml", inspect_text},
    Reader{".csv", inspect_text},
    Reader{".tex", inspect_text},
    Reader{".txt", inspect_text},
    Reader{".svg", inspect_text},
    Reader{".py", inspect_text},
};

}  // namespace

void inspect_file(const fs::path& path) {
  const std::string ending = ending_of(path);
  for (const Reader& reader : kReaders) {
    if (ending == reader.ending) return reader.inspect(path);
  }
  if (!fs::exists(path)) throw Error(fmt::format("{}: no such file", path.string()));
  throw Error(fmt::format(
      "{}: mkdt inspect reads .safetensors, .npy, .json, .jsonl, .png, .jpg and texts such as .md; "
      "an .html opens in a browser, event files in TensorBoard",
      path.string()));
}

}  // namespace mkdt::cli
