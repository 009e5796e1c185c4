#include "mkdt/data/file_kind.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace mkdt {
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

// The two letters alone are too few: a size, and zeros, follow.
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

}  // namespace mkdt
