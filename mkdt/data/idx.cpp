#include "mkdt/data/idx.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include "mkdt/base/error.h"
#include "mkdt/data/resize.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// The parts of a file's name.
struct IdxName {
  std::string set;
  std::string split;  // "train", "t10k" or "test"
  bool images = false;
  int rank = 0;  // among files of the same parts, the one of the lowest rank is taken
};

bool take_end(std::string& text, std::string_view end) {
  if (text.size() < end.size() || text.compare(text.size() - end.size(), end.size(), end) != 0) {
    return false;
  }
  text.resize(text.size() - end.size());
  return true;
}

std::optional<IdxName> parse_name(const std::string& file) {
  std::string text = file;
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  IdxName name;
  if (take_end(text, ".gz")) name.rank = 1;
  std::string hyphens = text;
  for (char& letter : hyphens) {
    if (letter == '.' || letter == '_') letter = '-';
  }
  if (hyphens != text) name.rank += 2;
  name.images = take_end(hyphens, "-images-idx3-ubyte");
  if (!name.images && !take_end(hyphens, "-labels-idx1-ubyte")) return std::nullopt;
  for (const char* split : {"train", "t10k", "test"}) {
    if (!take_end(hyphens, split)) continue;
    if (!hyphens.empty() && !take_end(hyphens, "-")) return std::nullopt;
    name.set = hyphens;
    name.split = split;
    return name;
  }
  return std::nullopt;
}

// Files by the parts of their names: set, split, images or labels.
using Key = std::tuple<std::string, std::string, bool>;
struct Found {
  int rank = 0;
  fs::path path;
};
using Files = std::map<Key, Found>;

void note(const IdxName& name, const fs::path& path, Files& files) {
  const auto [place, fresh] =
      files.try_emplace(Key(name.set, name.split, name.images), Found{name.rank, path});
  Found& found = place->second;
  if (!fresh && std::tie(name.rank, path) < std::tie(found.rank, found.path)) {
    found = {name.rank, path};
  }
}

void list_files(const fs::path& folder, bool and_folders, Files& files) {
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    const auto name = parse_name(entry.path().filename().string());
    if (!name) continue;
    if (entry.is_regular_file(code)) note(*name, entry.path(), files);
    if (and_folders && entry.is_directory(code)) list_files(entry.path(), false, files);
  }
}

Files files_below(const fs::path& folder) {
  Files files;
  list_files(folder, true, files);
  std::error_code code;
  if (!files.empty()) return files;
  for (const char* name : {"raw", "gzip"}) list_files(folder / name, true, files);
  if (!files.empty()) return files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
    if (entry.is_directory(code)) list_files(entry.path() / "raw", true, files);
  }
  return files;
}

// Returns the set that has training images; one without a name goes before others.
std::optional<std::string> set_of(const Files& files, const fs::path& folder) {
  std::vector<std::string> sets;
  for (const auto& [key, found] : files) {
    const auto& [set, split, images] = key;
    if (split == "train" && images) sets.push_back(set);
  }
  if (sets.empty()) return std::nullopt;
  if (sets.size() == 1 || sets.front().empty()) return sets.front();
  throw Error(
      fmt::format("{}: it holds several sets of IDX files: {}; put the one that is wanted "
                  "into a folder of its own",
                  folder.string(), fmt::join(sets, ", ")));
}

std::optional<IdxSplit> find_split(const Files& files, const std::string& set,
                                   const std::string& split) {
  const auto images = files.find(Key(set, split, true));
  if (images == files.end()) return std::nullopt;
  const auto labels = files.find(Key(set, split, false));
  if (labels == files.end()) {
    throw Error(fmt::format("{}: no {}{}{}-labels-idx1-ubyte[.gz] beside it",
                            images->second.path.string(), set, set.empty() ? "" : "-", split));
  }
  return IdxSplit{images->second.path, labels->second.path};
}

}  // namespace

std::optional<IdxLayout> find_idx(const fs::path& folder) {
  const Files files = files_below(folder);
  const std::optional<std::string> set = set_of(files, folder);
  if (!set) return std::nullopt;
  IdxLayout layout;
  layout.set = *set;
  layout.train = *find_split(files, *set, "train");
  layout.test = find_split(files, *set, "t10k");
  if (!layout.test) layout.test = find_split(files, *set, "test");
  return layout;
}

