// The report: runs as one HTML file that needs nothing else.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mkdt {

inline constexpr const char* kReportFile = "report.html";  // in a run folder

// The page of these run folders; see read_run.h and page_json.h. Error if one is no folder.
std::string report_page(const std::vector<std::filesystem::path>& runs,
                        std::optional<int> refresh_seconds = std::nullopt);

// Atomic. `path` may lie in one of the folders.
void write_report(const std::filesystem::path& path, const std::vector<std::filesystem::path>& runs,
                  std::optional<int> refresh_seconds = std::nullopt);

}  // namespace mkdt
