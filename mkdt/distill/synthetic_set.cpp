#include "mkdt/distill/synthetic_set.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/finite.h"
#include "mkdt/base/text.h"
#include "mkdt/io/safetensors.h"

namespace mkdt {
namespace {

constexpr const char* kKind = "mkdt synthetic set";

void require(bool condition, const TensorFile& file, const char* what) {
  if (!condition) throw Error(fmt::format("{}: {}", file.origin, what));
}

std::vector<float> as_vector(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.to(torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

}  // namespace

SyntheticSet read_synthetic_set(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  SyntheticSet set;
  set.images = file.tensor("images").to(torch::kFloat32);
  set.targets = file.tensor("targets").to(torch::kFloat32);
  require(set.images.dim() == 4, file, "'images' is not [M,C,H,W]");
  require(set.targets.dim() == 2 && set.targets.size(0) == set.images.size(0), file,
          "'targets' is not [M,d] with as many rows as there are images");
  require(set.images.size(0) > 0, file, "it holds no images");
  require(all_finite(set.images), file, "'images' has values that are not finite");
  require(all_finite(set.targets), file, "'targets' has values that are not finite");
  const torch::Tensor& syn_lr = file.tensor("syn_lr");
  require(syn_lr.numel() == 1, file, "'syn_lr' is not one number");
  set.syn_lr = syn_lr.to(torch::kFloat64).item<double>();
  require(std::isfinite(set.syn_lr) && set.syn_lr >= 0, file,
          "'syn_lr' is not a finite number of at least 0");
  set.normalisation = {as_vector(file.tensor("mean")), as_vector(file.tensor("std"))};
  set.normalisation.check(set.images.size(1), file.origin);
  take_metadata(file.metadata, set);
  return set;
}

void write_synthetic_set(const std::filesystem::path& path, const SyntheticSet& set) {
  TensorFile file;
  file.tensors = {{"images", set.images.to(torch::kFloat32)},
                  {"targets", set.targets.to(torch::kFloat32)},
                  {"syn_lr", torch::tensor(set.syn_lr, torch::kFloat64)},
                  {"mean", torch::tensor(set.normalisation.mean)},
                  {"std", torch::tensor(set.normalisation.std)}};
  file.metadata = metadata_of(set);
  file.metadata["kind"] = kKind;
  write_safetensors(path, file);
}

std::map<std::string, std::string> metadata_of(const SyntheticSet& set) {
  std::map<std::string, std::string> metadata = set.provenance;
  if (set.recipe) put_recipe(*set.recipe, metadata);
  return metadata;
}

void take_metadata(std::map<std::string, std::string> metadata, SyntheticSet& set) {
  set.recipe = take_recipe(metadata);
  set.provenance = std::move(metadata);
}

const std::string& provenance_entry(const SyntheticSet& set, const std::string& key,
                                    const std::filesystem::path& path) {
  const auto found = set.provenance.find(key);
  if (found != set.provenance.end()) return found->second;
  throw Error(fmt::format("{}: it has no metadata entry '{}'", path.string(), key));
}

const SetRecipe& carried_recipe(const SyntheticSet& set, const std::filesystem::path& path) {
  if (set.recipe) return *set.recipe;
  throw Error(fmt::format("{}: its recipe is lr '{}', '{}' steps: expected positive numbers",
                          path.string(), printable(provenance_entry(set, "recipe_lr", path)),
                          printable(provenance_entry(set, "recipe_steps", path))));
}

}  // namespace mkdt
