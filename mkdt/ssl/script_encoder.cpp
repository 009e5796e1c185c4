#include "mkdt/ssl/script_encoder.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/nn/functional/upsampling.h>
#include <torch/script.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/text.h"
#include "mkdt/base/units.h"
#include "mkdt/data/batches.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/zip.h"
#include "mkdt/ssl/script_faults.h"

namespace mkdt {
namespace {

constexpr int64_t kSampleImages = 4;
constexpr double kSameVector = 0.05;  // relative difference that rounding may make, in bfloat16 too
constexpr double kFloatRounding = 1e-3;  // in float32, TF32 on GPUs included

class ScriptEncoder {
 public:
  ScriptEncoder(const OutsideOptions& options, Normalisation normalisation, torch::Device device)
      : options_(options), normalisation_(std::move(normalisation)), device_(device) {
    check_archive();
    try {
      module_ = torch::jit::load(options.torchscript, device);
    } catch (const std::exception& error) {
      fail(why_not_loaded(options.torchscript, error));
    }
    module_.eval();
    if (const auto input = own_input()) take_pixels(*input);
    for (const torch::Tensor& parameter : module_.parameters()) {
      if (!parameter.is_floating_point()) continue;
      type_ = parameter.scalar_type();
      break;
    }
  }

  // Throws Error for a program that cannot work, or would give an image another vector in another
  // batch.
  int64_t checked_dim(const torch::Tensor& pixels) {
    const int64_t count = pixels.size(0);
    const torch::Tensor together = encode(pixels);
    std::vector<torch::Tensor> alone;
    for (int64_t i = 0; i < count; ++i) {
      alone.push_back(encode(pixels.slice(0, i, i + 1)));
      if (alone.back().size(1) != together.size(1)) fail_of_batches();
    }
    const torch::Tensor own = torch::cat(alone);
    if (!all_finite(together) || !all_finite(own)) {
      fail(
          "it returns values that are not finite numbers; look at teacher.input_mean and "
          "teacher.input_std");
    }
    const torch::Tensor reversed = encode(pixels.flip(0)).flip(0);
    const torch::Tensor later = encode(pixels.slice(0, count / 2));
    if (!same_vectors(together, own) || !same_vectors(reversed, own) ||
        !same_vectors(later, own.slice(0, count / 2))) {
      fail_of_batches();
    }
    return together.size(1);
  }

  const OutsideOptions& options() const { return options_; }
  const Normalisation& normalisation() const { return normalisation_; }

  // Returns the input that a program of our export describes.
  std::optional<ScriptInput> own_input() const {
    if (!module_.hasattr("takes_pixels")) return std::nullopt;
    try {
      const auto values = [&](const char* name) {
        const torch::Tensor numbers = module_.attr(name).toTensor().cpu().flatten().contiguous();
        return std::vector<float>(numbers.data_ptr<float>(),
                                  numbers.data_ptr<float>() + numbers.numel());
      };
      return ScriptInput{module_.attr("channels").toInt(),
                         module_.attr("image_size").toInt(),
                         {values("mean"), values("std")}};
    } catch (const std::exception& error) {
      fail(fmt::format("its attributes are not those of an exported encoder ({})",
                       torch_message(error)));
    }
  }

  // Maps uint8 [B,C,H,W] to float32 [B,d] on the CPU.
  torch::Tensor encode(const torch::Tensor& pixels) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor vectors = pooled(selected(run(inputs(pixels))));
    if (vectors.is_floating_point() && vectors.dim() == 2 && vectors.size(0) != pixels.size(0)) {
      fail(fmt::format("it returns {} vectors for {} images; {}", vectors.size(0), pixels.size(0),
                       batch_remedy(std::nullopt)));
    }
    if (!vectors.is_floating_point() || vectors.dim() != 2 || vectors.size(0) != pixels.size(0)) {
      fail(fmt::format("expected floating-point vectors [{}, dimensions], got {} [{}]{}",
                       pixels.size(0), c10::toString(vectors.scalar_type()),
                       fmt::join(vectors.sizes().vec(), ", "),
                       vectors.dim() > 2 ? "; teacher.pooling makes one vector an image" : ""));
    }
    return vectors.to(torch::kCPU, torch::kFloat32);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(fmt::format("{}: {}", options_.torchscript, message));
  }

