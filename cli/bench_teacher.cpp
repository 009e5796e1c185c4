#include <memory>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/benchmarks.h"
#include "cli/measure.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/base/random.h"
#include "mkdt/base/version.h"
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

Json run(TeacherBenchmark on) {
  constexpr int64_t kManyEpochs = 1'000'000;  // of one step each, so that the rate hardly changes
  TeacherTrainingOptions& options = on.training;
  options.epochs = kManyEpochs;
  options.backbone.image_size = on.image_size;
  const BackboneShape shape = resolved(options.backbone);
  at::Generator generator = make_generator(0, "bench");
  ImageSet images;
  images.name = "bench";
  images.images = torch::randint(256, {options.batch, 3, on.image_size, on.image_size}, generator,
                                 torch::kUInt8);
  images.normalisation = measured_normalisation(images.images);
  const torch::Device device = on.runtime.torch_device();
  TeacherState state = initial_teacher_state(shape, options, /*seed=*/0, device);
  TeacherTrainer trainer(images, shape, options, /*seed=*/0, device, state);
  const Measurement measured = measure_by_turns({[&] {
                                                  trainer.train_epoch([](int64_t, double) {});
                                                  trainer.close_epoch();
                                                }},
                                                on.turns, device);
  const Seconds& seconds = measured.seconds[0];
  Json json = {{"benchmark", "teacher-step"},
               {"mkdt_version", version()},
               {"algorithm", options.objective.algorithm},
               {"encoder", describe(shape)},
               {"batch", options.batch},
               {"precision", options.precision},
               {"device", on.runtime.device},
               {"tf32", on.runtime.tf32},
               {"threads", at::get_num_threads()},
               {"repeats", on.turns.repeats},
               {"seconds_per_step", spread(seconds)},
               {"images_per_second", static_cast<double>(options.batch) / median(seconds)},
               {"peak_rss_bytes", measured.peak_rss_bytes}};
  json.update(device_memory(measured, 0));
  json.update(beside(measured, on.turns));
  return json;
}

}  // namespace

CLI::App* add_teacher_step_benchmark(CLI::App& bench) {
  const auto on = std::make_shared<TeacherBenchmark>();
  TeacherTrainingOptions& training = on->training;
  CLI::App* command = bench.add_subcommand(
      "teacher-step",
      "A teacher's step: views, forward, backward, update; images_per_second counts "
      "images, of two views each.");
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
