// One image file to pixels and back, the endings that image files have, and what is wrong with
// those that are none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

// Larger pictures are refused before memory is taken for them, and so are those with more pixels
// than their bytes can hold.
constexpr int64_t kMaxPixels = 178'000'000;
constexpr int64_t kMaxPixelsPerByte = 1040;

// uint8 [C,H,W] with C = 1 for grey images and 3 for all others. The format is recognised by the
// contents. JPEG: CMYK becomes RGB, the EXIF orientation is applied. PNG: palettes are resolved,
// 16 bits reduced to 8, transparency put on white. Throws Error naming the file, also for a file
// that ends too early. Bounds: files of 1 GiB; 16 bytes of memory a pixel, and a few times the
// file.
torch::Tensor read_image(const std::filesystem::path& path);

// image uint8 [C,H,W], C 1 or 3; atomic.
void write_png(const std::filesystem::path& path, const torch::Tensor& image);

// The names of files that are read as images.

// The ending of a file's name, in small letters: ".jpg"; empty if it has none.
std::string ending_of(const std::filesystem::path& path);

// .jpg, .jpeg or .png
bool is_image_ending(const std::string& ending);

// What a file is that was taken for an image and is none, as far as its first bytes say.

// "a WebP image", "a Git LFS pointer, not the image itself; `git lfs pull` fetches it", …;
// empty where the bytes do not say. `bytes` of the file's beginning; 512 are enough.
std::string kind_of_file(std::string_view bytes);

// Files that could not be read, found in one pass and told together.

class DamagedFiles {
 public:
  // `index` orders them; `message` names the file. May be called from any thread.
  void add(int64_t index, const std::string& message);

  // Error with the messages of the first ten, in their order, and how many there are of `of`.
  void throw_if_any(int64_t of) const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> first_;
  int64_t count_ = 0;
};

}  // namespace mkdt
