#include "mkdt/study/study_files.h"

#include "mkdt/io/durable_file.h"

namespace mkdt {

std::filesystem::path study_folder(const std::filesystem::path& run_folder,
                                   const std::string& study) {
  return run_folder / "study" / study;
}

void write_study(const std::filesystem::path& folder, const std::string& study,
                 const std::vector<std::string>& context, const std::vector<Table>& tables) {
  std::string text = "# Study: " + study + "\n\n";
  for (const std::string& line : context) text += "- " + line + "\n";
  for (const Table& table : tables) text += "\n" + markdown_text(table);
  write_text_atomically(folder / (study + ".md"), text);
}

}  // namespace mkdt
