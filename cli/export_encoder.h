// Exports a run's encoder or teacher, in place of its distilled set, for `mkdt export`.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt::cli {

enum class ExportedPart { kSet, kEncoder, kTeacher };

// Returns which part `source` is where it is a file: by its metadata, an encoder, a teacher or a
// set. For a run folder it returns `asked`. Throws Error if both are given and differ.
ExportedPart exported_part(const std::filesystem::path& source, ExportedPart asked);

// Writes `part`, which is not the set, from a run folder or from its file; beside it if `out` is
// empty. `format` is pt, torchscript or safetensors. Returns the path of the output. Throws Error
// naming file or option.
std::filesystem::path export_encoder_to(const std::filesystem::path& source, ExportedPart part,
                                        const std::string& format,
                                        const std::filesystem::path& out);

}  // namespace mkdt::cli
