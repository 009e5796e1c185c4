#include "mkdt/core/regular_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "mkdt/core/error.h"

namespace mkdt {
namespace {

constexpr size_t kBeyond = 4096;  // bytes asked for behind what should be the end

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Error(fmt::format("{}: cannot read: {}", path.string(), reason));
}

}  // namespace

RegularFile::RegularFile(const std::filesystem::path& path)
    // Without O_NONBLOCK, to open a pipe that nobody writes to would wait.
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
  if (descriptor_ < 0) refuse(path, std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    size_ = static_cast<uint64_t>(status.st_size);
    return;
  }
  ::close(descriptor_);
  refuse(path,
         known && S_ISDIR(status.st_mode) ? "a folder, not a regular file" : "not a regular file");
}

RegularFile::~RegularFile() { ::close(descriptor_); }

uint64_t regular_file_size(const std::filesystem::path& path) { return RegularFile(path).size(); }

std::string read_regular_file(const std::filesystem::path& path, uint64_t most) {
  const RegularFile file(path);
  const auto check_size = [&](uint64_t size) {
    if (size <= most) return;
    throw Error(
        fmt::format("{}: {} bytes are too many, expected at most {}", path.string(), size, most));
  };
  check_size(file.size());
  std::string bytes(file.size() + 1, '\0');  // the byte behind it finds the end
  size_t done = 0;
  while (true) {
    if (done == bytes.size()) bytes.resize(done + kBeyond);
    const ssize_t got = ::read(file.descriptor(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(path, std::strerror(errno));
    if (got == 0) break;
    done += static_cast<size_t>(got);
    check_size(done);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace mkdt
