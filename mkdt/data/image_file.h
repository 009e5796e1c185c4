// Reads and writes one image file, knows the endings of such files, and says what is wrong with
// files that are no images.
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

// Reads an image as uint8 [C,H,W] with C = 1 for grey images and 3 for all others. The format is
// recognised by the contents. JPEG: CMYK becomes RGB, the EXIF orientation is applied. PNG:
// palettes are resolved, 16 bits reduced to 8, transparency put on white. Throws Error naming the
// file, also for a file that ends too early. Bounds: files of 1 GiB; 16 bytes of memory a pixel,
// and a few times the file.
torch::Tensor read_image(const std::filesystem::path& path);

// Writes an image, uint8 [C,H,W] with C 1 or 3, atomically.
void write_png(const std::filesystem::path& path, const torch::Tensor& image);

// Returns the ending of a file's name, in small letters: ".jpg"; empty if it has none.
std::string ending_of(const std::filesystem::path& path);

// Tells whether files with this ending are read as images: .jpg, .jpeg or .png.
bool is_image_ending(const std::string& ending);

// Says by its first bytes (512 are enough) what a file is that was taken for an image and is none:
// "a WebP image", "a Git LFS pointer, not the image itself; `git lfs pull` fetches it", …; empty
// where the bytes do not tell.
std::string kind_of_file(std::string_view bytes);

// Collects the files that could not be read in one pass, to name them together.
class DamagedFiles {
 public:
  // `index` orders them; `message` names the file. May be called from any thread.
  void add(int64_t index, const std::string& message);

  // Throws Error with the messages of the first ten, in their order, and how many there are of
  // `of`.
  void throw_if_any(int64_t of) const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> first_;
  int64_t count_ = 0;
};

}  // namespace mkdt
