#include "mkdt/data/image_file.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/jpeg.h"
#include "mkdt/data/png.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

bool starts_with(const std::string& bytes, std::string_view start) {
  return bytes.compare(0, start.size(), start) == 0;
}

}  // namespace

torch::Tensor read_image(const std::filesystem::path& path) {
  const std::string bytes = read_regular_file(path, kMaxFileBytes);
  if (starts_with(bytes, "\xFF\xD8\xFF")) return decode_jpeg(bytes, path.string());
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return decode_png(bytes, path.string());
  const std::string kind = kind_of_file(std::string_view(bytes).substr(0, 512));
  throw Error(fmt::format("{}: not a JPEG or PNG image{}{}", path.string(),
                          kind.empty() ? "" : " but ", kind));
}

void write_png(const std::filesystem::path& path, const torch::Tensor& image) {
  write_text_atomically(path, encode_png(image));
}

std::string ending_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

bool is_image_ending(const std::string& ending) {
  return ending == ".jpg" || ending == ".jpeg" || ending == ".png";
}

namespace {

using std::string_view;

struct Magic {
  size_t offset;
  string_view bytes;
  const char* what;
};

constexpr Magic kImages[] = {
    {8, "WEBP", "a WebP image"},
    {0, "GIF87a", "a GIF image"},
    {0, "GIF89a", "a GIF image"},
    {0, string_view("II*\0", 4), "a TIFF image"},
    {0, string_view("MM\0*", 4), "a TIFF image"},
    {0, string_view("\0\0\0\x0CJXL ", 8), "a JPEG XL image"},
    {0, "\xFF\x0A", "a JPEG XL image"},
    {0, string_view("\0\0\0\x0CjP  ", 8), "a JPEG 2000 image"},
    {0, "8BPS", "a Photoshop image"},
    {4, "ftypavif", "an AVIF image"},
    {4, "ftypavis", "an AVIF image"},
    {4, "ftyphei", "a HEIC image"},
    {4, "ftyphev", "a HEIC image"},
    {4, "ftypmif1", "a HEIF image"},
    {4, "ftypmsf1", "a HEIF image"},
    {0, "P5\n", "a PGM image"},
    {0, "P6\n", "a PPM image"},
};

constexpr Magic kOthers[] = {
    {4, "ftyp", "a film or another file of MPEG-4's family"},
    {0, "%PDF", "a PDF document"},
    {0, "PK\x03\x04", "a zip archive"},
    {0, "\x1F\x8B", "a gzip file"},
    {0, "\x93NUMPY", "a NumPy array"},
    {0, string_view("\0\x05\x16\x07", 4), "macOS's notes on a file (AppleDouble)"},
};

bool has(string_view bytes, size_t offset, string_view part) {
  return bytes.size() >= offset + part.size() && bytes.substr(offset, part.size()) == part;
}

// Tells whether it is a BMP. The two letters alone are too few: a size, and zeros, follow.
bool is_bmp(string_view bytes) {
  return has(bytes, 0, "BM") && has(bytes, 6, string_view("\0\0\0\0", 4));
}

std::string small_start(string_view bytes) {
  if (has(bytes, 0, "\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const size_t begin = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  std::string text(bytes.substr(begin, 256));
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string kind_of_text(string_view bytes) {
  if (has(bytes, 0, "version https://git-lfs.github.com/")) {
    return "a Git LFS pointer, not the image itself; `git lfs pull` fetches it";
  }
  const std::string text = small_start(bytes);
  if (has(text, 0, "<!doctype html") || has(text, 0, "<html") || has(text, 0, "<head")) {
    return "an HTML page, perhaps the message of a failed download";
  }
  if (has(text, 0, "<svg") || (has(text, 0, "<?xml") && text.find("<svg") != std::string::npos)) {
    return "an SVG image; only JPEG and PNG images are read, so convert it";
  }
  if (has(text, 0, "<?xml")) return "an XML file, perhaps the message of a failed download";
  return "";
}

}  // namespace

std::string kind_of_file(string_view bytes) {
  if (bytes.empty()) return "an empty file";
  for (const Magic& magic : kImages) {
    if (!has(bytes, magic.offset, magic.bytes)) continue;
    return fmt::format("{}; only JPEG and PNG images are read, so convert it", magic.what);
  }
  if (is_bmp(bytes)) return "a BMP image; only JPEG and PNG images are read, so convert it";
  for (const Magic& magic : kOthers) {
    if (has(bytes, magic.offset, magic.bytes)) return magic.what;
  }
  const std::string text = kind_of_text(bytes);
  if (!text.empty()) return text;
  const bool zeros = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
  return zeros ? "zeros at its beginning, as a copy that did not end leaves" : "";
}

namespace {

constexpr size_t kMost = 10;  // named in a message

}  // namespace

void DamagedFiles::add(int64_t index, const std::string& message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++count_;
  first_[index] = message;
  if (first_.size() > kMost) first_.erase(std::prev(first_.end()));
}

void DamagedFiles::throw_if_any(int64_t of) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (count_ == 0) return;
  if (count_ == 1) throw Error(first_.begin()->second);
  std::string text = fmt::format("{} of {} images cannot be read", count_, of);
  const char* separator = ": ";
  for (const auto& [index, message] : first_) {
    text += separator + message;
    separator = "; ";
  }
  const auto left_out = count_ - static_cast<int64_t>(first_.size());
  if (left_out > 0) text += fmt::format("; and {} more", left_out);
  throw Error(text);
}

}  // namespace mkdt
