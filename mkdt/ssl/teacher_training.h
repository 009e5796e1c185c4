// Trains a teacher: epochs of two-view batches, with a checkpoint after each.
#pragma once

#include <cstdint>
#include <functional>

#include "mkdt/base/observer.h"
#include "mkdt/io/checkpoint.h"
#include "mkdt/ssl/teacher.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// Accompanies a training without changing the teacher.
struct TeacherTrainingHooks {
  // The state is written here after every epoch, within an epoch every so many minutes, and before
  // Stopped is thrown. A checkpoint of the same options, images and seed (`key` is not read) is
  // continued, to the same bits on the same machine and number of threads. The files are the
  // caller's to delete.
  CheckpointPlan checkpoint = {};
  // Called after every `probe_every` epochs, and after the last, with the encoder in eval mode;
  // again where it was interrupted.
  int64_t probe_every = 0;
  std::function<void(const Teacher& teacher, int64_t epoch)> probe = nullptr;
};

// Trains on colour images (labels are not looked at) and returns the encoder on `device`.
//
// Metrics per epoch: teacher/loss, the mean over its batches; direction_std and effective_rank
// (data/representations.h) of the first views: teacher/feature_std, teacher/feature_rank,
// teacher/embedding_std, teacher/embedding_rank. Warns when they say that the encoder has
// collapsed. Throws Error naming the step if the loss is no longer finite, the checkpoint being the
// last good state, or if there are fewer than two images.
Teacher train_teacher(const ImageSet& images, const TeacherTrainingOptions& options, uint64_t seed,
                      torch::Device device, Observer& observer,
                      const TeacherTrainingHooks& hooks = {});

}  // namespace mkdt
