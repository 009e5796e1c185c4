#include "mkdt/report/run_journal.h"

#include <nlohmann/json.hpp>

#include "mkdt/io/json.h"

namespace mkdt {
namespace {

constexpr size_t kMostLines = 100;

}  // namespace

RunJournal read_journal(const std::filesystem::path& path) {
  RunJournal journal;
  read_json_lines(path, [&](const nlohmann::json& object) {
    const LogLine line = {object.at("time").get<std::string>(),
                          object.at("level").get<std::string>(),
                          object.at("message").get<std::string>()};
    if (object.contains("event")) {
      journal.event = object.at("event").get<std::string>();
      journal.message = line.message;
    }
    if (line.level == "info") return;
    if (journal.lines.size() == kMostLines) journal.lines.erase(journal.lines.begin());
    journal.lines.push_back(line);
  });
  return journal;
}

}  // namespace mkdt
