// The folders that mkdt writes, recognised by what is in them: none of them is data, and none
// should be written among data.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

// What metadata.json or recipe.json of an export's folder has as `written_by`.
inline constexpr const char* kWrittenByExport = "mkdt export";

// Whether `mkdt export` wrote this folder, as pictures or to be published.
bool is_export_folder(const std::filesystem::path& folder);

// Whether a run lies in this folder: one that is going on, or has left its journal or its stages.
bool is_run_folder(const std::filesystem::path& folder);

// "a run folder of mkdt", "an export of mkdt", or empty for all other folders.
std::string own_folder_kind(const std::filesystem::path& folder);

// Whether something is about to be written where a data set seems to lie.

// "PATH: lies among images; what mkdt writes is not read as data" where the folder that `path` is
// written into holds images, or its folders do; empty where it holds none, or is mkdt's own.
std::string note_among_images(const std::filesystem::path& path);

}  // namespace mkdt
