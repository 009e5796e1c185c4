#include "mkdt/pipeline/trial_inputs.h"

#include "mkdt/core/random.h"
#include "mkdt/data/representations.h"
#include "mkdt/pipeline/run_teacher.h"
#include "mkdt/ssl/script_encoder.h"
#include "mkdt/ssl/teacher_training.h"

namespace mkdt {

std::optional<ImageEncoder> expected_teacher(Run& run, const StageNames& unfinished) {
  if (unfinished.count("teacher") == 0 || run.config().teacher.outside.given()) {
    return run_teacher(run);
  }
  TeacherTrainingOptions untrained = run.config().teacher.training;
  untrained.epochs = 0;
  Observer silent;
  return image_encoder(train_teacher(some_images(run.images(Part::kTrain), 2), untrained,
                                     run.seed(), run.device(), silent),
                       run.device());
}

int64_t teacher_dim(Run& run) {
  const TeacherOptions& teacher = run.config().teacher;
  if (!teacher.outside.representations.empty()) {
    return read_representations(teacher.outside.representations, -1).dim();
  }
  const ImageSet& images = run.images(Part::kTrain);
  if (!teacher.outside.torchscript.empty()) {
    return script_encoder(teacher.outside, images, run.device()).dim;
  }
  BackboneShape shape = teacher.training.backbone;
  shape.image_size = images.image_size();
  at::Generator generator = make_generator(run.seed(), "plan");
  return make_backbone(resolved(shape), generator)->feature_dim();
}

int64_t expected_dim(Run& run, const StageNames& unfinished) {
  if (unfinished.count("embed") == 0) return run.representations(Part::kTrain).dim();
  const int64_t reduced = run.config().teacher.processing.pca;
  return reduced > 0 ? reduced : teacher_dim(run);
}

NetworkPtr expected_student(Run& run, const StageNames& unfinished) {
  const ImageSet& images = run.images(Part::kTrain);
  return run.config().experts.student(images.channels(), images.image_size(),
                                      expected_dim(run, unfinished));
}

torch::Tensor expected_targets(Run& run, Part part, const StageNames& unfinished) {
  if (unfinished.count("embed") == 0) return run.targets(part);
  return stand_in({run.images(part).size(), expected_dim(run, unfinished)}, run.device());
}

torch::Tensor stand_in(at::IntArrayRef sizes, torch::Device device) {
  at::Generator generator = make_generator(/*seed=*/0, "plan");
  return torch::randn(sizes, generator, torch::TensorOptions(torch::kFloat32)).to(device);
}

ImageSet some_images(const ImageSet& images, int64_t count) {
  return images.subset(torch::arange(count, torch::kLong).remainder(images.size()));
}

std::vector<torch::Tensor> trial_batches(const Run& run, int64_t size, int64_t batch, int64_t steps,
                                         at::Generator& generator, LastBatch last) {
  return batches_on(run.device(), batches_for_steps(size, batch, steps, generator, last));
}

int64_t set_size(Run& run) { return run.config().subset.count(run.images(Part::kTrain).size()); }

int64_t pixel_count(Run& run) {
  const ImageSet& images = run.images(Part::kTrain);
  return images.channels() * images.image_size() * images.image_size();
}

}  // namespace mkdt
