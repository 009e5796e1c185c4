#include "mkdt/data/idx.h"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "mkdt/core/error.h"
#include "mkdt/core/regular_file.h"
#include "mkdt/data/resize.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 32;  // of one file's values
constexpr int64_t kMaxSide = 65'536;
constexpr int64_t kMaxRows = 100'000'000;
constexpr int64_t kFirstBlock = 1 << 16;
constexpr int64_t kLargestBlock = 1 << 30;

// A gzip file, or any other as it is.
class GzipFile {
 public:
  explicit GzipFile(const fs::path& path) : path_(path) {
    regular_file_size(path);  // or Error
    file_ = gzopen(path.c_str(), "rb");
    if (file_ == nullptr) throw Error(fmt::format("{}: cannot read it", path.string()));
    gzbuffer(file_, 1 << 17);
  }
  ~GzipFile() { gzclose(file_); }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  // Fewer than `size` bytes only at the end of the file.
  int64_t read(uint8_t* to, int64_t size) {
    const int got = gzread(file_, to, static_cast<unsigned>(size));
    int code = Z_OK;
    const char* message = gzerror(file_, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      throw Error(fmt::format("{}: damaged or truncated gzip file: {}", path_.string(), message));
    }
    return got;
  }

 private:
  fs::path path_;
  gzFile file_ = nullptr;
};

std::vector<int64_t> read_header(GzipFile& file, const std::string& origin, int64_t rank) {
  std::array<uint8_t, 4> magic{};
  if (file.read(magic.data(), 4) != 4 || magic[0] != 0 || magic[1] != 0) {
    throw Error(fmt::format("{}: not an IDX file", origin));
  }
  if (magic[2] != 8 || magic[3] != rank) {
    throw Error(
        fmt::format("{}: expected unsigned bytes (type 8) in {} dimensions, but found type "
                    "{} in {} dimensions",
                    origin, rank, magic[2], magic[3]));
  }
  std::vector<int64_t> sizes;
  for (int64_t i = 0; i < rank; ++i) {
    std::array<uint8_t, 4> bytes{};
    if (file.read(bytes.data(), 4) != 4) throw Error(fmt::format("{}: truncated header", origin));
    sizes.push_back(int64_t{bytes[0]} << 24 | int64_t{bytes[1]} << 16 | int64_t{bytes[2]} << 8 |
                    int64_t{bytes[3]});
  }
  int64_t total = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    // After the first one, sizes are of an image's sides; the product cannot overflow.
    const int64_t most = i == 0 ? kMaxRows : kMaxSide;
    if (sizes[i] < 1 || sizes[i] > most || (total *= sizes[i]) > kMaxBytes) {
      throw Error(fmt::format("{}: impossible sizes [{}]", origin, fmt::join(sizes, ", ")));
    }
  }
  return sizes;
}

// The file of that stem, e.g. "train-images" and "idx3", under any of its names; empty if none.
fs::path find_file(const fs::path& folder, const std::string& stem, const std::string& kind) {
  for (const char* separator : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      fs::path path = folder / fmt::format("{}{}{}-ubyte{}", stem, separator, kind, ending);
      if (fs::exists(path)) return path;
    }
  }
  return {};
}

ImageSet read_split(const fs::path& folder, const std::string& split, int64_t image_size) {
  const fs::path image_path = find_file(folder, split + "-images", "idx3");
  const fs::path label_path = find_file(folder, split + "-labels", "idx1");
  if (image_path.empty() || label_path.empty()) {
    throw Error(fmt::format("{}: no {}-{}-ubyte[.gz] in it", folder.string(), split,
                            image_path.empty() ? "images-idx3" : "labels-idx1"));
  }
  ImageSet set;
  set.images = read_idx_file(image_path, 3).unsqueeze(1);
  set.labels = read_idx_file(label_path, 1).to(torch::kInt64);
  if (set.images.size(0) != set.labels.size(0)) {
    throw Error(fmt::format("{}: {} labels, but {} has {} images", label_path.string(),
                            set.labels.size(0), image_path.filename().string(), set.size()));
  }
  if (set.images.size(2) != set.images.size(3) && image_size == 0) {
    throw Error(
        fmt::format("{}: images of {}×{} pixels are not square; set data.image_size to "
                    "have them resized and cropped",
                    image_path.string(), set.images.size(3), set.images.size(2)));
  }
  return set;
}

}  // namespace

torch::Tensor read_idx_file(const fs::path& path, int64_t rank) {
  GzipFile file(path);
  const std::vector<int64_t> sizes = read_header(file, path.string(), rank);
  int64_t total = 1;
  for (const int64_t size : sizes) total *= size;

  auto values = std::make_unique<std::vector<uint8_t>>();
  int64_t have = 0;
  while (have < total) {
    // As much again as came so far.
    const int64_t wanted = std::min(total - have, std::clamp(have, kFirstBlock, kLargestBlock));
    values->resize(static_cast<size_t>(have + wanted));
    const int64_t got = file.read(values->data() + have, wanted);
    have += got;
    if (got < wanted) {
      throw Error(fmt::format("{}: truncated: {} of {} bytes", path.string(), have, total));
    }
  }
  uint8_t more = 0;
  if (file.read(&more, 1) != 0) {
    throw Error(
        fmt::format("{}: longer than the {} bytes that its header gives", path.string(), total));
  }
  uint8_t* data = values->data();
  return torch::from_blob(
      data, sizes, [owner = values.release()](void*) { delete owner; }, torch::kUInt8);
}

bool has_idx(const fs::path& folder) { return !find_file(folder, "train-images", "idx3").empty(); }

std::vector<fs::path> idx_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const char* split : {"train", "t10k"}) {
    const fs::path images = find_file(folder, std::string(split) + "-images", "idx3");
    const fs::path labels = find_file(folder, std::string(split) + "-labels", "idx1");
    if (images.empty()) continue;  // labels alone are not read
    files.push_back(images);
    if (!labels.empty()) files.push_back(labels);
  }
  return files;
}

ImageSplits read_idx(const fs::path& folder, const ReadOptions& options, Observer& observer) {
  std::future<ImageSet> test;
  if (!find_file(folder, "t10k-images", "idx3").empty()) {
    test = std::async(std::launch::async,
                      [&] { return read_split(folder, "t10k", options.image_size); });
  }
  ImageSplits splits;
  splits.train = read_split(folder, "train", options.image_size);
  if (test.valid()) splits.test = test.get();

  auto classes = splits.train.labels.max().item<int64_t>() + 1;
  if (splits.test) classes = std::max(classes, splits.test->labels.max().item<int64_t>() + 1);
  std::vector<std::string> names;
  for (int64_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));

  splits.train.class_names = names;
  splits.source_rows = splits.train.size();
  splits.train_rows = first_rows(splits.train.size(), options.limit);
  splits.train = resized(splits.train.subset(splits.train_rows), options.image_size, observer);
  if (splits.test) {
    splits.test->class_names = names;
    splits.test = resized(*splits.test, options.image_size, observer);
  }
  return splits;
}

}  // namespace mkdt
