#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <torch/optim/adamw.h>

#include "cli/benchmarks.h"
#include "cli/measure.h"
#include "cli/operator_times.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/base/random.h"
#include "mkdt/base/version.h"
#include "mkdt/nn/native/isa.h"
#include "mkdt/ssl/teacher_trainer.h"

namespace mkdt::cli {
namespace {

// The defaults are the presets' teacher for two cores.
struct TeacherBenchmark {
  TeacherBenchmark() {
    training.backbone.width = 16;
    training.batch = 128;
    training.objective.projector_dim = 512;
  }

  TeacherTrainingOptions training;
  int64_t image_size = 32;
  Turns turns;
  RuntimeOptions runtime;
};

constexpr int64_t kSteps = 8;  // an epoch, whose end has work of its own

// A training as one would write it with PyTorch: one graph over both views, stock operators, AdamW
// with a tensor a parameter.
class StockTraining {
 public:
  StockTraining(const ImageSet& images, const TeacherTrainingOptions& options,
                const BackboneShape& shape, torch::ScalarType type, torch::Device device)
      : images_(images),
        views_(options.augmentation.views(options.objective.algorithm, images.image_size())),
        type_(type),
        device_(device),
        batch_(options.batch),
        generator_(make_generator(0, "bench/views")) {
    at::Generator generator = make_generator(0, "bench/stock");
    encoder_ = make_backbone(shape, generator);
    algorithm_ = make_ssl_algorithm(options.objective, shape, *encoder_, generator);
    for (torch::nn::Module* module : {static_cast<torch::nn::Module*>(encoder_.get()),
                                      static_cast<torch::nn::Module*>(algorithm_.get())}) {
      module->to(device);
      module->train();
      use_stock_operators(*module);
      for (const torch::Tensor& parameter : module->parameters()) {
        if (parameter.requires_grad()) parameters_.push_back(parameter);
      }
    }
    optimiser_ =
        std::make_unique<torch::optim::AdamW>(parameters_, torch::optim::AdamWOptions(1e-3));
  }

  void epoch() {
    for (int64_t step = 0; step < kSteps; ++step) {
      const torch::Tensor pixels = images_.images.slice(0, step * batch_, (step + 1) * batch_);
      const torch::Tensor first = view(pixels, views_.first), second = view(pixels, views_.second);
      const SslLoss loss = algorithm_->loss(
          {first, second, encoder_->stock_features(first), encoder_->stock_features(second)});
      optimiser_->zero_grad();
      loss.value.backward();
      optimiser_->step();
      algorithm_->after_step(*encoder_, 0);
    }
  }

 private:
  torch::Tensor view(const torch::Tensor& pixels, const ViewOptions& options) {
    const auto drawn = draw_views(pixels.size(0), images_.image_size(), options, generator_);
    return make_views(pixels, drawn, images_.normalisation).to(device_, type_);
  }

