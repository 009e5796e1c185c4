#include "mkdt/publish/dataset/dataset_export.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mkdt/base/error.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/png.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/io/npy.h"
#include "mkdt/publish/contact_sheet.h"
#include "mkdt/publish/csv.h"
#include "mkdt/publish/dataset/dataset_card.h"
#include "mkdt/publish/dataset/front_matter.h"
#include "mkdt/publish/dataset/set_provenance.h"
#include "mkdt/publish/export_set.h"
#include "mkdt/publish/results.h"

namespace mkdt {
namespace fs = std::filesystem;

// The files load_torch.py and load_numpy.py beside this one, as texts (mkdt_embed_text).
extern const std::string_view kLoadTorch;
extern const std::string_view kLoadNumpy;

namespace {

constexpr int64_t kMostImages = 100;   // of the contact sheet
constexpr int64_t kShownPicture = 64;  // a small image is enlarged to about so many pixels

// Writes the pictures and metadata.jsonl, which has a line for each image, as
// https://huggingface.co/docs/hub/datasets-image asks.
void write_pictures(const torch::Tensor& pixels, const fs::path& folder) {
  std::string metadata;
  for (int64_t i = 0; i < pixels.size(0); ++i) {
    const std::string name = fmt::format("{:06}.png", i);
    write_marked_png(folder / name, pixels[i]);
    metadata += nlohmann::ordered_json{{"file_name", name}, {"index", i}}.dump() + "\n";
  }
  write_text_atomically(folder / "metadata.jsonl", metadata);
}

void write_contact_sheet(const torch::Tensor& pixels, const fs::path& path) {
  ContactSheetOptions sheet;
  sheet.scale = std::max<int64_t>(1, kShownPicture / pixels.size(3));
  const torch::Tensor rows = spread_rows(pixels.size(0), kMostImages);
  write_marked_png(path, contact_sheet(pixels.index_select(0, rows), sheet));
}

void write_folder(const PublishedSet& published, const fs::path& folder) {
  // 1. Write the set, exactly and as pictures.
  const SyntheticSet& set = published.set;
  const torch::Tensor images = set.images.to(torch::kCPU, torch::kFloat32);
  write_npy(folder / "images.npy", images);
  write_npy(folder / "targets.npy", set.targets.to(torch::kCPU, torch::kFloat32));
  const torch::Tensor pixels = set.normalisation.invert(images);
  write_pictures(pixels, folder / "images");
  write_contact_sheet(pixels, folder / "contact_sheet.png");

  // 2. Say how to train on it.
  write_text_atomically(folder / "recipe.json", recipe_json(set));
  write_text_atomically(folder / "load_torch.py", std::string(kLoadTorch));
  write_text_atomically(folder / "load_numpy.py", std::string(kLoadNumpy));

  // 3. Say what is known of it.
  const std::string config = set_entry(set, "config");
  if (!config.empty()) write_text_atomically(folder / "config.toml", without_folders(config));
  if (!published.results.empty()) {
    write_text_atomically(folder / "results.json", results_json(published.results));
    write_text_atomically(folder / "results.csv", results_csv(published.results));
  }
  write_text_atomically(folder / "README.md", dataset_card(published));
}

}  // namespace

void export_dataset(const PublishedSet& published, const fs::path& folder) {
  check_license(published.license);
  if (published.set.size() == 0) {
    throw Error(fmt::format("{}: there are no images to export", folder.string()));
  }
  write_export_folder(folder, [&](const fs::path& fresh) { write_folder(published, fresh); });
}

}  // namespace mkdt
