#include "mkdt/io/durable_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0)
    throw Error(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;  // some file systems have none
  const std::string why = synced ? "" : std::strerror(errno);
  ::close(descriptor);
  if (!synced) throw Error(fmt::format("{}: cannot sync: {}", path.string(), why));
}

}  // namespace

void sync_file(const fs::path& path) { sync_to_disk(path, O_RDONLY); }

void sync_folder(const fs::path& path) { sync_to_disk(path, O_RDONLY | O_DIRECTORY); }

namespace {

constexpr const char* kTemporary = ".tmp";

std::string reason() { return std::strerror(errno); }

// Tells whether a name is NAME.tmpPID.
bool is_temporary(const std::string& name) {
  const size_t mark = name.rfind(kTemporary);
  if (mark == std::string::npos || mark == 0) return false;
  const std::string pid = name.substr(mark + std::strlen(kTemporary));
  return !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Refuses anything but a file, since a rename would put a file in the place of a device or a pipe.
void check_replaceable(const fs::path& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status)) return;
  throw Error(fmt::format("{}: cannot write: not a regular file; name another one", path.string()));
}

}  // namespace

void create_folder(const fs::path& folder) {
  std::error_code code;
  if (fs::is_directory(folder, code)) return;
  if (fs::exists(folder, code)) {
    throw Error(fmt::format("{}: cannot create the folder: a file has its name", folder.string()));
  }
  if (fs::is_symlink(folder, code)) {
    throw Error(
        fmt::format("{}: cannot create the folder: it is a link to '{}', which is not there",
                    folder.string(), fs::read_symlink(folder, code).string()));
  }
  const fs::path parent = parent_of(folder);
  if (parent != folder) create_folder(parent);
  fs::create_directory(folder, code);
  if (code) throw Error(fmt::format("{}: cannot create: {}", folder.string(), code.message()));
  sync_folder(parent);
}

void remove_temporaries(const fs::path& folder, bool and_below) {
  std::error_code code;
  std::vector<fs::path> left;
  for (fs::recursive_directory_iterator entry(folder, code), end; entry != end && !code;
       entry.increment(code)) {
    if (!and_below) entry.disable_recursion_pending();
    if (is_temporary(entry->path().filename().string())) left.push_back(entry->path());
  }
  for (const fs::path& path : left) fs::remove(path, code);
}

void write_path_atomically(const fs::path& path,
                           const std::function<void(const fs::path&)>& write) {
  check_replaceable(path);
  const fs::path folder = parent_of(path);
  create_folder(folder);
  std::error_code code;
  fs::path temporary = path;
  temporary += fmt::format("{}{}", kTemporary, ::getpid());
  try {
    write(temporary);
    sync_file(temporary);
    fs::rename(temporary, path, code);
    if (code) throw Error(fmt::format("{}: cannot rename: {}", path.string(), code.message()));
    sync_folder(folder);
  } catch (...) {
    fs::remove(temporary, code);
    throw;
  }
}

void write_file_atomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  write_path_atomically(path, [&](const fs::path& temporary) {
    errno = 0;
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    if (!stream) throw Error(fmt::format("{}: cannot write: {}", path.string(), reason()));
    write(stream);
    stream.close();
    if (!stream) {
      throw Error(fmt::format("{}: cannot write: {}", path.string(),
                              errno != 0 ? reason() : "the stream failed"));
    }
  });
}

void write_text_atomically(const fs::path& path, const std::string& text) {
  write_file_atomically(path, [&](std::ostream& stream) {
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  });
}

std::string read_text(const fs::path& path) {
  constexpr uint64_t kMost = uint64_t{1} << 30;
  return read_regular_file(path, kMost);
}

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
}

// Returns where the last whole line ends.
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

namespace {

fs::path beside(const fs::path& path, const char* mark) {
  fs::path name = path.stem();
  name += mark;
  name += path.extension();
  return path.parent_path() / name;
}

void put_in_place(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) throw Error(fmt::format("{}: cannot rename: {}", to.string(), code.message()));
}

}  // namespace

fs::path previous_of(const fs::path& path) { return beside(path, ".previous"); }

void write_next_version(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path next = beside(path, ".next");
  write(next);
  std::error_code code;
  if (fs::exists(path, code)) put_in_place(path, previous_of(path));
  put_in_place(next, path);
  sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

}  // namespace mkdt
