// The distilled set for other programs, in folders that are whole or not there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// The folders that exports write: whole or not at all, and never in place of what others keep.

// `write` is given a new folder, which takes the place of `path` when it is complete. Error, and
// `path` as it was, if that is a file, or a folder that is neither empty nor an export's with
// nothing else in it; what Python leaves beside a loader does not count. Error naming `path` if the
// file system refuses.
void write_export_folder(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& fresh)>& write);

// The distilled set for other programs.

enum class ExportFormat { kPng, kNpz, kPt, kSafetensors };

// "png", "npz", "pt" or "safetensors"; Error for anything else.
ExportFormat export_format(const std::string& name);

// kPng: a folder with 000000.png … (pixels rounded to 8 bits), targets.npy, contact_sheet.png and
// metadata.json. kNpz, kPt: one file with float32 arrays images, targets, syn_lr, mean, std, the
// recipe's numbers as recipe_lr, recipe_steps, … where the set has a recipe, and `metadata`, the
// text of metadata.json; in kPt a dictionary for torch.load, with weights_only too (see
// torch_archive.h). kSafetensors: as the pipeline writes it.
// Each appears whole or not at all. Replaces a file; a folder as export_folder.h says.
void export_set(const SyntheticSet& set, const std::filesystem::path& path, ExportFormat format);

}  // namespace mkdt
