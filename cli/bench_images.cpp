#include <filesystem>
#include <memory>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/benchmarks.h"
#include "cli/measure.h"
#include "cli/runtime_flags.h"
#include "cli/threads.h"
#include "mkdt/base/error.h"
#include "mkdt/base/random.h"
#include "mkdt/base/threads.h"
#include "mkdt/base/version.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/image_list.h"
#include "mkdt/data/resize.h"
#include "mkdt/ssl/teacher_options.h"
#include "mkdt/ssl/views.h"

namespace mkdt::cli {
namespace {

struct ImagesBenchmark {
  std::string folder;                      // decode
  std::string algorithm = "barlow-twins";  // augment
  int64_t images = 512;
  int64_t image_size = 32;
  Turns turns;
  RuntimeOptions runtime;  // augment's device, and the threads of both
};

constexpr int kTimes = 8;  // the work is done in a timed run

Json what(const char* name, const ImagesBenchmark& on) {
  return {{"benchmark", name},
          {"mkdt_version", version()},
          {"images", on.images},
          {"image_size", on.image_size},
          {"threads", at::get_num_threads()},
          {"repeats", on.turns.repeats}};
}

// Times the work by all threads and, as the baseline, by one; `rate` names the images per second.
Json compare_threads(const char* name, const char* rate, const ImagesBenchmark& on,
                     const std::function<void()>& work) {
  const int threads = at::get_num_threads();
  const auto with = [&](int count) {
    return [&work, count, threads] {
      at::set_num_threads(count);  // takes a moment: several times the work for each change
      for (int i = 0; i < kTimes; ++i) work();
      at::set_num_threads(threads);
    };
  };
  const Measurement measured = measure_by_turns({with(threads), with(1)}, on.turns);
  const std::vector<Seconds>& seconds = measured.seconds;
  Json json = what(name, on);
  json.update(
      {{"seconds", spread(seconds[0], 1.0 / kTimes)},
       {rate, static_cast<double>(on.images * kTimes) / median(seconds[0])},
       {"peak_rss_bytes", measured.peak_rss_bytes},
       {"baseline", {{"what", "one thread"}, {"seconds", spread(seconds[1], 1.0 / kTimes)}}},
       {"ratio", median(seconds[1]) / median(seconds[0])}});
  json.update(beside(measured, on.turns, 1.0 / kTimes));
  return json;
}

// Times the work on a device and, as the baseline, on the CPU.
Json compare_devices(Json json, const ImagesBenchmark& on, torch::Device device,
                     const std::function<void(torch::Device)>& work) {
  const Measurement measured =
      measure_by_turns({[&] { work(device); }, [&] { work(torch::kCPU); }}, on.turns, device);
  const std::vector<Seconds>& seconds = measured.seconds;
  json["device"] = on.runtime.device;
  json["seconds"] = spread(seconds[0]);
  json["pairs_per_second"] = static_cast<double>(on.images) / median(seconds[0]);
  json["baseline"] = {{"what", "CPU, all threads"}, {"seconds", spread(seconds[1])}};
  json["ratio"] = median(seconds[1]) / median(seconds[0]);
  json.update(device_memory(measured, 0));
  return json;
}

Json augment(ImagesBenchmark on) {
  at::Generator generator = make_generator(0, "bench");
  const torch::Tensor pixels =
      torch::randint(256, {on.images, 3, on.image_size, on.image_size}, generator, torch::kUInt8);
  const Normalisation normalisation = measured_normalisation(pixels);
  const ViewPair pair = AugmentationOptions().views(on.algorithm, on.image_size);
  const auto make_pairs = [&](const torch::Tensor& from) {
    for (const ViewOptions* view : {&pair.first, &pair.second}) {
      make_views(from, draw_views(on.images, on.image_size, *view, generator), normalisation);
    }
  };
  const torch::Device device = on.runtime.torch_device();
  Json json;
  if (device.is_cpu()) {
    json = compare_threads("augment", "pairs_per_second", on, [&] { make_pairs(pixels); });
  } else {
    const torch::Tensor there = pixels.to(device);
    json = compare_devices(what("augment", on), on, device,
                           [&](torch::Device at) { make_pairs(at.is_cpu() ? pixels : there); });
  }
  json["algorithm"] = on.algorithm;
  return json;
}

Json decode(ImagesBenchmark on) {
  const ImageListSplits splits = list_images(on.folder);
  const auto& files = splits.train.files;
  on.images = std::min(on.images, static_cast<int64_t>(files.size()));
  Observer silent;
  return compare_threads("decode", "images_per_second", on, [&] {
    for_each_image(
        on.images,
        [&](int64_t i) {
          resize_and_crop(read_image(files[static_cast<size_t>(i)]), on.image_size);
        },
        "decoding", silent);
  });
}

CLI::App* add(CLI::App& bench, const char* name, const char* help, Json (*run)(ImagesBenchmark),
              const std::shared_ptr<ImagesBenchmark>& on) {
  CLI::App* command = bench.add_subcommand(name, help);
  const auto add_size = [&](const char* flag, int64_t& value, int64_t most, const char* text) {
    command->add_option(flag, value, text)
        ->check(CLI::Range(int64_t{1}, most))
        ->capture_default_str();
  };
  add_size("--images", on->images, 10'000'000, "Images a repetition, at most");
  add_size("--image-size", on->image_size, 1024, "Height and width that comes out");
  on->turns.add_options(*command);
  command->callback([on, run] {
    set_up(on->runtime);
    fmt::print("{}\n", run(*on).dump(2));
  });
  return command;
}

}  // namespace

CLI::App* add_augment_benchmark(CLI::App& bench) {
  const auto on = std::make_shared<ImagesBenchmark>();
  CLI::App* command = add(bench, "augment",
                          "Both random views of an image, as a teacher is trained on: "
                          "pairs_per_second counts the images.",
                          augment, on);
  add_runtime_flags(*command, on->runtime);
  command->add_option("--algorithm", on->algorithm, "Whose views, at their defaults")
      ->check(CLI::IsMember(ssl_algorithms()))
      ->capture_default_str();
  return command;
}

CLI::App* add_decode_benchmark(CLI::App& bench) {
  const auto on = std::make_shared<ImagesBenchmark>();
  CLI::App* command =
      add(bench, "decode", "JPEG and PNG files to pixels, resized and cropped.", decode, on);
  command->add_option("--threads", on->runtime.threads, "Threads; 0 is one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("FOLDER", on->folder, "Images, as data.root names them")->required();
  return command;
}

}  // namespace mkdt::cli
