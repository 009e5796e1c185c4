#include "mkdt/report/export_set.h"

#include <map>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/npy.h"
#include "mkdt/data/own_folders.h"
#include "mkdt/data/picture_mark.h"
#include "mkdt/report/contact_sheet.h"
#include "mkdt/report/dataset/recipe_json.h"
#include "mkdt/report/dataset/set_recipe.h"
#include "mkdt/report/export_folder.h"
#include "mkdt/report/npz.h"
#include "mkdt/report/torch_archive.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// The recipe's numbers have the names that the set's own file gives them.
void add_recipe(const SetRecipe& recipe, std::map<std::string, torch::Tensor>& arrays) {
  const auto real = [](double value) { return torch::tensor(value, torch::kFloat64); };
  const auto integer = [](int64_t value) { return torch::tensor(value, torch::kInt64); };
  arrays["recipe_lr"] = real(recipe.lr);
  arrays["recipe_steps"] = integer(recipe.steps);
  arrays["recipe_batch"] = integer(recipe.batch);
  arrays["recipe_momentum"] = real(recipe.momentum);
  arrays["recipe_weight_decay"] = real(recipe.weight_decay);
  if (recipe.validation_loss) arrays["recipe_validation_loss"] = real(*recipe.validation_loss);
}

std::map<std::string, torch::Tensor> arrays(const SyntheticSet& set) {
  std::map<std::string, torch::Tensor> all = {
      {"images", set.images.to(torch::kFloat32)},
      {"targets", set.targets.to(torch::kFloat32)},
      {"syn_lr", torch::tensor(set.syn_lr, torch::kFloat32)},
      {"mean", torch::tensor(set.normalisation.mean)},
      {"std", torch::tensor(set.normalisation.std)}};
  if (const auto recipe = set_recipe(set)) add_recipe(*recipe, all);
  return all;
}

// JSON, of ASCII characters alone.
std::string metadata(const SyntheticSet& set) {
  nlohmann::ordered_json entry;
  entry["written_by"] = kWrittenByExport;
  entry["images"] = set.size();
  entry["channels"] = set.images.size(1);
  entry["image_size"] = set.images.size(2);
  entry["target_dim"] = set.targets.size(1);
  entry["syn_lr"] = set.syn_lr;
  entry["mean"] = set.normalisation.mean;
  entry["std"] = set.normalisation.std;
  entry["pretrain"] = pretrain_entry(set);
  entry["provenance"] = set.provenance;
  return entry.dump(2, ' ', /*ensure_ascii=*/true,
                    nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

void write_png_folder(const SyntheticSet& set, const fs::path& folder) {
  const torch::Tensor pixels = set.normalisation.invert(set.images.to(torch::kCPU));
  for (int64_t i = 0; i < pixels.size(0); ++i) {
    write_marked_png(folder / fmt::format("{:06}.png", i), pixels[i]);
  }
  write_npy(folder / "targets.npy", set.targets.to(torch::kFloat32));
  write_marked_png(folder / "contact_sheet.png", contact_sheet(pixels));
  write_text_atomically(folder / "metadata.json", metadata(set));
}

void write_pt(const SyntheticSet& set, const fs::path& path) {
  TorchDictionary dictionary;
  dictionary.tensors = arrays(set);
  dictionary.texts["metadata"] = metadata(set);
  write_torch_archive(path, dictionary);
}

}  // namespace

ExportFormat export_format(const std::string& name) {
  const std::map<std::string, ExportFormat> formats = {{"png", ExportFormat::kPng},
                                                       {"npz", ExportFormat::kNpz},
                                                       {"pt", ExportFormat::kPt},
                                                       {"safetensors", ExportFormat::kSafetensors}};
  const auto found = formats.find(name);
  if (found == formats.end()) {
    throw Error(fmt::format(
        "--to: expected dataset, png, npz, pt or safetensors for a distilled set, got '{}'", name));
  }
  return found->second;
}

void export_set(const SyntheticSet& set, const fs::path& path, ExportFormat format) {
  try {
    switch (format) {
      case ExportFormat::kPng:
        return write_export_folder(path,
                                   [&](const fs::path& fresh) { write_png_folder(set, fresh); });
      case ExportFormat::kNpz:
        return write_npz(path, arrays(set), {{"metadata", metadata(set)}});
      case ExportFormat::kPt:
        return write_pt(set, path);
      case ExportFormat::kSafetensors:
        return write_synthetic_set(path, set);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot export: {}", path.string(), error.code().message()));
  }
}

}  // namespace mkdt
