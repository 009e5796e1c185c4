#include "mkdt/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/base/text.h"
#include "mkdt/data/cache.h"
#include "mkdt/data/cifar.h"
#include "mkdt/data/idx.h"
#include "mkdt/data/image_folder.h"
#include "mkdt/data/image_list.h"
#include "mkdt/data/image_set.h"
#include "mkdt/data/shapes.h"

namespace mkdt {

void DataOptions::declare(OptionSection& section) {
  section.add("format", format, {"auto", "cifar", "idx", "folder", "shapes"},
              "What the images lie in: CIFAR binary files, IDX files as of MNIST, folders of JPEG "
              "and PNG images, or the built-in shapes; auto looks into data.root.");
  section.add("root", root, "The folder with the images; not needed for the built-in shapes.");
  section.add("image_size", image_size, 0, 512,
              "Height and width in pixels (8 to 512) to which images are resized and cropped; 0 "
              "leaves them as they are.");
  section.add("normalisation", normalisation,
              {"auto", "measured", "cifar10", "cifar100", "tiny-imagenet", "imagenet", "aircraft",
               "cub", "dogs", "flowers"},
              "Mean and standard deviation of the pixels: measured on the training images, the "
              "published ones of a data set, or auto: published for CIFAR, measured for others.");
  section.add("validation_fraction", validation_fraction, 0.01, 0.5,
              "The part of the training images on which choices are made, never trained on.");
  section.add("limit", limit, 0, 1e9,
              "Use only that many training images, the first ones (of a folder: evenly spaced "
              "ones, as it is sorted by class); 0 uses all.");
  section.add("test_limit", test_limit, 0, 1e9,
              "Use only that many test images, chosen in the same way; 0 uses all.");
  section.add("labels", labels,
              "Whether the folders in a folder of images are classes, and the labels of other "
              "formats are used; false takes every set for unlabelled.");
  section.add(
      "classes", classes, {"same", "train"},
      "Of folders of images, which classes there are where the splits differ: the same ones "
      "or none (the run is refused), or those of the training images (test images of others "
      "are left out).");
  section.add(
      "cache", cache,
      "The folder that keeps decoded images, so that a folder of images is decoded once. auto "
      "is $XDG_CACHE_HOME/mkdt, or ~/.cache/mkdt, for files of 64 MiB and more together; "
      "none keeps nothing. `mkdt cache` lists what is there, `mkdt cache --clear` removes "
      "it.");
  section.add("shapes_train", shapes_train, 100, 1'000'000,
              "Number of training images of the built-in shapes.");
  section.add("shapes_test", shapes_test, 100, 1'000'000,
              "Number of test images of the built-in shapes.");
}

namespace fs = std::filesystem;
namespace {

constexpr int64_t kSmallestImage = 8;

void check_options(const DataOptions& options) {
  const int64_t size = options.image_size;
  if (size != 0 && (size < kSmallestImage || size > kLargestImage)) {
    throw Error(fmt::format("data.image_size: expected 0 or {} to {}, got {}", kSmallestImage,
                            kLargestImage, size));
  }
  if (options.normalisation != "auto" && options.normalisation != "measured" &&
      !published_normalisation(options.normalisation)) {
    throw Error(
        fmt::format("data.normalisation: expected auto, measured or a data set's name such "
                    "as cifar10, got '{}'",
                    options.normalisation));
  }
  if (options.format == "shapes") return;
  if (options.root.empty()) {
    throw Error(
        fmt::format("data.root: set it to the folder with the images (data.format is "
                    "'{}'; only 'shapes' needs none)",
                    options.format));
  }
  if (!fs::exists(options.root)) {
    throw Error(fmt::format("data.root: no such folder: '{}'", options.root));
  }
  if (!fs::is_directory(options.root)) {
    throw Error(fmt::format("data.root: not a folder: '{}'", options.root));
  }
}

// Tells whether a folder holds an unpacked archive. A folder that cannot be looked into has none.
bool has_archive(const fs::path& folder) {
  try {
    return fs::exists(folder / "data_batch_1.bin") || fs::exists(folder / "train.bin") ||
           has_idx(folder);
  } catch (const fs::filesystem_error&) {
    return false;
  }
}

// Throws Error where the folder of CIFAR's or MNIST's archive was forgotten, to which they unpack.
void check_not_too_high(const std::string& root) {
  std::error_code code;
  for (fs::directory_iterator entry(root, code), end; !code && entry != end;
       entry.increment(code)) {
    std::error_code ignored;
    const bool hidden = entry->path().filename().string().front() == '.';
    if (hidden || !entry->is_directory(ignored) || !has_archive(entry->path())) continue;
    throw Error(fmt::format("data.root: the data set seems to be further down; set it to '{}'",
                            entry->path().string()));
  }
}

ImageSplits draw_shapes(const DataOptions& options, uint64_t seed, Observer& observer) {
  ShapesOptions shapes;
  shapes.train =
      options.limit > 0 ? std::min(options.limit, options.shapes_train) : options.shapes_train;
  shapes.test = options.shapes_test;
  if (options.image_size > 0) shapes.image_size = options.image_size;
  return make_shapes(shapes, seed, observer);
}

ImageSplits read_splits(const DataOptions& options, uint64_t seed, Observer& observer) {
  const std::string format = data_format(options);
  const ReadOptions read{options.image_size,         options.limit,
                         options.test_limit,         options.labels,
                         options.classes == "train", cache_of(options.cache)};
  if (format == "cifar") return read_cifar(options.root, read, observer);
  if (format == "idx") return read_idx(options.root, read, observer);
  if (format == "folder") refuse_cifar_pickles(options.root);
  if (format == "folder") return read_image_folder(options.root, read, observer);
  if (format == "shapes") return draw_shapes(options, seed, observer);
  throw Error(
      fmt::format("data.format: expected auto, cifar, idx, folder or shapes, got '{}'", format));
}

// Does what formats leave to all: keeps the first test images alone, and no labels where none are
// wanted.
void finish(ImageSplits& splits, const DataOptions& options) {
  if (splits.test && !splits.test_rows.defined()) {
    splits.source_test_rows = splits.test->size();
    splits.test_rows = first_rows(splits.source_test_rows, options.test_limit);
    if (splits.test_rows.size(0) < splits.source_test_rows) {
      splits.test = splits.test->subset(splits.test_rows);
    }
  }
  if (options.labels) return;
  const auto unlabel = [](ImageSet& set) {
    set.labels = torch::Tensor();
    set.class_names.clear();
  };
  unlabel(splits.train);
  if (splits.test) unlabel(*splits.test);
}

std::string set_name(const DataOptions& options) {
  if (options.format == "shapes") return "shapes";
  const fs::path root = fs::absolute(options.root).lexically_normal();
  return as_utf8((root.has_filename() ? root : root.parent_path()).filename().string());
}

// Deals out the rows of a training split: validation first, then test where the source has none.
struct Parts {
  torch::Tensor train;  // int64, each ascending
  torch::Tensor validation;
  torch::Tensor test;  // empty if not asked for
};

Parts deal(int64_t size, double fraction, bool with_test, uint64_t seed, const std::string& name) {
  const auto held_out = std::max<int64_t>(1, std::llround(fraction * static_cast<double>(size)));
  const int64_t test = with_test ? held_out : 0;
  if (size <= held_out + test) {
    throw Error(
        fmt::format("data.validation_fraction: {} of the {} images of '{}' leaves none to "
                    "train on",
                    fraction, size, name));
  }
  at::Generator generator = make_generator(seed, "data/validation");
  const torch::Tensor order = at::randperm(size, generator, torch::TensorOptions(torch::kInt64));
  const auto part = [&](int64_t begin, int64_t length) {
    return std::get<0>(order.narrow(0, begin, length).sort());
  };
  return {part(held_out + test, size - held_out - test), part(0, held_out), part(held_out, test)};
}

Normalisation choose_normalisation(const std::string& choice, const ImageSplits& splits,
                                   const ImageSet& train) {
  const std::string name = choice == "auto" ? splits.published_normalisation : choice;
  const std::optional<Normalisation> published = published_normalisation(name);
  return published ? *published : measured_normalisation(train.images);
}

void report(const Dataset& data, Observer& observer) {
  observer.info(fmt::format("{}: {} training, {} validation and {} test images of {}×{} pixels, {}",
                            data.train.name, data.train.size(), data.validation.size(),
                            data.test.size(), data.train.image_size(), data.train.image_size(),
                            data.train.labelled()
                                ? fmt::format("{} classes", data.train.class_names.size())
                                : "unlabelled"));
}

}  // namespace

std::string data_format(const DataOptions& options) {
  check_options(options);
  if (options.format != "auto") return options.format;
  if (has_cifar(options.root)) return "cifar";
  if (has_idx(options.root)) return "idx";
  check_not_too_high(options.root);
  return "folder";
}

Dataset load_dataset(const DataOptions& options, uint64_t seed, Observer& observer) {
  ImageSplits splits = read_splits(options, seed, observer);
  finish(splits, options);
  const std::string name = set_name(options);
  const Parts parts =
      deal(splits.train.size(), options.validation_fraction, !splits.test, seed, name);

  Dataset data;
  data.train_rows = splits.train_rows.index_select(0, parts.train);
  data.validation_rows = splits.train_rows.index_select(0, parts.validation);
  data.source_rows = splits.source_rows;
  data.source_test_rows = splits.test ? splits.source_test_rows : parts.test.size(0);
  data.test_rows = splits.test ? splits.test_rows : first_rows(data.source_test_rows, 0);
  data.train = with_three_channels(splits.train.subset(parts.train));
  data.validation = with_three_channels(splits.train.subset(parts.validation));
  data.test = with_three_channels(splits.test ? *splits.test : splits.train.subset(parts.test));
  const Normalisation normalisation =
      choose_normalisation(options.normalisation, splits, data.train);
  for (ImageSet* set : {&data.train, &data.validation, &data.test}) {
    set->name = name;
    set->normalisation = normalisation;
  }
  report(data, observer);
  return data;
}

ImageSplits read_splits(const DataOptions& options, Observer& observer) {
  check_options(options);
  ImageSplits splits = read_splits(options, /*seed=*/0, observer);
  finish(splits, options);
  return splits;
}

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
