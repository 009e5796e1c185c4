#include "mkdt/baseline/mtt_ssl.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/baseline/differentiable_views.h"
#include "mkdt/baseline/ssl_student.h"
#include "mkdt/data/batches.h"
#include "mkdt/distill/distiller.h"
#include "mkdt/distill/trajectory_task.h"

namespace mkdt {

MttSslOptions::MttSslOptions() {
  matching.engine = "autograd";
  matching.lr_targets = 0;  // there are none
  matching.iterations = 300;
  matching.syn_steps = 10;
  matching.batch = 64;
  matching.syn_lr = 0.5;  // few plain steps for the many of an expert, which have momentum
}

void MttSslOptions::declare(OptionSection& section) {
  section.add("experts", experts, 1, 100'000,
              "Students to train by self-supervision on the real images, as the trajectories to "
              "match; published style: 100.");
  section.add("train_batch", train_batch, 2, 65'536, "Real images a step of an expert's training.");
  section.add("train_lr", train_lr, 1e-8, 1e3, "Learning rate of the experts' SGD.");
  section.add("train_momentum", train_momentum, 0, 0.999, "Momentum of the experts' SGD.");
  section.add("train_weight_decay", train_weight_decay, 0, 1, "Weight decay of the experts' SGD.");
  section.add("projector_hidden", projector_hidden, 1, 65'536,
              "Width of the hidden layer between the student's features and the embeddings.");
  section.add("projector_output", projector_output, 1, 65'536,
              "Dimension of the embeddings that Barlow Twins compares.");
  section.add("lambda", lambda, 0, 1,
              "Weight of the off-diagonal part of the cross-correlation of Barlow Twins.");
  matching.declare_matching(section);
}

SslOptions MttSslOptions::ssl() const {
  SslOptions options;
  options.projector_hidden = projector_hidden;
  options.projector_output = projector_output;
  options.lambda = lambda;
  return options;
}

namespace {

constexpr const char* kName = "mtt_ssl";

}  // namespace

DrawInnerLoss ssl_inner_loss(const SslOptions& options, int64_t image_size,
                             const Normalisation& normalisation) {
  return [=](const std::vector<torch::Tensor>& batches, at::Generator& generator) -> InnerLoss {
    // All of them before the first step: both sweeps of a meta-gradient see the same views.
    std::vector<ViewPairs> pairs;
    pairs.reserve(batches.size());
    for (const torch::Tensor& batch : batches) {
      pairs.push_back(draw_pairs(batch.size(0), image_size, options.views, generator));
    }
    return [=](const Network& student, int64_t step, const torch::Tensor& theta,
               const torch::Tensor& images, const torch::Tensor& /*targets*/) {
      const ViewPairs& views = pairs[static_cast<size_t>(step)];
      return ssl_loss(student, theta, differentiable_views(images, views.first, normalisation),
                      differentiable_views(images, views.second, normalisation), options.lambda);
    };
  };
}

ExpertCourse ssl_experts(const MttSsl& mtt) {
  const auto student = std::make_shared<SslStudent>(mtt.network, mtt.options.ssl());
  const SslSource source = ssl_source(mtt.images, mtt.device);
  const int64_t batch = std::min(mtt.options.train_batch, source.size);
  const int64_t steps = std::max<int64_t>(1, source.size / mtt.options.train_batch);
  ExpertCourse course;
  course.name = fmt::format("{}/experts", kName);
  course.network = student;
  course.images = batch * steps;
  course.epochs = mtt.options.matching.readable_epochs();
  course.device = mtt.device;
  course.remedy = fmt::format("lower {}.train_lr (it is {})", kName, mtt.options.train_lr);
  course.start = [student, seed = mtt.seed, device = mtt.device](int64_t index) {
    at::Generator generator = make_generator(seed, "mtt-ssl/expert", static_cast<uint64_t>(index));
    const torch::Tensor theta = student->initialise(generator).to(device);
    return ExpertStart{theta, generator};
  };
  course.draw_batches = [source, batch, steps](at::Generator& generator) {
    return batches_for_steps(source.size, batch, steps, generator);
  };
  course.step = [student, source, ssl = mtt.options.ssl(), sgd = mtt.options.train_sgd()](
                    Student& state, const torch::Tensor& rows, at::Generator& generator) {
    return ssl_step(*student, state, source, rows, ssl, sgd, generator);
  };
  return course;
}

Distillation ssl_distillation(const MttSsl& mtt, const NetworkPtr& student, DrawOuterTask tasks) {
  return {student,
          mtt.options.matching,
          mtt.seed,
          mtt.device,
          mtt.checkpoint,
          std::move(tasks),
          kName,
          "matching_loss",
          ssl_inner_loss(mtt.options.ssl(), mtt.network->image_size(), mtt.images.normalisation),
          mtt.images.normalisation};
}

LearnedSet mtt_ssl(const MttSsl& mtt, const SyntheticSet& start, Observer& observer) {
  if (start.size() < 2 || mtt.images.size() < 2) {
    throw Error(
        fmt::format("{}: two images or more have views to compare; got {} synthetic, {} "
                    "real ones",
                    kName, start.size(), mtt.images.size()));
  }
  // 1. Train experts on the real images with the self-supervised loss.
  const TrajectoryStore experts(mtt.folder / "experts", mtt.options.experts, make_ssl_student);
  record_experts(ssl_experts(mtt), experts, mtt.expert_key, mtt.checkpoint.minutes, observer);

  // 2. Match their trajectories, with inner steps on that loss.
  const auto student = std::make_shared<SslStudent>(mtt.network, mtt.options.ssl());
  const Distillation distillation = ssl_distillation(
      mtt, student, trajectory_tasks(*student, experts, mtt.options.matching, mtt.device));
  SyntheticSet without_targets = start;
  without_targets.targets = torch::zeros({start.size(), 0});
  without_targets.syn_lr = mtt.options.matching.syn_lr;
  return distill(distillation, without_targets, observer);
}

}  // namespace mkdt
