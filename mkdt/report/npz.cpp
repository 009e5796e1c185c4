#include "mkdt/report/npz.h"

#include "mkdt/core/npy.h"
#include "mkdt/report/zip_writer.h"

namespace mkdt {

void write_npz(const std::filesystem::path& path,
               const std::map<std::string, torch::Tensor>& tensors,
               const std::map<std::string, std::string>& texts) {
  write_stored_zip(path, [&](ZipWriter& archive) {
    for (const auto& [name, tensor] : tensors) archive.add(name + ".npy", npy_bytes(tensor));
    for (const auto& [name, text] : texts) archive.add(name + ".npy", npy_text_bytes(text));
  });
}

}  // namespace mkdt
