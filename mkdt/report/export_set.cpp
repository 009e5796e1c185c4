#include "mkdt/report/export_set.h"

#include <map>
#include <ostream>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/serialize.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"
#include "mkdt/core/nesting.h"
#include "mkdt/core/npy.h"
#include "mkdt/data/image_file.h"
#include "mkdt/report/contact_sheet.h"
#include "mkdt/report/npz.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWrittenBy = "mkdt export";

std::map<std::string, torch::Tensor> arrays(const SyntheticSet& set) {
  return {{"images", set.images.to(torch::kFloat32)},
          {"targets", set.targets.to(torch::kFloat32)},
          {"syn_lr", torch::tensor(set.syn_lr, torch::kFloat32)},
          {"mean", torch::tensor(set.normalisation.mean)},
          {"std", torch::tensor(set.normalisation.std)}};
}

std::string metadata(const SyntheticSet& set) {
  nlohmann::ordered_json entry;
  entry["written_by"] = kWrittenBy;
  entry["images"] = set.size();
  entry["channels"] = set.images.size(1);
  entry["image_size"] = set.images.size(2);
  entry["target_dim"] = set.targets.size(1);
  entry["syn_lr"] = set.syn_lr;
  entry["mean"] = set.normalisation.mean;
  entry["std"] = set.normalisation.std;
  entry["provenance"] = set.provenance;
  return entry.dump(2) + "\n";
}

bool written_by_export(const fs::path& folder) {
  if (!fs::is_regular_file(folder / kMetadata)) return false;
  const auto entry = nlohmann::json::parse(read_json_text(folder / kMetadata), nullptr, false);
  return entry.is_object() && entry.value("written_by", nlohmann::json()) == kWrittenBy;
}

void write_png_folder(const SyntheticSet& set, const fs::path& folder) {
  const torch::Tensor pixels = set.normalisation.invert(set.images.to(torch::kCPU));
  for (int64_t i = 0; i < pixels.size(0); ++i) {
    write_png(folder / fmt::format("{:06}.png", i), pixels[i]);
  }
  write_npy(folder / "targets.npy", set.targets.to(torch::kFloat32));
  write_png(folder / "contact_sheet.png", contact_sheet(pixels));
  write_text_atomically(folder / kMetadata, metadata(set));
}

// The new folder is complete before the old one, if any, steps aside.
void replace_folder(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path target = path.has_filename() ? path : path.parent_path();
  const bool exists = fs::exists(target);
  if (exists &&
      !(fs::is_directory(target) && (fs::is_empty(target) || written_by_export(target)))) {
    throw Error(
        fmt::format("{}: expected a new or empty folder, or one that an export wrote, got "
                    "{}",
                    path.string(), fs::is_directory(target) ? "one with other files" : "a file"));
  }
  const auto sibling = [&](const char* suffix) {
    return fs::path(target) += fmt::format(".{}{}", suffix, ::getpid());
  };
  const fs::path fresh = sibling("tmp");
  const fs::path old = sibling("old");
  try {
    fs::create_directories(fresh);
    write(fresh);
    if (exists) fs::rename(target, old);
    fs::rename(fresh, target);
    fs::remove_all(old);
  } catch (...) {
    std::error_code ignored;
    if (!fs::exists(target, ignored) && fs::exists(old, ignored)) fs::rename(old, target, ignored);
    fs::remove_all(fresh, ignored);
    throw;
  }
}

void write_pt(const SyntheticSet& set, const fs::path& path) {
  c10::Dict<std::string, torch::Tensor> dictionary;
  for (const auto& [name, tensor] : arrays(set)) {
    dictionary.insert(name, tensor.to(torch::kCPU).contiguous());
  }
  const std::vector<char> bytes = torch::pickle_save(dictionary);
  write_text_atomically(path, {bytes.begin(), bytes.end()});
}

}  // namespace

ExportFormat export_format(const std::string& name) {
  const std::map<std::string, ExportFormat> formats = {{"png", ExportFormat::kPng},
                                                       {"npz", ExportFormat::kNpz},
                                                       {"pt", ExportFormat::kPt},
                                                       {"safetensors", ExportFormat::kSafetensors}};
  const auto found = formats.find(name);
  if (found == formats.end()) {
    throw Error(fmt::format("export format: expected png, npz, pt or safetensors, got '{}'", name));
  }
  return found->second;
}

void export_set(const SyntheticSet& set, const fs::path& path, ExportFormat format) {
  try {
    switch (format) {
      case ExportFormat::kPng:
        return replace_folder(path, [&](const fs::path& folder) { write_png_folder(set, folder); });
      case ExportFormat::kNpz:
        return write_npz(path, arrays(set));
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
