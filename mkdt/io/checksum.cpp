#include "mkdt/io/checksum.h"

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include "mkdt/base/error.h"
#include "mkdt/io/regular_file.h"

#define XXH_INLINE_ALL

namespace mkdt {
namespace {

std::string hex(uint64_t digest) { return fmt::format("{:016x}", digest); }

using State = std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)>;

State new_state() {
  State state(XXH3_createState(), &XXH3_freeState);
  XXH3_64bits_reset(state.get());
  return state;
}

}  // namespace

std::string checksum(std::string_view bytes) {
  return hex(XXH3_64bits(bytes.data(), bytes.size()));
}

std::string checksum(const torch::Tensor& tensor) {
  const State state = new_state();
  const std::string header = fmt::format("{} {}", c10::toString(tensor.scalar_type()),
                                         fmt::join(tensor.sizes().vec(), ","));
  XXH3_64bits_update(state.get(), header.data(), header.size());
  const torch::Tensor values = tensor.detach().cpu().contiguous();
  XXH3_64bits_update(state.get(), values.data_ptr(), values.nbytes());
  return hex(XXH3_64bits_digest(state.get()));
}

std::string file_checksum(const std::filesystem::path& path) {
  regular_file_size(path);  // or Error
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw Error(fmt::format("{}: cannot read it for its checksum", path.string()));
  const State state = new_state();
  std::vector<char> block(1 << 20);
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    XXH3_64bits_update(state.get(), block.data(), static_cast<size_t>(stream.gcount()));
  }
  if (stream.bad()) throw Error(fmt::format("{}: cannot read it for its checksum", path.string()));
  return hex(XXH3_64bits_digest(state.get()));
}

namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed

// How each byte changes the remainder.
constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = remainder >> 1U ^ ((remainder & 1U) != 0 ? kPolynomial : 0);
    }
    table[byte] = remainder;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kTable = make_table();

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t remainder = 0xFFFFFFFF;
  for (const char byte : bytes) {
    remainder = remainder >> 8U ^ kTable[(remainder ^ static_cast<uint8_t>(byte)) & 0xFFU];
  }
  return ~remainder;
}

}  // namespace mkdt
