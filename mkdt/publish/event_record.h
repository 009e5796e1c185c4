// Writes TensorBoard's Event messages (event.proto) as bytes. Nothing of libtorch is included here
// or in the source: among PyTorch's headers are those of its own protobuf, of another version.
#pragma once

#include <cstdint>
#include <string>

namespace mkdt {

// Returns the first event of a file. Wall times are seconds since 1970.
std::string version_event(double wall_time);

// Returns a point of the curve `tag`.
std::string scalar_event(double wall_time, int64_t step, const std::string& tag, float value);

// Returns a picture, which `png` holds as a PNG file with red, green and blue.
std::string image_event(double wall_time, int64_t step, const std::string& tag, int64_t height,
                        int64_t width, const std::string& png);

}  // namespace mkdt
