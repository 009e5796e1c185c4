// Reads TensorBoard's event files from the published formats alone, without what wrote them.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mkdt/io/checksum.h"

namespace mkdt::testing {

struct EventRecord {
  double wall_time = 0;
  int64_t step = 0;
  std::string file_version;
  std::string tag;
  std::optional<float> value;
  std::string image;  // a file's bytes
  int64_t image_height = 0, image_width = 0, image_colorspace = 0;
};

// A message taken apart field by field: https://protobuf.dev/programming-guides/encoding.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }
  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
  }
  template <typename Number>
  Number fixed() {
    Number value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string_view text() { return take(varint()); }

 private:
  std::string_view take(size_t size) {
    if (size > bytes_.size()) throw std::runtime_error("the message ends early");
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  std::string_view bytes_;
};

// Field number << 3 | wire type (0 varint, 1 eight bytes, 2 text or message, 5 four bytes).
constexpr uint64_t key(uint64_t field, uint64_t wire_type) { return field << 3U | wire_type; }

inline void read_image(std::string_view bytes, EventRecord& event) {
  WireReader image(bytes);
  while (!image.done()) {
    switch (image.varint()) {
      case key(1, 0):
        event.image_height = static_cast<int64_t>(image.varint());
        break;
      case key(2, 0):
        event.image_width = static_cast<int64_t>(image.varint());
        break;
      case key(3, 0):
        event.image_colorspace = static_cast<int64_t>(image.varint());
        break;
      case key(4, 2):
        event.image = image.text();
        break;
      default:
        throw std::runtime_error("Image: unknown field");
    }
  }
}

inline void read_summary(std::string_view bytes, EventRecord& event) {
  WireReader summary(bytes);
  while (!summary.done()) {
    if (summary.varint() != key(1, 2)) throw std::runtime_error("Summary: unknown field");
    WireReader value(summary.text());
    while (!value.done()) {
      switch (value.varint()) {
        case key(1, 2):
          event.tag = value.text();
          break;
        case key(2, 5):
          event.value = value.fixed<float>();
          break;
        case key(4, 2):
          read_image(value.text(), event);
          break;
        default:
          throw std::runtime_error("Value: unknown field");
      }
    }
  }
}

inline EventRecord read_event(std::string_view bytes) {
  WireReader reader(bytes);
  EventRecord event;
  while (!reader.done()) {
    switch (reader.varint()) {
      case key(1, 1):
        event.wall_time = reader.fixed<double>();
        break;
      case key(2, 0):
        event.step = static_cast<int64_t>(reader.varint());
        break;
      case key(3, 2):
        event.file_version = reader.text();
        break;
      case key(5, 2):
        read_summary(reader.text(), event);
        break;
      default:
        throw std::runtime_error("Event: unknown field");
    }
  }
  return event;
}

// The record's bytes without their checksum, which is checked; none if the file ends before.
inline std::optional<std::string_view> checked(std::string_view& file, size_t size) {
  if (file.size() < size + 4) return std::nullopt;
  const std::string_view bytes = file.substr(0, size);
  uint32_t stored = 0;
  std::memcpy(&stored, file.data() + size, 4);
  stored -= 0xA282EAD8U;
  if ((stored >> 17U | stored << 15U) != crc32c(bytes)) throw std::runtime_error("wrong checksum");
  file.remove_prefix(size + 4);
  return bytes;
}

// The events up to where the file ends.
inline std::vector<EventRecord> read_events(std::string_view file) {
  std::vector<EventRecord> events;
  for (;;) {
    const auto length = checked(file, 8);
    if (!length) return events;
    uint64_t size = 0;
    std::memcpy(&size, length->data(), 8);
    const auto message = checked(file, size);
    if (!message) return events;
    events.push_back(read_event(*message));
  }
}

}  // namespace mkdt::testing
