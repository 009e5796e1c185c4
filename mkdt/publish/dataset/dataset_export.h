// Exports a distilled set as a folder to publish, which explains itself, and which Hugging Face
// shows.
#pragma once

#include <filesystem>

#include "mkdt/publish/dataset/dataset_card.h"

namespace mkdt {

// Writes README.md (the card), images.npy, targets.npy, recipe.json, images/000000.png … with
// metadata.jsonl, contact_sheet.png, load_torch.py, load_numpy.py; config.toml if the set carries
// one, results.json and results.csv if there are results. docs/reference/formats.md describes it.
// The folder appears and replaces another as write_export_folder says (publish/export_set.h).
// Throws Error for a set without images and for a licence that cannot be one.
void export_dataset(const PublishedSet& published, const std::filesystem::path& folder);

}  // namespace mkdt
