#include "mkdt/data/image_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/base/error.h"
#include "mkdt/base/threads.h"
#include "mkdt/base/version.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/growing_tensor_file.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPlanes = "images";
constexpr const char* kColour = "colour";
constexpr const char* kChecksums = "checksums";
constexpr const char* kState = "state";
constexpr int64_t kDigits = 32;         // of a block's checksum
constexpr size_t kNameCharacters = 40;  // of the images' folder in the name of their file

// Returns the last part of a path with nothing but what every file system takes.
std::string plain_name(const fs::path& root) {
  const fs::path whole = fs::absolute(root).lexically_normal();
  std::string name = (whole.has_filename() ? whole : whole.parent_path()).filename().string();
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        return !(('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z'));
      },
      '_');
  return name.substr(0, kNameCharacters);
}

// Some images one after the other, which are written together.
struct Block {
  torch::Tensor images, colour;  // uint8 [n,3,S,S], [n]
  int64_t left = 0;              // images that are not decoded yet
  bool damaged = false;

  torch::Tensor checksum() const {
    const std::string digits = mkdt::checksum(images) + mkdt::checksum(colour);
    return torch::tensor(std::vector<uint8_t>(digits.begin(), digits.end()), torch::kUInt8)
        .unsqueeze(0);
  }
};

// The blocks of a store that is being filled. A block is in memory from its first image to its last
// one.
class Blocks {
 public:
  Blocks(const GrowingTensorFile& file, int64_t count, int64_t size)
      : file_(file), count_(count), size_(size), rows_(rows_of_block(size)) {}

  static int64_t rows_of_block(int64_t size) {
    constexpr int64_t kBytes = int64_t{4} << 20;
    return std::max<int64_t>(1, kBytes / (3 * size * size));
  }
  static int64_t number_of(int64_t count, int64_t size) {
    return (count + rows_of_block(size) - 1) / rows_of_block(size);
  }

  // Returns the rows that are not written yet, or not as they were.
  std::vector<int64_t> missing_rows(Observer& observer) const {
    std::vector<int64_t> rows;
    for (int64_t begin = 0; begin < count_; begin += rows_) {
      throw_if_stopped(observer);
      if (is_written(begin)) continue;
      for (int64_t row = begin; row < begin + length(begin); ++row) rows.push_back(row);
    }
    return rows;
  }

  torch::Tensor plane(int64_t row) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Block& block = open_[begin_of(row)];
    if (!block.images.defined()) {
      block.left = length(begin_of(row));
      block.images = torch::empty({block.left, 3, size_, size_}, torch::kUInt8);
      block.colour = torch::zeros({block.left}, torch::kUInt8);
    }
    return block.images[row - begin_of(row)];
  }

  // The plane of this row is decoded. Writes its block if it was the last one.
  void finish(int64_t row, Decoded decoded) {
    Block whole;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      Block& block = open_.at(begin_of(row));
      block.colour.data_ptr<uint8_t>()[row - begin_of(row)] = decoded == Decoded::kColour ? 1 : 0;
      if (decoded == Decoded::kDamaged) damaged_ = block.damaged = true;
      if (--block.left > 0) return;
      whole = std::move(block);
      open_.erase(begin_of(row));
    }
    if (!whole.damaged) write(begin_of(row), whole);
  }

  bool damaged() const { return damaged_; }

 private:
  int64_t begin_of(int64_t row) const { return row / rows_ * rows_; }
  int64_t length(int64_t begin) const { return std::min(rows_, count_ - begin); }

  // The checksum comes last, and tells at the next start whether the rest has arrived.
  void write(int64_t begin, const Block& block) const {
    file_.write(kPlanes, begin, block.images);
    file_.write(kColour, begin, block.colour);
    file_.write(kChecksums, begin / rows_, block.checksum());
  }

  bool is_written(int64_t begin) const {
    const torch::Tensor checksum = file_.read(kChecksums, begin / rows_, 1);
    if (!checksum.any().item<bool>()) return false;
    Block block;
    block.images = file_.read(kPlanes, begin, length(begin));
    block.colour = file_.read(kColour, begin, length(begin));
    return torch::equal(checksum, block.checksum());
  }

  const GrowingTensorFile& file_;
  const int64_t count_, size_, rows_;
  std::mutex mutex_;
  std::map<int64_t, Block> open_;  // by its first row
  std::atomic<bool> damaged_{false};
};

}  // namespace

