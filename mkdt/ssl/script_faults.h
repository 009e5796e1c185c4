// Says why a TorchScript program cannot be loaded or run here, and what helps.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include <torch/types.h>

namespace mkdt {

// For a file that libtorch cannot load: names the operator that is missing, the versions of the
// archive and of this libtorch, and how to export it again.
std::string why_not_loaded(const std::filesystem::path& path, const std::exception& error);

// For a program that failed on images: says what helps against parameters of `type` on a device
// that does not compute with them; nothing where they are not the reason.
std::optional<std::string> precision_remedy(const std::exception& error, torch::ScalarType type,
                                            torch::Device device);

// Says what helps where a program has the size of its batch built in; names that size if it is
// known.
std::string batch_remedy(std::optional<int64_t> size);

}  // namespace mkdt
