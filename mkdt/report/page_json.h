// Writes the report's values as the JSON that the page reads; report_page/README.md describes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkdt/report/report_data.h"

namespace mkdt {

// Returns the JSON. `refresh_seconds` says how often the page should load itself again, during a
// run. Texts are cut to two thousand bytes, bytes that are no UTF-8 are replaced, and "<" appears
// only as \u003c, so that nothing of it can end the element that it stands in.
std::string page_json(const std::vector<ReportedRun>& runs, std::optional<int> refresh_seconds);

}  // namespace mkdt
