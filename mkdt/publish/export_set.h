// Exports a synthetic set for other programs, to files and folders that are whole or not there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mkdt/distill/synthetic_set.h"

namespace mkdt {

// Writes a folder whole or not at all, and never in place of what others keep there. `write` is
// given a new folder, which takes the place of `path` when it is complete. Throws Error, and leaves
// `path` as it was, if that is a file, or a folder that is neither empty nor an export's with
// nothing else in it; files that Python leaves beside a loader do not count. Throws Error naming
// `path` if the file system refuses.
void write_export_folder(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& fresh)>& write);

enum class ExportFormat { kPng, kNpz, kPt, kSafetensors };

// Reads "png", "npz", "pt" or "safetensors". Throws Error for anything else.
ExportFormat export_format(const std::string& name);

// Exports the set. kPng is a folder with 000000.png … (pixels rounded to 8 bits), targets.npy,
// contact_sheet.png and metadata.json. kNpz and kPt are one file with float32 arrays images,
// targets, syn_lr, mean, std, the recipe's numbers as recipe_lr, recipe_steps, … where the set has
// a recipe, and `metadata`, the text of metadata.json; kPt is a dictionary for torch.load, with
// weights_only too (io/torch_file.h). kSafetensors is a file as the pipeline writes it.
// Each appears whole or not at all, and replaces a file; a folder is replaced as
// write_export_folder says.
void export_set(const SyntheticSet& set, const std::filesystem::path& path, ExportFormat format);

}  // namespace mkdt
