#include "mkdt/publish/import_png_set.h"

#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/text.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/image_set.h"
#include "mkdt/data/png.h"
#include "mkdt/io/json.h"
#include "mkdt/io/npy.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// Reads `count` images, a number that is in the metadata; read_image names a file that is missing.
torch::Tensor read_pixels(const fs::path& folder, int64_t count) {
  std::vector<torch::Tensor> pixels;
  for (int64_t i = 0; i < count; ++i) {
    const fs::path path = folder / fmt::format("{:06}.png", i);
    pixels.push_back(read_image(path));
    if (pixels.back().size(1) > kLargestImage || pixels.back().size(2) > kLargestImage) {
      throw Error(
          fmt::format("{}: expected at most {} pixels a side", path.string(), kLargestImage));
    }
    if (pixels.back().sizes() != pixels.front().sizes()) {
      throw Error(fmt::format("{}: expected the size of the first image", path.string()));
    }
  }
  return torch::stack(pixels);
}

}  // namespace

SyntheticSet import_png_set(const fs::path& folder) {
  const fs::path path = folder / "metadata.json";
  SyntheticSet set;
  int64_t count = 0;
  try {
    const auto metadata = nlohmann::json::parse(read_json_text(path));
    metadata.at("images").get_to(count);
    metadata.at("syn_lr").get_to(set.syn_lr);
    metadata.at("mean").get_to(set.normalisation.mean);
    metadata.at("std").get_to(set.normalisation.std);
    take_metadata(metadata.at("provenance").get<std::map<std::string, std::string>>(), set);
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("{}: expected the metadata of an export, got: {}", path.string(),
                            printable(error.what())));
  }
  set.targets = read_npy(folder / "targets.npy").clone();
  expect_finite(set.targets, (folder / "targets.npy").string());
  if (count < 1 || set.targets.dim() != 2 || set.targets.size(0) != count) {
    throw Error(fmt::format("{}: expected one row of targets for each of {} images",
                            (folder / "targets.npy").string(), count));
  }
  const torch::Tensor pixels = read_pixels(folder, count);
  set.normalisation.check(pixels.size(1), path.string());
  set.images = set.normalisation.apply(pixels);
  return set;
}

SyntheticSet after_png_files(const SyntheticSet& set) {
  std::vector<torch::Tensor> pixels;
  for (const torch::Tensor& image :
       set.normalisation.invert(set.images.to(torch::kCPU)).unbind(0)) {
    pixels.push_back(decode_png(encode_png(image), "a synthetic image"));
  }
  SyntheticSet back = set;
  back.images = set.normalisation.apply(torch::stack(pixels));
  back.targets = set.targets.to(torch::kCPU, torch::kFloat32);
  return back;
}

}  // namespace mkdt
