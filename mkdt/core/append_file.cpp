#include "mkdt/core/append_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "mkdt/core/atomic_file.h"
#include "mkdt/core/error.h"

namespace mkdt {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
}

// Where the last whole line ends.
off_t whole_lines(int descriptor, off_t size) {
  char last = 0;
  while (size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n') --size;
  return size;
}

}  // namespace

AppendFile::AppendFile(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) create_folder(path_.parent_path());
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) refuse(path_);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) refuse(path_);
  const off_t end = whole_lines(descriptor_, status.st_size);
  if (end != status.st_size && ::ftruncate(descriptor_, end) != 0) refuse(path_);
}

AppendFile::~AppendFile() { ::close(descriptor_); }

void AppendFile::add_line(const std::string& line) {
  const std::string text = line + '\n';
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(descriptor_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path_);
    written += static_cast<size_t>(count);
  }
}

}  // namespace mkdt
