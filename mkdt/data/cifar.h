// Reads the CIFAR-10 and CIFAR-100 binary formats: records of label bytes and 3×32×32 pixels
// (https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version").
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/data/image_set.h"

namespace mkdt {

// Tells whether `folder`, or cifar-10-batches-bin or cifar-100-binary in it, has data_batch_<n>.bin
// (CIFAR-10) or train.bin (CIFAR-100).
bool has_cifar(const std::filesystem::path& folder);

// Returns those files that read_cifar would read and that are there.
std::vector<std::filesystem::path> cifar_files(const std::filesystem::path& folder);

// Throws Error, which says what to do, if `folder` (or cifar-10-batches-py or cifar-100-python in
// it) has CIFAR only in the version for Python: data_batch_1, or train, without an ending.
void refuse_cifar_pickles(const std::filesystem::path& folder);

// Reads CIFAR-10 (data_batch_<n>.bin in the order of n, test_batch.bin, batches.meta.txt; one label
// byte) or CIFAR-100 (train.bin, test.bin, fine_label_names.txt; coarse and fine label byte, of
// which the fine one is kept). The test file and the names may be missing. Throws Error naming the
// file. Bounds: 1 GiB a file of records, 1 MiB of names; memory for at most three times the
// records.
ImageSplits read_cifar(const std::filesystem::path& folder, const ReadOptions& options,
                       Observer& observer);

}  // namespace mkdt
