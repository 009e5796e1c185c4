#include "cli/export_encoder.h"

#include <fmt/format.h>

#include "cli/among_images.h"
#include "mkdt/base/error.h"
#include "mkdt/compare/stage_files.h"
#include "mkdt/distill/synthetic_set.h"
#include "mkdt/io/safetensors.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/publish/encoder_export.h"

namespace mkdt::cli {
namespace {

namespace fs = std::filesystem;

const StageFile& file_in_run(ExportedPart part) {
  return part == ExportedPart::kTeacher ? kTeacherFile : kEncoderFile;
}

fs::path file_of(const fs::path& source, ExportedPart part) {
  if (!fs::is_directory(source)) return source;
  const fs::path file = file_in_run(part).in(source);
  if (fs::exists(file)) return file;
  throw Error(part == ExportedPart::kTeacher
                  ? fmt::format("{}: this run has trained no teacher (yet); one from outside is a "
                                "file already",
                                file.string())
                  : fmt::format("{}: no encoder is pre-trained yet; `mkdt pretrain CONFIG` does it",
                                file.string()));
}

// Returns the normalisation of the set on which the encoder was trained, for files that do not say
// it themselves: the set lies in the encoder's run.
Normalisation normalisation_of_run(const fs::path& encoder) {
  const fs::path set = kDistilledSet.in(encoder.parent_path().parent_path());
  return fs::exists(set) ? read_synthetic_set(set).normalisation : Normalisation{};
}

fs::path default_output(const fs::path& file, EncoderFormat format) {
  const std::string stem = file.stem().string();
  switch (format) {
    case EncoderFormat::kPt:
      return file.parent_path() / (stem + ".pt");
    case EncoderFormat::kTorchscript:
      return file.parent_path() / (stem + "-torchscript.pt");
    case EncoderFormat::kSafetensors:
      break;
  }
  return file.parent_path() / (stem + "-export.safetensors");
}

}  // namespace

ExportedPart exported_part(const fs::path& source, ExportedPart asked) {
  if (fs::is_directory(source) || source.extension() != ".safetensors") return asked;
  const TensorFile file = read_safetensors(source);
  ExportedPart found = ExportedPart::kSet;
  if (is_encoder(file.metadata)) {
    found = ExportedPart::kEncoder;
  } else if (file.metadata.count("architecture") != 0 && file.tensors.count("images") == 0) {
    found = ExportedPart::kTeacher;
  }
  if (asked == ExportedPart::kSet || asked == found) return found;
  throw Error(fmt::format("{}: {} was asked for, but it holds {}", source.string(),
                          asked == ExportedPart::kEncoder ? "an encoder" : "a teacher",
                          found == ExportedPart::kSet       ? "a distilled set"
                          : found == ExportedPart::kEncoder ? "an encoder"
                                                            : "a teacher"));
}

fs::path export_encoder_to(const fs::path& source, ExportedPart part, const std::string& format,
                           const fs::path& out) {
  const EncoderFormat chosen = encoder_format(format);
  const fs::path file = file_of(source, part);
  const PortableEncoder encoder = portable_encoder(
      read_safetensors(file), normalisation_of_run(fs::absolute(file)), torch::kCPU);
  const fs::path target = out.empty() ? default_output(file, chosen) : out;
  check_output(target);
  export_encoder(encoder, target, chosen);
  return target;
}

}  // namespace mkdt::cli
