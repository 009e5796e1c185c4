#include "mkdt/data/source_files.h"

#include <algorithm>

#include "mkdt/data/cifar.h"
#include "mkdt/data/dataset.h"
#include "mkdt/data/idx.h"
#include "mkdt/data/image_list.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

ImageListSplits list(const DataOptions& options) {
  return list_images(options.root, {options.labels, options.classes == "train"});
}

std::vector<fs::path> files_of_folder(const DataOptions& options) {
  ImageListSplits found = list(options);
  std::vector<fs::path> files = std::move(found.besides);
  files.insert(files.end(), found.train.files.begin(), found.train.files.end());
  files.insert(files.end(), found.test.files.begin(), found.test.files.end());
  return files;
}

}  // namespace

std::vector<fs::path> source_files(const DataOptions& options) {
  const std::string format = data_format(options);
  std::vector<fs::path> files;
  if (format == "cifar") files = cifar_files(options.root);
  if (format == "idx") files = idx_files(options.root);
  if (format == "folder") files = files_of_folder(options);
  std::sort(files.begin(), files.end());
  return files;
}

ImageNames image_names(const DataOptions& options) {
  if (data_format(options) != "folder") return {};
  const ImageListSplits found = list(options);
  return {names_below(options.root, found.train.files),
          names_below(options.root, found.test.files)};
}

}  // namespace mkdt
