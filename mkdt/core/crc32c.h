// The CRC-32C of RFC 3720 (iSCSI), appendix B.4: polynomial 0x1EDC6F41, reflected.
#pragma once

#include <cstdint>
#include <string_view>

namespace mkdt {

uint32_t crc32c(std::string_view bytes);

}  // namespace mkdt
