// Checksums: XXH3 as 16 hexadecimal digits, of bytes, tensors and files, and CRC-32C.
#pragma once

#include <cstdint>
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

// The CRC-32C of RFC 3720 (iSCSI), appendix B.4: polynomial 0x1EDC6F41, reflected.

uint32_t crc32c(std::string_view bytes);

}  // namespace mkdt