  [[noreturn]] void fail_of_batches() const {
    fail(
        "it gives an image another vector when others are in the batch, or in another order; does "
        "it use statistics of the batch, or one image of it?");
  }

  // Tells whether vectors are equal up to rounding: they differ by less than images do.
  bool same_vectors(const torch::Tensor& found, const torch::Tensor& own) const {
    if (found.sizes() != own.sizes()) return false;
    const torch::Tensor errors = (found - own).norm(2, 1), sizes = own.norm(2, 1);
    if ((errors > kSameVector * sizes).any().item<bool>()) return false;
    const double rounding =
        type_ == torch::kFloat32 || type_ == torch::kFloat64 ? kFloatRounding : kSameVector;
    const double error = errors.norm().item<double>();
    const double spread = (own - own.mean(0)).norm().item<double>();
    return error <= rounding * sizes.norm().item<double>() || error < spread / 2;
  }

  // Checks the archive, since libtorch's reader trusts the sizes in it.
  void check_archive() const {
    try {
      ZipEntries entries(options_.torchscript);
      while (entries.next()) entries.check_contents();
    } catch (const Error& error) {
      fail(fmt::format("not a TorchScript file: {}", error.what()));
    }
  }

  // Leaves pixels in [0, 1], since the program normalises. It has one size.
  void take_pixels(const ScriptInput& input) {
    if (!options_.input_mean.empty()) {
      fail("it normalises pixels by itself; leave teacher.input_mean and teacher.input_std out");
    }
    if (options_.input_size == 0) options_.input_size = input.image_size;
    normalisation_.mean.assign(input.normalisation.mean.size(), 0);
    normalisation_.std.assign(input.normalisation.std.size(), 1);
  }

  torch::Tensor inputs(const torch::Tensor& pixels) const {
    torch::Tensor images = pixels.to(device_, torch::kFloat32) / 255;
    if (options_.input_size > 0 && options_.input_size != images.size(2)) {
      namespace F = torch::nn::functional;
      images = F::interpolate(
          images, F::InterpolateFuncOptions()
                      .size(std::vector<int64_t>{options_.input_size, options_.input_size})
                      .mode(torch::kBilinear)
                      .align_corners(false)
                      .antialias(true));
    }
    const auto per_channel = [&](const std::vector<float>& values) {
      return torch::tensor(values, images.options()).view({1, -1, 1, 1});
    };
    images = (images - per_channel(normalisation_.mean)) / per_channel(normalisation_.std);
    return images.to(type_);
  }

  torch::jit::IValue run(const torch::Tensor& images) {
    try {
      return forward(images);
    } catch (const std::exception& error) {
      const auto of_precision = precision_remedy(error, type_, device_);
      const auto batch = of_precision ? std::nullopt : only_batch(images);
      fail(fmt::format("it fails on images [{}]: {}; {}", fmt::join(images.sizes().vec(), ", "),
                       torch_message(error),
                       of_precision ? *of_precision
                       : batch      ? batch_remedy(batch)
                                    : "teacher.input_size is the size that it is fed"));
    }
  }

  // Runs the program as it is written. libtorch's optimiser of programs would look at the first
  // calls and compile for what it has seen, which took minutes with the LLVM of Debian 13's
  // libtorch 2.6.
  torch::jit::IValue forward(const torch::Tensor& images) {
    const torch::jit::GraphOptimizerEnabledGuard as_written(false);
    return module_.forward({images});
  }

  // Returns the size of a batch on which the program works, where it failed on `images`.
  std::optional<int64_t> only_batch(const torch::Tensor& images) {
    for (const int64_t size : {1, 2, 3, 4, 5, 8, 10, 16, 32, 64}) {
      if (size == images.size(0)) continue;
      try {
        forward(images.slice(0, 0, 1).repeat({size, 1, 1, 1}));
        return size;
      } catch (const std::exception&) {  // not this one
      }
    }
    return std::nullopt;
  }

