#include "mkdt/expert/distilled_expert.h"

#include <fmt/format.h>

#include "mkdt/core/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/images_on_device.h"

namespace mkdt {

ExpertCourse distilled_experts(const ExpertTraining& training) {
  const ExpertOptions& options = training.options;
  const SgdOptions sgd = {options.lr, options.momentum, options.weight_decay};
  ExpertCourse course;
  course.name = "experts";
  course.network = training.network;
  course.images = training.images.size();
  course.epochs = training.epochs;
  course.stored = options.dtype == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
  course.device = training.device;
  course.remedy = fmt::format(
      "lower experts.lr (it is {}), or standardise the targets (teacher.standardise)", options.lr);
  course.start = [training](int64_t index) {
    const auto stream = static_cast<uint64_t>(index);
    at::Generator initialisation = make_generator(training.seed, "expert/initialisation", stream);
    return ExpertStart{training.network->initialise(initialisation).to(training.device),
                       make_generator(training.seed, "expert/order", stream)};
  };
  course.draw_batches = [training](at::Generator& generator) {
    return shuffled_batches(training.images.size(), training.options.batch, generator);
  };
  course.step = [training, sgd, images = ImagesOnDevice(training.images, training.device)](
                    Student& student, const torch::Tensor& rows, at::Generator& /*generator*/) {
    const torch::Tensor there = rows.to(training.device);
    const torch::Tensor targets = training.targets.index_select(0, there);
    return sgd_step(*training.network, student, images.normalised(there), targets, sgd);
  };
  return course;
}

}  // namespace mkdt
