// Loads a data set as the stages use it, three disjoint parts of one kind of image, as the options
// [data] say, and lists the files that it is read from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/base/options.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

// The options of [data]: which images, and how they are made fit for the networks.
struct DataOptions {
  std::string format = "auto";
  std::string root;
  int64_t image_size = 0;
  std::string normalisation = "auto";
  double validation_fraction = 0.1;
  int64_t limit = 0;
  int64_t test_limit = 0;
  bool labels = true;
  std::string classes = "same";
  std::string cache = "auto";
  int64_t shapes_train = 4000;
  int64_t shapes_test = 1000;

  void declare(OptionSection& section);
};

// Three disjoint parts of one kind of image.
struct Dataset {
  ImageSet train;       // the images that are distilled
  ImageSet validation;  // held out of `train`, to choose recipes on
  ImageSet test;        // read only when results are reported
  // int64, ascending: the places of the images of `train` and `validation` in the source's full
  // training split. Row train_rows[i] of representations made for all of it is of train image i.
  torch::Tensor train_rows;
  torch::Tensor validation_rows;
  int64_t source_rows = 0;  // images in that full training split
  // Places of the images of `test` in the source's full test split; in `test` itself where the
  // source has none.
  torch::Tensor test_rows;
  int64_t source_test_rows = 0;
};

// Returns "cifar", "idx", "folder" or "shapes": data.format, or where that is "auto" the format
// that data.root seems to have. Throws Error naming the option if there is no such folder.
std::string data_format(const DataOptions& options);

// Finds out the format where it is "auto" (data_batch_1.bin, train.bin → CIFAR; *-idx3-ubyte[.gz] →
// IDX; folders → images), reads both splits in parallel, splits the validation part off with a
// stream derived from `seed`, and gives all parts three channels and the same normalisation. A set
// without a test split gives up a further `validation_fraction` of its images for one. The observer
// hears which files of a folder of images were passed over.
Dataset load_dataset(const DataOptions& options, uint64_t seed, Observer& observer);

// Reads the splits as they lie in the folder data.root, in the format that it has. Throws Error as
// load_dataset does.
ImageSplits read_splits(const DataOptions& options, Observer& observer);

// Lists all files that load_dataset reads for these options, whatever data.limit is, sorted by
// path; none for the built-in shapes. Throws Error as load_dataset does for files that are not
// there.
std::vector<std::filesystem::path> source_files(const DataOptions& options);

// For images that are files: their paths below data.root in the order of their rows, before
// data.limit. Empty for formats whose images have no files of their own.
struct ImageNames {
  std::vector<std::string> train, test;
};
ImageNames image_names(const DataOptions& options);

}  // namespace mkdt
