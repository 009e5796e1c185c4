// Training a teacher: epochs of two-view batches, with a checkpoint after each.
#pragma once

#include <cstdint>
#include <filesystem>

#include "mkdt/ssl/teacher.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// Trains on colour images (labels are not looked at) and returns the encoder on `device`.
//
// The state after every epoch is written to `checkpoint` (nothing is, if the path is empty) before
// the epoch is reported; a checkpoint of the same options, images and seed is continued, to the
// same bits on the same machine and number of threads, and one of others is overwritten with a
// warning. The file is the caller's to delete.
//
// Metrics per epoch: teacher/loss, the mean over its batches, and teacher/feature_std: the
// standard deviation of the features over a batch, each image's first scaled to length √d, mean
// over dimensions; it tends to 0 when the encoder collapses.
// Error if the loss is no longer finite, or if there are fewer than two images.
Teacher train_teacher(const ImageSet& images, const TeacherOptions& options, uint64_t seed,
                      torch::Device device, Observer& observer,
                      const std::filesystem::path& checkpoint = {});

}  // namespace mkdt
