// The first byte says which of the two formats it is, and whether what follows are names of
// classes or records; records are filled up to a whole number of them, or none would ever be.
#include <cstdlib>
#include <unistd.h>
#include <vector>

#include "mkdt/data/cifar.h"
#include "tests/fuzz/hostile_input.h"

namespace {

using namespace mkdt::fuzz;

// A folder whose files are in memory.
class Folder {
 public:
  Folder(const char* records_name, const char* names_name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "mkdt-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) finding("no folder");
    path_ = pattern;
    std::filesystem::create_symlink(records.path(), path_ / records_name);
    std::filesystem::create_symlink(names.path(), path_ / names_name);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  InputFile records;
  InputFile names;

 private:
  std::filesystem::path path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder kTen("data_batch_1.bin", "batches.meta.txt");
  static const Folder kHundred("train.bin", "fine_label_names.txt");
  static const std::string kNames = "apple\nbear\n";
  if (size == 0) return 0;
  const Folder& folder = (data[0] & 1U) != 0 ? kTen : kHundred;
  const size_t record = (data[0] & 1U) != 0 ? 3073 : 3074;
  std::vector<uint8_t> rest(data + 1, data + size);
  if ((data[0] & 2U) != 0) {
    folder.names.fill(rest.data(), rest.size());
    rest.assign(record, 0);
  } else {
    folder.names.fill(reinterpret_cast<const uint8_t*>(kNames.data()), kNames.size());
    if ((data[0] & 4U) != 0) rest.resize((rest.size() / record + 1) * record);
  }
  folder.records.fill(rest.data(), rest.size());
  return expect_error_at_worst([&] {
    mkdt::Observer silent;
    const mkdt::ImageSplits splits = mkdt::read_cifar(folder.path(), {}, silent);
    const auto classes = static_cast<int64_t>(splits.train.class_names.size());
    if (splits.train.labels.max().item<int64_t>() >= classes) finding("a label of no class");
    touch(splits.train.images);
  });
}
