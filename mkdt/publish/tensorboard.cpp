#include "mkdt/publish/tensorboard.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/data/png.h"
#include "mkdt/io/checksum.h"
#include "mkdt/io/durable_file.h"
#include "mkdt/publish/event_record.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <typename Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(value); ++i) bytes += static_cast<char>(value >> 8 * i & 0xFFU);
  return bytes;
}

// Throws Error if the stream failed, with the reason of what was done since errno was 0.
void check(const std::ostream& stream, const fs::path& path) {
  if (stream) return;
  throw Error(fmt::format("{}: cannot write: {}", path.string(),
                          errno != 0 ? std::strerror(errno) : "the stream failed"));
}

// Returns the checksum masked, because the checksum of bytes that contain checksums would be weak.
std::string masked_checksum(std::string_view bytes) {
  const uint32_t checksum = crc32c(bytes);
  return little_endian((checksum >> 15U | checksum << 17U) + 0xA282EAD8U);
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(fs::path folder) : folder_(std::move(folder)) {}

void TensorBoardWriter::scalar(const std::string& tag, int64_t step, double value) {
  write(scalar_event(seconds_since_1970(), step, tag, static_cast<float>(value)));
}

void TensorBoardWriter::image(const std::string& tag, int64_t step, const torch::Tensor& pixels) {
  write(image_event(seconds_since_1970(), step, tag, pixels.size(1), pixels.size(2),
                    encode_png(pixels)));
}

void TensorBoardWriter::write(const std::string& message) {
  if (path_.empty()) open();
  write_record(message);
}

void TensorBoardWriter::open() {
  create_folder(folder_);
  std::error_code ignored;
  const double now = seconds_since_1970();
  auto seconds = static_cast<int64_t>(now);
  do {
    path_ = folder_ / fmt::format("events.out.tfevents.{}.mkdt", seconds++);
  } while (fs::exists(path_, ignored));
  errno = 0;
  stream_.open(path_, std::ios::binary | std::ios::app);
  check(stream_, path_);
  write_record(version_event(now));
}

void TensorBoardWriter::write_record(const std::string& message) {
  const std::string length = little_endian(static_cast<uint64_t>(message.size()));
  errno = 0;
  stream_ << length << masked_checksum(length) << message << masked_checksum(message) << std::flush;
  check(stream_, path_);
}

}  // namespace mkdt
