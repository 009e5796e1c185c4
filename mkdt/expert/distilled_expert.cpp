#include "mkdt/expert/distilled_expert.h"

#include <map>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/convnet.h"

namespace mkdt {

void ExpertOptions::declare(OptionSection& section) {
  section.add("count", count, 1, 100'000, "Expert trajectories to record.");
  section.add("epochs", epochs, 0, 10'000,
              "Epochs to train and record each expert; 0 stands for as many as matching can read.");
  section.add("architecture", architecture, student_architectures(),
              "The student's architecture; the ResNets have instance norm.");
  section.add("width", width, 1, 4096,
              "Channels of the student ConvNet's blocks, or of the student ResNet's first stage.");
  section.add("depth", depth, 1, 8, "Blocks of the student ConvNet; pooling halves the image.");
  section.add("norm", norm, norm_names(), "Norm of the student ConvNet's blocks.");
  section.add("activation", activation, activation_names(),
              "Activation of the student ConvNet's blocks.");
  section.add("pooling", pooling, pooling_names(), "2×2 pooling of the student ConvNet's blocks.");
  section.add("batch", batch, 1, 65'536, "Images a training step.");
  section.add("lr", lr, 1e-8, 1e3, "Learning rate of SGD.");
  section.add("momentum", momentum, 0, 0.999, "Momentum of SGD.");
  section.add("weight_decay", weight_decay, 0, 1, "Weight decay of SGD, on all parameters.");
  section.add("dtype", dtype, {"float32", "bfloat16"},
              "How parameters are stored; bfloat16 halves the disk space.");
}

NetworkPtr ExpertOptions::student(int64_t channels, int64_t image_size, int64_t outputs) const {
  std::map<std::string, std::string> description = {{"architecture", architecture},
                                                    {"channels", std::to_string(channels)},
                                                    {"image_size", std::to_string(image_size)},
                                                    {"width", std::to_string(width)},
                                                    {"outputs", std::to_string(outputs)}};
  if (architecture == "convnet") {
    description["depth"] = std::to_string(depth);
    description["norm"] = norm;
    description["activation"] = activation;
    description["pooling"] = pooling;
  }
  return make_network(description, "experts");
}

void ExpertOptions::check() const {
  constexpr int64_t kLargest = 4096;  // images for which there is an architecture
  student(3, kLargest, 1);
  if (architecture == "convnet") return;
  const ExpertOptions other;
  const auto reject = [&](bool set, const char* key) {
    if (set) {
      throw Error(fmt::format("experts.{} is for a convnet, not for a {}", key, architecture));
    }
  };
  reject(norm != other.norm, "norm");
  reject(activation != other.activation, "activation");
  reject(pooling != other.pooling, "pooling");
}

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
