// The distilled set for other programs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

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
