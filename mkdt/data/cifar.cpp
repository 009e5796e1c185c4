#include "mkdt/data/cifar.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <optional>
#include <sstream>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/units.h"
#include "mkdt/data/resize.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kPixelBytes = int64_t{3} * 32 * 32;
constexpr uint64_t kMaxRecords = uint64_t{1} << 30;  // bytes of a file of records
constexpr uint64_t kMaxNames = 1 << 20;              // bytes of a file of class names

struct Layout {
  std::vector<fs::path> train;
  fs::path test;
  fs::path names;
  int64_t label_bytes;  // bytes of a record's label; the last of them counts
  int64_t classes;      // number of classes where the names are missing
  std::string normalisation;
};

// Returns the n of data_batch_<n>.bin, which has up to six digits.
std::optional<int64_t> batch_number(std::string_view name) {
  constexpr std::string_view kBegin = "data_batch_";
  constexpr std::string_view kEnd = ".bin";
  if (name.size() <= kBegin.size() + kEnd.size() || name.substr(0, kBegin.size()) != kBegin ||
      name.substr(name.size() - kEnd.size()) != kEnd) {
    return std::nullopt;
  }
  name.remove_prefix(kBegin.size());
  name.remove_suffix(kEnd.size());
  const std::optional<int64_t> number = parse_integer(name);
  return number && *number >= 0 && name.size() <= 6 ? number : std::nullopt;
}

// Lists the training files, ascending in n.
std::vector<fs::path> data_batches(const fs::path& folder) {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const auto number = batch_number(entry.path().filename().string());
    if (number) found.emplace_back(*number, entry);
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> paths;
  paths.reserve(found.size());
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

// Returns `folder`, or the folder in it to which the archive with the binary version unpacks.
fs::path folder_of_records(const fs::path& folder) {
  const auto has = [](const fs::path& place) {
    return !data_batches(place).empty() || fs::exists(place / "train.bin");
  };
  if (has(folder)) return folder;
  for (const char* unpacked : {"cifar-10-batches-bin", "cifar-100-binary"}) {
    if (has(folder / unpacked)) return folder / unpacked;
  }
  return {};
}

bool begins_like_a_pickle(const fs::path& path) {
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return false;
  const RegularFile file(path);
  uint8_t first = 0;
  return ::read(file.descriptor(), &first, 1) == 1 && first == 0x80;
}

Layout find_layout(const fs::path& root) {
  refuse_cifar_pickles(root);
  const fs::path folder = folder_of_records(root);
  std::vector<fs::path> batches = folder.empty() ? std::vector<fs::path>() : data_batches(folder);
  if (!batches.empty()) {
    return {std::move(batches), folder / "test_batch.bin", folder / "batches.meta.txt", 1, 10,
            "cifar10"};
  }
  if (!folder.empty()) {
    return {{folder / "train.bin"},
            folder / "test.bin",
            folder / "fine_label_names.txt",
            2,
            100,
            "cifar100"};
  }
  throw Error(
      fmt::format("{}: expected data_batch_1.bin (CIFAR-10) or train.bin (CIFAR-100) in it; for "
                  "images of any other kind set data.format to auto",
                  root.string()));
}

// Reads one name a line; without such a file, names are numbers.
std::vector<std::string> read_class_names(const Layout& layout) {
  std::vector<std::string> names;
  if (!fs::exists(layout.names)) {
    for (int64_t i = 0; i < layout.classes; ++i) names.push_back(std::to_string(i));
    return names;
  }
  std::istringstream lines(read_regular_file(layout.names, kMaxNames));
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.empty()) throw Error(fmt::format("{}: no class names in it", layout.names.string()));
  return names;
}

struct Records {
  torch::Tensor images;  // uint8 [N,3,32,32]
  torch::Tensor labels;  // int64 [N]
};