  const ImageSet& images_;
  ViewPair views_;
  torch::ScalarType type_;
  torch::Device device_;
  int64_t batch_;
  at::Generator generator_;
  std::shared_ptr<Backbone> encoder_;
  std::shared_ptr<SslAlgorithm> algorithm_;
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

// Seconds of a step, summed over threads: of the parts, and of the operators that take the most.
Json breakdown(const std::function<void()>& epoch) {
  constexpr size_t kOperators = 12;
  const OperatorTimes times;
  epoch();
  Json json;
  for (const auto& [name, seconds] : times.parts()) json["parts"][name] = seconds / kSteps;
  std::vector<std::pair<double, std::string>> operators;
  for (const auto& [name, seconds] : times.operators()) operators.emplace_back(seconds, name);
  std::sort(operators.rbegin(), operators.rend());
  if (operators.size() > kOperators) operators.resize(kOperators);
  for (const auto& [seconds, name] : operators) json["operators"][name] = seconds / kSteps;
  return json;
}

Json run(TeacherBenchmark on) {
  constexpr int64_t kManyEpochs = 1'000'000;  // so that the learning rate hardly changes
  TeacherTrainingOptions& options = on.training;
  options.epochs = kManyEpochs;
  options.backbone.image_size = on.image_size;
  const BackboneShape shape = resolved(options.backbone);
  at::Generator generator = make_generator(0, "bench");
  ImageSet images;
  images.name = "bench";
  images.images = torch::randint(256, {kSteps * options.batch, 3, on.image_size, on.image_size},
                                 generator, torch::kUInt8);
  images.normalisation = measured_normalisation(images.images);
  const torch::Device device = on.runtime.torch_device();
  TeacherState state = initial_teacher_state(shape, options, /*seed=*/0, device);
  TeacherTrainer trainer(images, shape, options, /*seed=*/0, device, state);
  const auto epoch = [&] {
    trainer.train_epoch([](int64_t, double) {});
    trainer.close_epoch();
  };
  StockTraining stock(images, options, shape, torch::kFloat32, device);
  StockTraining narrow(images, options, shape, torch::kBFloat16, device);
  const Measurement measured =
      measure_by_turns({epoch, [&] { stock.epoch(); }, [&] { narrow.epoch(); }}, on.turns, device);
  const auto per_step = [&](size_t body) { return spread(measured.seconds[body], 1.0 / kSteps); };
  const double seconds = median(measured.seconds[0]) / kSteps;
  const auto baseline = [&](const char* what, size_t body) {
    return Json{{"what", what},
                {"seconds_per_step", per_step(body)},
                {"ratio", median(measured.seconds[body]) / kSteps / seconds}};
  };
  Json json = {{"benchmark", "teacher-step"},
               {"mkdt_version", version()},
               {"algorithm", options.objective.algorithm},
               {"encoder", describe(shape)},
               {"batch", options.batch},
               {"precision", options.precision},
               {"device", on.runtime.device},
               {"tf32", on.runtime.tf32},
               {"kernels", isa_name(native::chosen_isa())},
               {"threads", at::get_num_threads()},
               {"repeats", on.turns.repeats},
               {"seconds_per_step", per_step(0)},
               {"images_per_second", static_cast<double>(options.batch) / seconds},
               {"peak_rss_bytes", measured.peak_rss_bytes},
               {"baselines",
                {baseline("stock operators, channels-last, float32", 1),
                 baseline("stock operators, channels-last, bfloat16", 2)}}};
  json.update(breakdown(epoch));
  json.update(device_memory(measured, 0));
  json.update(beside(measured, on.turns, 1.0 / kSteps));
  return json;
}

}  // namespace

CLI::App* add_teacher_step_benchmark(CLI::App& bench) {
  const auto on = std::make_shared<TeacherBenchmark>();
  TeacherTrainingOptions& training = on->training;
  CLI::App* command = bench.add_subcommand(
      "teacher-step",
      "A teacher's step: views, forward, backward, update, by turns with stock operators in one "
      "graph. images_per_second counts images, of two views each; parts and operators are seconds "
      "a "
      "step, summed over threads.");
  const auto add_size = [&](const char* flag, int64_t& value, int64_t least, const char* text) {
    command->add_option(flag, value, text)
        ->check(CLI::Range(least, int64_t{65'536}))
        ->capture_default_str();
  };
  command->add_option("--algorithm", training.objective.algorithm, "The objective")
      ->check(CLI::IsMember(ssl_algorithms()))
      ->capture_default_str();
  command->add_option("--architecture", training.backbone.architecture, "The encoder's")
      ->check(CLI::IsMember(backbone_architectures()))
      ->capture_default_str();
  command->add_option("--precision", training.precision, "Arithmetic of the encoder")
      ->check(CLI::IsMember({"float32", "bfloat16"}))
      ->capture_default_str();
  add_size("--width", training.backbone.width, 0, "As teacher.width; 0: the architecture's own");
  add_size("--projector-dim", training.objective.projector_dim, 0,
           "As teacher.projector_dim; 0: the algorithm's own");
  add_size("--image-size", on->image_size, 8, "Height and width of the images");
  add_size("--batch", training.batch, 2, "Images a step");
  on->turns.add_options(*command);
  add_runtime_flags(*command, on->runtime);
  command->callback([on] {
    on->training.check();
    set_up(on->runtime);
    fmt::print("{}\n", run(*on).dump(2));
  });
  return command;
}

}  // namespace mkdt::cli
