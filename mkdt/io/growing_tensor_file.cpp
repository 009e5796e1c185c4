#include "mkdt/io/growing_tensor_file.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <torch/utils.h>

#include "mkdt/io/durable_file.h"
#include "mkdt/io/open_file.h"
#include "mkdt/io/regular_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(100);

// Calls transfer(buffer, bytes left, offset) until all bytes are through. Returns false where it
// fails or, with errno 0, the file ends.
template <typename Transfer>
bool all_of(char* data, uint64_t size, uint64_t offset, Transfer transfer) {
  while (size > 0) {
    errno = 0;
    const ssize_t count = transfer(data, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<uint64_t>(count);
    offset += static_cast<uint64_t>(count);
  }
  return true;
}

bool write_all(int descriptor, const void* data, uint64_t size, uint64_t offset) {
  return all_of(static_cast<char*>(const_cast<void*>(data)), size, offset,
                [descriptor](const char* from, uint64_t bytes, off_t at) {
                  return ::pwrite(descriptor, from, bytes, at);
                });
}

bool read_all(int descriptor, void* data, uint64_t size, uint64_t offset) {
  return all_of(static_cast<char*>(data), size, offset,
                [descriptor](char* to, uint64_t bytes, off_t at) {
                  return ::pread(descriptor, to, bytes, at);
                });
}

// Tells whether the open file has this header and size.
bool has(int descriptor, const std::string& header, uint64_t size) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || static_cast<uint64_t>(status.st_size) != size) {
    return false;
  }
  std::string found(header.size(), '\0');
  return read_all(descriptor, found.data(), found.size(), 0) && found == header;
}

bool is_whole(const fs::path& path, const std::string& header, uint64_t size) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool whole = has(descriptor, header, size);
  ::close(descriptor);
  return whole;
}

}  // namespace

GrowingTensorFile::GrowingTensorFile(fs::path path,
                                     const std::map<std::string, TensorLayout>& tensors,
                                     const std::map<std::string, std::string>& metadata,
                                     Observer& observer)
    : path_(std::move(path)), partial_(path_.string() + ".partial") {
  try {
    create_folder(path_.parent_path());
  } catch (const Error& error) {
    throw CannotGrow(error.what());
  }
  uint64_t size = 0;
  const std::string header = safetensors_header(tensors, metadata, size);
  uint64_t offset = header.size();
  for (const auto& [name, layout] : tensors) {
    const int64_t rows = layout.shape.empty() ? 1 : layout.shape.front();
    const uint64_t bytes = *value_bytes(layout.shape, c10::elementSize(layout.dtype));
    places_[name] = {offset, rows > 0 ? bytes / static_cast<uint64_t>(rows) : 0, layout};
    offset += bytes;
  }
  size += header.size();

  bool waited = false;
  while (!try_to_open()) {
    if (!waited) {
      observer.info(fmt::format("{}: another process is writing it; waiting", path_.string()));
    }
    waited = true;
    throw_if_stopped(observer);
    std::this_thread::sleep_for(kLookAgain);
  }
  if (is_whole(path_, header, size)) {
    ::unlink(partial_.c_str());  // it was made by opening
    ::close(std::exchange(descriptor_, -1));
    return;
  }
  if (!has(descriptor_, header, size)) begin(header, size);
}

GrowingTensorFile::~GrowingTensorFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// Returns false where another process has the file.
bool GrowingTensorFile::try_to_open() {
  while (true) {
    descriptor_ = ::open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("cannot write", errno);
    const int locked = ::flock(descriptor_, LOCK_EX | LOCK_NB);
    const int code = errno;
    if (locked == 0 && is_at(descriptor_, partial_)) return true;
    ::close(std::exchange(descriptor_, -1));
    if (locked != 0 && code == EWOULDBLOCK) return false;
    if (locked != 0 && code != EINTR) fail("cannot lock", code);
  }
}

// The header comes last: a file that has it has its place, too.
void GrowingTensorFile::begin(const std::string& header, uint64_t size) {
  if (::ftruncate(descriptor_, 0) != 0) fail("cannot write", errno);
  if (const int code = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size)); code != 0) {
    ::unlink(partial_.c_str());
    fail("cannot take its place on the disk", code);
  }
  if (!write_all(descriptor_, header.data(), header.size(), 0)) fail("cannot write", errno);
}

void GrowingTensorFile::write(const std::string& tensor, int64_t first,
                              const torch::Tensor& rows) const {
  const Place& place = places_.at(tensor);
  const torch::Tensor values = rows.contiguous();
  TORCH_CHECK(values.scalar_type() == place.layout.dtype &&
                  values.nbytes() == place.row_size * static_cast<uint64_t>(rows.size(0)) &&
                  first + rows.size(0) <= place.layout.shape.front(),
              "rows that do not fit '", tensor, "'");
  if (!write_all(descriptor_, values.data_ptr(), values.nbytes(),
                 place.offset + static_cast<uint64_t>(first) * place.row_size)) {
    fail("cannot write", errno);
  }
}

torch::Tensor GrowingTensorFile::read(const std::string& tensor, int64_t first,
                                      int64_t count) const {
  const Place& place = places_.at(tensor);
  std::vector<int64_t> shape = place.layout.shape;
  shape.front() = count;
  torch::Tensor rows = torch::empty(shape, place.layout.dtype);
  if (!read_all(descriptor_, rows.data_ptr(), rows.nbytes(),
                place.offset + static_cast<uint64_t>(first) * place.row_size)) {
    fail("cannot read", errno);
  }
  return rows;
}

void GrowingTensorFile::finish() {
  if (::fsync(descriptor_) != 0) fail("cannot sync", errno);
  if (::rename(partial_.c_str(), path_.c_str()) != 0) fail("cannot rename", errno);
  sync_folder(path_.parent_path());
}

void GrowingTensorFile::fail(const std::string& what, int code) const {
  throw CannotGrow(fmt::format("{}: {}: {}", partial_.string(), what,
                               code == 0 ? "it ends too early" : std::strerror(code)));
}

}  // namespace mkdt