Records read_records(const fs::path& path, int64_t label_bytes, int64_t classes) {
  const int64_t record = label_bytes + kPixelBytes;
  const std::string bytes = read_regular_file(path, kMaxRecords);
  const auto size = static_cast<int64_t>(bytes.size());
  if (size == 0 || size % record != 0) {
    throw Error(fmt::format("{}: {} bytes is not a whole number of records of {} bytes",
                            path.string(), size, record));
  }
  const int64_t count = size / record;
  Records records{torch::empty({count, 3, 32, 32}, torch::kUInt8),
                  torch::empty({count}, torch::kInt64)};
  auto* pixels = records.images.data_ptr<uint8_t>();
  auto* labels = records.labels.data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    const char* data = bytes.data() + i * record + label_bytes;
    labels[i] = static_cast<uint8_t>(data[-1]);
    if (labels[i] >= classes) {
      throw Error(fmt::format("{}: record {} has label {}, but there are {} classes", path.string(),
                              i, labels[i], classes));
    }
    std::memcpy(pixels + i * kPixelBytes, data, kPixelBytes);
  }
  return records;
}

}  // namespace

bool has_cifar(const fs::path& folder) { return !folder_of_records(folder).empty(); }

void refuse_cifar_pickles(const fs::path& folder) {
  if (has_cifar(folder)) return;
  struct Version {
    const char* unpacked;
    const char* first;    // a file that the folder has
    const char* archive;  // the archive with the binary version
    const char* files;    // the files for Python
    const char* labels;
  };
  constexpr Version kVersions[] = {
      {"cifar-10-batches-py", "data_batch_1", "cifar-10-binary.tar.gz",
       "['data_batch_%d'%i for i in range(1,6)]+['test_batch']", "d[b'labels']"},
      {"cifar-100-python", "train", "cifar-100-binary.tar.gz", "['train','test']",
       "d[b'coarse_labels'],d[b'fine_labels']"}};
  for (const Version& version : kVersions) {
    for (const fs::path& place : {folder, folder / version.unpacked}) {
      if (!begins_like_a_pickle(place / version.first)) continue;
      throw Error(fmt::format(
          "{}: CIFAR's Python version, whose pickles mkdt does not run; unpack the binary version "
          "({}), or write it from this one: cd '{}' && python3 -c \"import pickle,numpy; "
          "[open(f+'.bin','wb').write(numpy.c_[{},d[b'data']].astype('u1').tobytes()) for f in {} "
          "for d in [pickle.load(open(f,'rb'),encoding='bytes')]]\"",
          (place / version.first).string(), version.archive, place.string(), version.labels,
          version.files));
    }
  }
}

std::vector<fs::path> cifar_files(const fs::path& folder) {
  const Layout layout = find_layout(folder);
  std::vector<fs::path> files = layout.train;
  for (const fs::path& file : {layout.test, layout.names}) {
    if (fs::exists(file)) files.push_back(file);
  }
  return files;
}

ImageSplits read_cifar(const fs::path& folder, const ReadOptions& options, Observer& observer) {
  const Layout layout = find_layout(folder);
  const std::vector<std::string> names = read_class_names(layout);
  const auto classes = static_cast<int64_t>(names.size());

  std::future<Records> test;
  if (fs::exists(layout.test)) {
    // At the same time, or within get() where the system has no more threads.
    test = std::async([&] { return read_records(layout.test, layout.label_bytes, classes); });
  }
  std::vector<torch::Tensor> images;
  std::vector<torch::Tensor> labels;
  for (const fs::path& path : layout.train) {
    const Records records = read_records(path, layout.label_bytes, classes);
    images.push_back(records.images);
    labels.push_back(records.labels);
  }

  ImageSplits splits;
  splits.published_normalisation = layout.normalisation;
  splits.train.images = torch::cat(images);
  splits.train.labels = torch::cat(labels);
  splits.train.class_names = names;
  splits.source_rows = splits.train.size();
  splits.train_rows = first_rows(splits.train.size(), options.limit);
  splits.train = resized(splits.train.subset(splits.train_rows), options.image_size, observer);
  if (test.valid()) {
    const Records records = test.get();
    ImageSet& set = splits.test.emplace();
    set.images = records.images;
    set.labels = records.labels;
    set.class_names = names;
    set = resized(set, options.image_size, observer);
  }
  return splits;
}

}  // namespace mkdt
