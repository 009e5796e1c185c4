#include "mkdt/publish/export_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/data/own_folders.h"
#include "mkdt/data/png.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/npy.h"
#include "mkdt/io/torch_file.h"
#include "mkdt/publish/contact_sheet.h"
#include "mkdt/publish/dataset/set_provenance.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPythonCache = "__pycache__";

// Tells whether `name` is 000000.png, 000001.png, ….
bool is_numbered_picture(std::string_view name) {
  constexpr std::string_view kEnding = ".png";
  if (name.size() < 6 + kEnding.size()) return false;
  const std::string_view number = name.substr(0, name.size() - kEnding.size());
  return name.substr(number.size()) == kEnding &&
         std::all_of(number.begin(), number.end(),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

// Tells whether an export gives files that name.
bool is_exported(const std::string& name) {
  constexpr std::array<std::string_view, 14> kNames = {
      "README.md",     "config.toml",   "contact_sheet.png", "images",         "images.npy",
      "load_numpy.py", "load_torch.py", "metadata.json",     "metadata.jsonl", "recipe.json",
      "results.csv",   "results.json",  "targets.npy",       kPythonCache};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || is_numbered_picture(name);
}

bool holds_an_export_alone(const fs::path& folder) {
  if (!is_export_folder(folder)) return false;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::end(entry); ++entry) {
    const std::string name = entry->path().filename().string();
    if (!is_exported(name)) return false;
    if (name == kPythonCache) entry.disable_recursion_pending();
  }
  return true;
}

void check_replaceable(const fs::path& path) {
  if (!fs::exists(path)) return;
  const bool folder = fs::is_directory(path);
  if (folder && (fs::is_empty(path) || holds_an_export_alone(path))) return;
  throw Error(fmt::format("{}: expected a new or empty folder, or one that an export wrote, got {}",
                          path.string(), folder ? "one with other files" : "a file"));
}

// The new folder is complete before the old one, if any, steps aside.
void replace_folder(const fs::path& path, const std::function<void(const fs::path& fresh)>& write) {
  const fs::path target = path.has_filename() ? path : path.parent_path();
  check_replaceable(target);
  const auto sibling = [&](const char* suffix) {
    return fs::path(target) += fmt::format(".{}{}", suffix, ::getpid());
  };
  const fs::path fresh = sibling("tmp");
  const fs::path old = sibling("old");
  try {
    fs::create_directories(fresh);
    write(fresh);
    if (fs::exists(target)) fs::rename(target, old);
    fs::rename(fresh, target);
    fs::remove_all(old);
  } catch (...) {
    std::error_code ignored;
    if (!fs::exists(target, ignored) && fs::exists(old, ignored)) fs::rename(old, target, ignored);
    fs::remove_all(fresh, ignored);
    throw;
  }
}

}  // namespace

void write_export_folder(const fs::path& path,
                         const std::function<void(const fs::path& fresh)>& write) {
  try {
    replace_folder(path, write);
  } catch (const fs::filesystem_error& error) {
    throw Error(fmt::format("{}: cannot export: {}", path.string(), error.code().message()));
  }
}

namespace {

// The recipe's numbers have the names that the set's own file gives them.
void add_recipe(const SetRecipe& recipe, std::map<std::string, torch::Tensor>& arrays) {
  const auto real = [](double value) { return torch::tensor(value, torch::kFloat64); };
  const auto integer = [](int64_t value) { return torch::tensor(value, torch::kInt64); };
  arrays["recipe_lr"] = real(recipe.training.sgd.lr);
  arrays["recipe_steps"] = integer(recipe.steps);
  arrays["recipe_batch"] = integer(recipe.training.batch);
  arrays["recipe_momentum"] = real(recipe.training.sgd.momentum);
  arrays["recipe_weight_decay"] = real(recipe.training.sgd.weight_decay);
  if (recipe.validation_loss) arrays["recipe_validation_loss"] = real(*recipe.validation_loss);
}

std::map<std::string, torch::Tensor> arrays(const SyntheticSet& set) {
  std::map<std::string, torch::Tensor> all = {
      {"images", set.images.to(torch::kFloat32)},
      {"targets", set.targets.to(torch::kFloat32)},
      {"syn_lr", torch::tensor(set.syn_lr, torch::kFloat32)},
      {"mean", torch::tensor(set.normalisation.mean)},
      {"std", torch::tensor(set.normalisation.std)}};
  if (set.recipe) add_recipe(*set.recipe, all);
  return all;
}

// Returns JSON, of ASCII characters alone.
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
  entry["provenance"] = metadata_of(set);
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
