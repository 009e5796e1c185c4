// A data set as the pipeline uses it: three disjoint parts of one kind of image.
#pragma once

#include <string>

#include "mkdt/core/observer.h"
#include "mkdt/data/data_options.h"
#include "mkdt/data/image_set.h"
#include "mkdt/data/image_splits.h"

namespace mkdt {

struct Dataset {
  ImageSet train;       // what is distilled
  ImageSet validation;  // held out of `train`: recipes are chosen on it
  ImageSet test;        // read only when results are reported
  // int64, ascending: the places of the images of `train` and `validation` in the source's full
  // training split. Row train_rows[i] of representations made for all of it is of train image i.
  torch::Tensor train_rows;
  torch::Tensor validation_rows;
  int64_t source_rows = 0;  // images in that full training split
  // The same of `test` in the source's full test split; of `test` itself where the source has none.
  torch::Tensor test_rows;
  int64_t source_test_rows = 0;
};

// "cifar", "idx", "folder" or "shapes": data.format, or what data.root looks like where that is
// "auto". Error naming the option if there is no such folder.
std::string data_format(const DataOptions& options);

// Finds out the format where it is "auto" (data_batch_1.bin, train.bin → CIFAR; *-idx3-ubyte[.gz] →
// IDX; folders → images), reads both splits in parallel, splits the validation part off with a
// stream derived from `seed`, and gives all parts three channels and the same normalisation.
// A set without a test split gives up a further `validation_fraction` of its images for one. What
// was passed over in a folder of images is said.
Dataset load_dataset(const DataOptions& options, uint64_t seed, Observer& observer);

// The splits as they lie in the folder data.root, of the format that it has. Error as load_dataset
// has it.
ImageSplits read_splits(const DataOptions& options, Observer& observer);

}  // namespace mkdt
