#include "mkdt/ssl/teacher_training.h"

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/observer.h"
#include "mkdt/io/checksum.h"
#include "mkdt/ssl/teacher_trainer.h"

namespace mkdt {
namespace {

void check_images(const ImageSet& images) {
  if (images.channels() != 3 || images.size() < 2) {
    throw Error(fmt::format("{}: a teacher needs at least 2 colour images, got {} with {} channels",
                            images.name, images.size(), images.channels()));
  }
}

void report(const EmbeddingSummary& summary, int64_t epoch, Observer& observer) {
  observer.metric("teacher/loss", epoch, summary.loss);
  observer.metric("teacher/feature_std", epoch, summary.feature_std);
  observer.metric("teacher/feature_rank", epoch, summary.feature_rank);
  observer.metric("teacher/embedding_std", epoch, summary.embedding_std);
  observer.metric("teacher/embedding_rank", epoch, summary.embedding_rank);
}

// Says once that the encoder has collapsed, and once that it has recovered.
class CollapseWarning {
 public:
  void see(const EmbeddingSummary& summary, int64_t epoch, Observer& observer) {
    const std::string why = summary.collapse();
    if (!why.empty() && !warned_) {
      observer.warn(
          fmt::format("teacher: collapsed in epoch {}: {}; lower teacher.lr, or look at the "
                      "algorithm's weights",
                      epoch, why));
    }
    if (why.empty() && warned_) {
      observer.info(fmt::format("teacher: recovered from the collapse in epoch {}", epoch));
    }
    warned_ = !why.empty();
  }

 private:
  bool warned_ = false;
};

}  // namespace

Teacher train_teacher(const ImageSet& images, const TeacherTrainingOptions& options, uint64_t seed,
                      torch::Device device, Observer& observer, const TeacherTrainingHooks& hooks) {
  check_images(images);
  const std::string text = options_text("teacher", options);
  BackboneShape shape = options.backbone;
  shape.image_size = images.image_size();
  shape = resolved(shape);
  const auto beginning = [&] { return initial_teacher_state(shape, options, seed, device); };
  CheckpointPlan plan = hooks.checkpoint;
  plan.key = checksum(fmt::format("{} images {} seed {}", text, images.fingerprint(), seed));
  Checkpoints checkpoints(plan);
  TeacherState state = beginning();
  const auto take_over = [&](const TensorFile& file) {
    TeacherState saved = beginning();
    restore(saved, file);
    state = std::move(saved);
  };
  const bool resumed = checkpoints.resume(take_over, observer);
  TeacherTrainer trainer(images, shape, options, seed, device, state);
  Teacher teacher = {
      shape,
      state.encoder,
      images.normalisation,
      {{"options", text}, {"seed", std::to_string(seed)}, {"images", images.fingerprint()}}};
  observer.info(fmt::format("teacher: {}, {} dimensions, {}", describe(shape),
                            state.encoder->feature_dim(), options.objective.algorithm));

  const int64_t per_epoch = trainer.images_per_epoch();
  const auto images_done = [&](int64_t of_epoch) {
    return state.epochs_done * per_epoch + of_epoch;
  };
  observer.begin("teacher", options.epochs * per_epoch, "images");
  if (resumed) {
    observer.advance(images_done(state.epoch.steps * TeacherTrainer::batch_size(images, options)),
                     "from the checkpoint");
  }
  const auto save = [&] {
    trainer.check_parameters();
    checkpoints.write(to_tensors(state));
  };
  CollapseWarning collapse;
  while (state.epochs_done < options.epochs) {
    const int64_t epoch = state.epochs_done + 1;
    const EmbeddingSummary summary = trainer.train_epoch([&](int64_t done, double loss) {
      const bool stop = observer.stop_wanted();
      if (stop || checkpoints.due(state.epoch.steps)) save();
      observer.advance(images_done(done),
                       fmt::format("epoch {}/{}, loss {:.4g}", epoch, options.epochs, loss));
      if (stop) throw Stopped();
    });
    save();
    report(summary, epoch, observer);
    collapse.see(summary, epoch, observer);
    const bool due =
        hooks.probe_every > 0 && (epoch % hooks.probe_every == 0 || epoch == options.epochs);
    if (due && hooks.probe) {
      state.encoder->eval();
      hooks.probe(teacher, epoch);
    }
    trainer.close_epoch();
    throw_if_stopped(observer);
  }
  observer.end();
  state.encoder->eval();
  return teacher;
}

}  // namespace mkdt
