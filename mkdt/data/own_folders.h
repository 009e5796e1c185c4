// The folders that mkdt writes, recognised by what is in them: none of them is data.
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

}  // namespace mkdt