namespace {

constexpr int64_t kMaxValues = int64_t{1} << 32;  // in one file
constexpr int64_t kMaxSide = 65'536;
constexpr int64_t kMaxRows = 100'000'000;
constexpr int64_t kFirstBlock = 1 << 16;
constexpr int64_t kLargestBlock = 1 << 30;

// Reads a gzip file, or any other as it is.
class GzipFile {
 public:
  explicit GzipFile(const fs::path& path) : path_(path) {
    regular_file_size(path);  // throws Error for anything but a file
    file_ = gzopen(path.c_str(), "rb");
    if (file_ == nullptr) throw Error(fmt::format("{}: cannot read it", path.string()));
    gzbuffer(file_, 1 << 17);
  }
  ~GzipFile() { gzclose(file_); }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  // Returns fewer than `size` bytes only at the end of the file.
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
    // Sizes after the first are an image's sides; the product cannot overflow.
    const int64_t most = i == 0 ? kMaxRows : kMaxSide;
    if (sizes[i] < 1 || sizes[i] > most || (total *= sizes[i]) > kMaxValues) {
      throw Error(fmt::format("{}: impossible sizes [{}]", origin, fmt::join(sizes, ", ")));
    }
  }
  return sizes;
}

ImageSet read_split(const IdxSplit& files, bool transposed, int64_t image_size) {
  ImageSet set;
  set.images = read_idx_file(files.images, 3).unsqueeze(1);
  set.labels = read_idx_file(files.labels, 1).to(torch::kInt64);
  if (set.images.size(0) != set.labels.size(0)) {
    throw Error(fmt::format("{}: {} labels, but {} has {} images", files.labels.string(),
                            set.labels.size(0), files.images.filename().string(), set.size()));
  }
  if (set.images.size(2) != set.images.size(3) && image_size == 0) {
    throw Error(
        fmt::format("{}: images of {}×{} pixels are not square; set data.image_size to "
                    "have them resized and cropped",
                    files.images.string(), set.images.size(3), set.images.size(2)));
  }
  if (transposed) set.images = set.images.transpose(2, 3).contiguous();
  return set;
}

// Names the classes by their numbers. Where no label is 0 (EMNIST's letters), classes begin at 1.
void name_classes(ImageSplits& splits) {
  auto first = splits.train.labels.min().item<int64_t>();
  auto last = splits.train.labels.max().item<int64_t>();
  if (splits.test) {
    first = std::min(first, splits.test->labels.min().item<int64_t>());
    last = std::max(last, splits.test->labels.max().item<int64_t>());
  }
  if (first != 1) first = 0;
  std::vector<std::string> names;
  for (int64_t i = first; i <= last; ++i) names.push_back(std::to_string(i));
  splits.train.labels -= first;
  splits.train.class_names = names;
  if (!splits.test) return;
  splits.test->labels -= first;
  splits.test->class_names = names;
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
    // The buffer grows by as much again as came so far.
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

bool has_idx(const fs::path& folder) { return find_idx(folder).has_value(); }

std::vector<fs::path> idx_files(const fs::path& folder) {
  const std::optional<IdxLayout> layout = find_idx(folder);
  if (!layout) return {};
  std::vector<fs::path> files = {layout->train.images, layout->train.labels};
  if (layout->test) {
    files.push_back(layout->test->images);
    files.push_back(layout->test->labels);
  }
  return files;
}

ImageSplits read_idx(const fs::path& folder, const ReadOptions& options, Observer& observer) {
  const std::optional<IdxLayout> layout = find_idx(folder);
  if (!layout) {
    throw Error(fmt::format("{}: no train-images-idx3-ubyte[.gz] in it", folder.string()));
  }
  if (layout->transposed()) {
    observer.info(fmt::format("{}: EMNIST's rows are columns; its images are transposed back",
                              layout->train.images.string()));
  }
  const auto read = [&](const IdxSplit& files) {
    return read_split(files, layout->transposed(), options.image_size);
  };
  std::future<ImageSet> test;
  // At the same time, or within get() where the system has no more threads.
  if (layout->test) test = std::async([&] { return read(*layout->test); });
  ImageSplits splits;
  splits.train = read(layout->train);
  if (test.valid()) splits.test = test.get();

  name_classes(splits);
  splits.source_rows = splits.train.size();
  splits.train_rows = first_rows(splits.train.size(), options.limit);
  splits.train = resized(splits.train.subset(splits.train_rows), options.image_size, observer);
  if (splits.test) splits.test = resized(*splits.test, options.image_size, observer);
  return splits;
}

}  // namespace mkdt
