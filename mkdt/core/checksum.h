// XXH3 checksums, as 16 hexadecimal digits: of bytes, of tensors, of files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

std::string checksum(std::string_view bytes);
// Of dtype, shape and values; independent of strides and device.
std::string checksum(const torch::Tensor& tensor);
// Of the contents. Throws Error if the file cannot be read.
std::string file_checksum(const std::filesystem::path& path);

}  // namespace mkdt
