// Texts that are written again and again and must not be believed when they are damaged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkdt/core/observer.h"

namespace mkdt {

// Atomic: a line with the checksum of the text, then the text. The version before is kept.
void write_checked_text(const std::filesystem::path& path, const std::string& text);

// The text. Error naming the file if it cannot be read or its checksum is not that of its contents.
std::string checked_text(const std::filesystem::path& path);

// The newest version whose checksum is right; nothing if there is none. What is wrong with a
// version is said as a warning.
std::optional<std::string> read_checked_text(const std::filesystem::path& path, Observer& observer);

}  // namespace mkdt
