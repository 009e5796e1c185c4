#include "mkdt/data/normalisation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "mkdt/base/error.h"

namespace mkdt {
namespace {

torch::Tensor per_channel(const std::vector<float>& values, const torch::Device& device) {
  const auto channels = static_cast<int64_t>(values.size());
  return torch::tensor(values, torch::kFloat32).view({channels, 1, 1}).to(device);
}

}  // namespace

ChannelMap Normalisation::map_on(torch::Device device) const {
  const torch::Tensor deviation = per_channel(std, device);
  return {(deviation * 255).reciprocal(), -per_channel(mean, device) / deviation};
}

torch::Tensor Normalisation::apply(const torch::Tensor& pixels) const {
  return map_on(pixels.device())(pixels);
}

torch::Tensor Normalisation::invert(const torch::Tensor& images) const {
  const torch::Tensor values =
      images.detach().to(torch::kFloat32) * per_channel(std, images.device()) +
      per_channel(mean, images.device());
  return torch::nan_to_num(values * 255).round().clamp(0, 255).to(torch::kUInt8);
}

void Normalisation::check(int64_t channels, const std::string& origin) const {
  const auto count = static_cast<size_t>(channels);
  if (mean.size() != count || std.size() != count) {
    throw Error(fmt::format("{}: 'mean' and 'std' do not have one value a channel: expected {}",
                            origin, channels));
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  const auto positive = [](float value) { return std::isfinite(value) && value > 0; };
  if (!std::all_of(mean.begin(), mean.end(), finite) ||
      !std::all_of(std.begin(), std.end(), positive)) {
    throw Error(
        fmt::format("{}: expected finite values in 'mean' and 'std', above 0 in 'std'", origin));
  }
}

std::optional<Normalisation> published_normalisation(const std::string& name) {
  // MKDT (arXiv 2410.02116) and its authors' code have these constants.
  static const std::map<std::string, Normalisation> kPublished = {
      {"cifar10", {{.4914F, .4822F, .4465F}, {.2023F, .1994F, .2010F}}},
      {"cifar100", {{.5071F, .4865F, .4409F}, {.2009F, .1984F, .2023F}}},
      {"tiny-imagenet", {{.485F, .456F, .406F}, {.229F, .224F, .225F}}},
      {"imagenet", {{.485F, .456F, .406F}, {.229F, .224F, .225F}}},
      {"aircraft", {{.4804F, .5116F, .5349F}, {.2021F, .1953F, .2297F}}},
      {"cub", {{.4857F, .4995F, .4324F}, {.2145F, .2098F, .2496F}}},
      {"dogs", {{.4765F, .4516F, .3911F}, {.2490F, .2435F, .2479F}}},
      {"flowers", {{.4329F, .3820F, .2965F}, {.2828F, .2333F, .2615F}}}};
  const auto found = kPublished.find(name);
  if (found == kPublished.end()) return std::nullopt;
  return found->second;
}

Normalisation measured_normalisation(const torch::Tensor& images) {
  TORCH_CHECK(images.dim() == 4 && images.numel() > 0 && images.scalar_type() == torch::kUInt8,
              "measured_normalisation needs uint8 [N,C,H,W]");
  const torch::Tensor pixels = images.contiguous();
  const int64_t channels = pixels.size(1);
  const int64_t plane = pixels.size(2) * pixels.size(3);
  // Bytes have 256 values: counting them makes the sums exact in any order.
  std::vector<std::array<int64_t, 256>> counts(static_cast<size_t>(channels));
  for (auto& count : counts) count.fill(0);
  const auto* value = pixels.data_ptr<uint8_t>();
  for (int64_t image = 0; image < pixels.size(0); ++image) {
    for (auto& count : counts) {
      for (int64_t i = 0; i < plane; ++i) ++count[*value++];
    }
  }

  constexpr double kSmallestStd = 1.0 / 255;  // for a channel that is the same everywhere
  const auto total = static_cast<double>(pixels.size(0) * plane);
  Normalisation measured;
  for (const auto& count : counts) {
    double sum = 0;
    double squares = 0;
    for (size_t v = 0; v < count.size(); ++v) {
      const double x = static_cast<double>(v) / 255;
      sum += x * static_cast<double>(count[v]);
      squares += x * x * static_cast<double>(count[v]);
    }
    const double mean = sum / total;
    const double variance = std::max(0.0, squares / total - mean * mean);
    measured.mean.push_back(static_cast<float>(mean));
    measured.std.push_back(static_cast<float>(std::max(kSmallestStd, std::sqrt(variance))));
  }
  return measured;
}

}  // namespace mkdt
