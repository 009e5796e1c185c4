// Finds the teacher of a run, wherever it comes from, and measures what it is worth.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "mkdt/judge/representation_quality.h"
#include "mkdt/run/run.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

// Returns the teacher that was trained in this run or the TorchScript file that [teacher] names,
// ready to encode images of the run's size; nothing where only representations are given.
std::optional<ImageEncoder> run_teacher(Run& run);

// Throws Error if the representations that the user gives for training and test images have
// different dimensions.
void check_same_dimensions(const OutsideOptions& options, int64_t train, int64_t test);

// This many training images are judged at most, and represented by the untrained encoder.
constexpr int64_t kQualityRows = 50'000;

// Judges the representations in the run's embed folder: the training images' against the test
// images' (the validation images', where there are none of those). A teacher that was trained in
// this run is followed by the same encoder as it was before training, "untrained", treated in the
// same way, if there are labels to compare them by.
std::vector<RepresentationQuality> teacher_quality(Run& run);

// Writes JSON: a list of {encoder, dim, effective_rank, knn, probe}, null where there are no
// labels.
void write_quality(const std::filesystem::path& path,
                   const std::vector<RepresentationQuality>& rows);
// Reads such a file. Throws Error naming the file if it is not one.
std::vector<RepresentationQuality> read_quality(const std::filesystem::path& path);

}  // namespace mkdt
