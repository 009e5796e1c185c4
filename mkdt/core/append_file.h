// A text file that grows by lines, over several runs of the program.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

class AppendFile {
 public:
  // Opens or creates the file; what a killed process left of a last line is cut off. Error naming
  // the file if it cannot be written.
  explicit AppendFile(std::filesystem::path path);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  // Adds the line and its end. Error naming the file if it cannot be written as a whole.
  void add_line(const std::string& line);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace mkdt