ImageStore::ImageStore(const Cache& cache, const fs::path& root, const std::vector<fs::path>& files,
                       int64_t image_size)
    : root_(fs::weakly_canonical(root)),
      count_(static_cast<int64_t>(files.size())),
      stamps_(stamps_of(root, files)),
      kept_(cache.keeps(stamps_)) {
  const std::string key = checksum(fmt::format("{} {}", stamps_.names, image_size));
  path_ = cache.images() / fmt::format("{}-{}.safetensors", plain_name(root), key);
}

// Returns the images as they lie in the file; undefined if they are of other files.
torch::Tensor ImageStore::read() const {
  const TensorFile file = read_safetensors(path_);
  const torch::Tensor& images = file.tensor(kPlanes);
  if (file.text(kState) != stamps_.state || images.dim() != 4 || images.size(0) != count_)
    return {};
  return file.tensor(kColour).any().item<bool>() ? images : images.narrow(1, 0, 1).contiguous();
}

torch::Tensor ImageStore::find(Observer& observer) const {
  if (!fs::exists(path_)) return {};
  try {
    torch::Tensor images = read();
    const std::string what = images.defined() ? fmt::format("{} images, decoded before", count_)
                                              : "files have changed since they were decoded";
    observer.info(fmt::format("{}: {} ({})", root_.string(), what, path_.string()));
    return images;
  } catch (const Error& error) {
    observer.warn(fmt::format("{}; the images are decoded again", error.what()));
    std::error_code ignored;
    fs::remove(path_, ignored);
    return {};
  }
}

torch::Tensor ImageStore::fill(int64_t size, const Decode& decode, Observer& observer) const {
  GrowingTensorFile file(
      path_,
      {{kPlanes, {torch::kUInt8, {count_, 3, size, size}}},
       {kColour, {torch::kUInt8, {count_}}},
       {kChecksums, {torch::kUInt8, {Blocks::number_of(count_, size), kDigits}}}},
      {{"kind", "mkdt decoded images"},
       {"root", root_.string()},
       {kState, stamps_.state},
       {"mkdt_version", version()}},
      observer);
  if (!file.is_finished()) {
    Blocks blocks(file, count_, size);
    const std::vector<int64_t> rows = blocks.missing_rows(observer);
    const auto missing = static_cast<int64_t>(rows.size());
    if (missing < count_) {
      observer.info(fmt::format("{}: {} of {} images were decoded before an interruption",
                                root_.string(), count_ - missing, count_));
    }
    for_each_image(
        missing,
        [&](int64_t i) {
          const int64_t row = rows[static_cast<size_t>(i)];
          blocks.finish(row, decode(row, blocks.plane(row)));
        },
        "decoding images", observer);
    if (blocks.damaged()) return {};
    file.finish();
  }
  return read();
}

std::vector<StoredImages> stored_images(const Cache& cache) {
  std::vector<StoredImages> found;
  std::error_code code;
  for (fs::directory_iterator file(cache.images(), code), end; !code && file != end;
       file.increment(code)) {
    const fs::path& path = file->path();
    StoredImages entry;
    entry.path = path;
    std::error_code ignored;
    entry.bytes = static_cast<int64_t>(fs::file_size(path, ignored));
    try {
      if (path.extension() == ".safetensors") entry.root = read_safetensors(path).text("root");
    } catch (const Error&) {
      entry.root.clear();
    }
    found.push_back(std::move(entry));
  }
  std::sort(found.begin(), found.end(),
            [](const StoredImages& a, const StoredImages& b) { return a.path < b.path; });
  return found;
}

}  // namespace mkdt
