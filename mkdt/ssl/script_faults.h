// Why a TorchScript program cannot be loaded or run here, and what helps.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include <torch/types.h>

namespace mkdt {

// Of a file that libtorch cannot load: the operator that is missing, the versions of the archive
// and of this libtorch, and how to export it again.
std::string why_not_loaded(const std::filesystem::path& path, const std::exception& error);

// Of a program that failed on images: what helps against parameters of `type` on a device that
// does not compute with them; nothing where they are not the reason.
std::optional<std::string> precision_remedy(const std::exception& error, torch::ScalarType type,
                                            torch::Device device);

// What helps where a program has the size of its batch built in; that size if it is known.
std::string batch_remedy(std::optional<int64_t> size);

}  // namespace mkdt
