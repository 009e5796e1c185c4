// A data set as the pipeline uses it: three disjoint parts of one kind of image.
#pragma once

#include "mkdt/core/observer.h"
#include "mkdt/data/data_options.h"
#include "mkdt/data/image_set.h"

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
};

// Finds out the format where it is "auto" (data_batch_1.bin, train.bin → CIFAR; *-idx3-ubyte[.gz] →
// IDX; folders → images), reads both splits in parallel, splits the validation part off with a
// stream derived from `seed`, and gives all parts three channels and the same normalisation.
// A set without a test split gives up a further `validation_fraction` of its images for one.
Dataset load_dataset(const DataOptions& options, uint64_t seed, Observer& observer);

}  // namespace mkdt
