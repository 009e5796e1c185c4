// Writes curves and pictures for TensorBoard: a file of Event messages (event.proto), each in a
// TFRecord.
// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details: the length as
// eight bytes little-endian, their masked CRC-32C, the message, its masked CRC-32C.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Makes events.out.tfevents.SECONDS.mkdt in `folder` when the first point comes. Each writer makes
// a new file, so that files sorted by name are sorted by time. Every point is handed to the system
// at once: the file of a process that is killed ends between records, or at worst within the last.
class TensorBoardWriter {
 public:
  explicit TensorBoardWriter(std::filesystem::path folder);

  // Adds a point of the curve `tag`, stored as float32. Throws Error naming the file if it cannot
  // be written.
  void scalar(const std::string& tag, int64_t step, double value);
  // Adds the picture `tag` at that step; `pixels` is uint8 [3,H,W].
  void image(const std::string& tag, int64_t step, const torch::Tensor& pixels);

 private:
  void open();
  void write(const std::string& message);
  void write_record(const std::string& message);

  std::filesystem::path folder_;
  std::filesystem::path path_;  // empty before the first point
  std::ofstream stream_;
};

}  // namespace mkdt
