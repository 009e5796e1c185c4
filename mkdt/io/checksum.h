// Computes checksums: XXH3 as 16 hexadecimal digits, of bytes, tensors and files, and CRC-32C.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <torch/types.h>

namespace mkdt {

std::string checksum(std::string_view bytes);
// The checksum is of dtype, shape and values, whatever the strides and the device.
std::string checksum(const torch::Tensor& tensor);
// The checksum is of the file's contents. Throws Error if it cannot be read.
std::string file_checksum(const std::filesystem::path& path);

// Computes the CRC-32C of RFC 3720 (iSCSI), appendix B.4: polynomial 0x1EDC6F41, reflected.
uint32_t crc32c(std::string_view bytes);

}  // namespace mkdt
