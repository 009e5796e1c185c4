// Recognises the folders that mkdt writes by their contents: none of them is data, and none should
// be written among data.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

// The value of `written_by` in metadata.json or recipe.json of an export's folder.
inline constexpr const char* kWrittenByExport = "mkdt export";

// Tells whether `mkdt export` wrote this folder, as pictures or to be published.
bool is_export_folder(const std::filesystem::path& folder);

// Tells whether a run lies in this folder: one that is going on, or has left its journal or its
// stages.
bool is_run_folder(const std::filesystem::path& folder);

// Returns "a run folder of mkdt", "an export of mkdt", or an empty text for all other folders.
std::string own_folder_kind(const std::filesystem::path& folder);

// Warns where a path is about to be written among the images of a data set: "PATH: lies among
// images; what mkdt writes is not read as data" if the folder that it is written into holds images,
// or its folders do. Empty where it holds none, or is mkdt's own.
std::string note_among_images(const std::filesystem::path& path);

}  // namespace mkdt