  // Returns the tensor that teacher.output names.
  torch::Tensor selected(const torch::jit::IValue& returned) const {
    const std::string& name = options_.output;
    if (returned.isTensor() && name.empty()) return returned.toTensor();
    torch::jit::IValue chosen = returned;
    std::string choices;
    if (returned.isTuple() || returned.isList()) {
      const std::vector<torch::jit::IValue> parts =
          returned.isTuple() ? returned.toTupleRef().elements().vec() : returned.toListRef().vec();
      choices = parts.empty() ? "nothing" : fmt::format("an index from 0 to {}", parts.size() - 1);
      const std::optional<int64_t> index = parse_integer(name);
      if (index && *index >= 0 && *index < static_cast<int64_t>(parts.size())) {
        chosen = parts[static_cast<size_t>(*index)];
      }
    } else if (returned.isGenericDict()) {
      for (const auto& entry : returned.toGenericDict()) {
        const std::string key =
            entry.key().isString() ? entry.key().toStringRef() : std::string("(no text)");
        choices += (choices.empty() ? "" : ", ") + key;
        if (key == name) chosen = entry.value();
      }
    }
    if (chosen.isTensor() && !returned.isTensor()) return chosen.toTensor();
    fail(fmt::format("it returns a {}, from which teacher.output = \"{}\" takes no tensor{}",
                     returned.tagKind(), name,
                     choices.empty() ? "; leave teacher.output empty" : "; expected " + choices));
  }

  // Pools [B,C,H,W] or [B,T,C] to [B,C]; an output without positions stays.
  torch::Tensor pooled(const torch::Tensor& output) const {
    if (output.dim() == 4 && options_.pooling == "mean") return output.mean({2, 3});
    if (output.dim() == 3 && options_.pooling == "mean") return output.mean(1);
    if (output.dim() == 3 && options_.pooling == "first") return output.select(1, 0);
    if (output.dim() == 4 && output.size(2) == 1 && output.size(3) == 1) return output.flatten(1);
    return output;
  }

  OutsideOptions options_;
  Normalisation normalisation_;
  torch::Device device_;
  torch::ScalarType type_ = torch::kFloat32;  // of its parameters, and so of its inputs
  torch::jit::Module module_;
};

Normalisation normalisation_for(const OutsideOptions& options, const ImageSet& sample) {
  if (options.input_mean.empty()) return sample.normalisation;
  return {{options.input_mean.begin(), options.input_mean.end()},
          {options.input_std.begin(), options.input_std.end()}};
}

// Returns "torchscript encoder.pt, 224 pixels, output 1, pooling mean, <checksum>".
std::string fingerprint(const OutsideOptions& options, const Normalisation& normalisation,
                        int64_t image_size) {
  std::string text =
      fmt::format("torchscript {}, {} pixels",
                  as_utf8(std::filesystem::path(options.torchscript).filename().string()),
                  options.input_size > 0 ? options.input_size : image_size);
  if (!options.output.empty()) text += ", output " + options.output;
  if (options.pooling != "none") text += ", pooling " + options.pooling;
  const std::string sums =
      fmt::format("{} {} {}", file_checksum(options.torchscript),
                  fmt::join(normalisation.mean, ","), fmt::join(normalisation.std, ","));
  return fmt::format("{}, {}", text, checksum(sums));
}

}  // namespace

ImageEncoder script_encoder(const OutsideOptions& options, const ImageSet& sample,
                            torch::Device device) {
  const auto script =
      std::make_shared<ScriptEncoder>(options, normalisation_for(options, sample), device);
  ImageEncoder encoder;
  encoder.dim =
      script->checked_dim(sample.images.index_select(0, spread_rows(sample.size(), kSampleImages)));
  encoder.fingerprint =
      fingerprint(script->options(), script->normalisation(), sample.image_size());
  encoder.encode = [script, dim = encoder.dim,
                    name = options.torchscript](const torch::Tensor& pixels) {
    torch::Tensor vectors = script->encode(pixels);
    if (vectors.size(1) != dim) {
      throw Error(fmt::format("{}: it returned {} dimensions, at first it was {}", name,
                              vectors.size(1), dim));
    }
    return vectors;
  };
  return encoder;
}

std::optional<ScriptInput> script_input(const std::filesystem::path& path) {
  OutsideOptions options;
  options.torchscript = path.string();
  return ScriptEncoder(options, {}, torch::kCPU).own_input();
}

}  // namespace mkdt
