#include "mkdt/page/run_facts.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/core/safetensors.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

// The shape of a tensor in a file's header; empty if there is no such file or tensor.
std::vector<int64_t> shape_of(const fs::path& path, const std::string& tensor) {
  try {
    if (!fs::exists(path)) return {};
    return read_safetensors(path).tensor(tensor).sizes().vec();
  } catch (const Error&) {
    return {};
  }
}

std::string teacher_text(const Config& config) {
  const OutsideOptions& outside = config.teacher.outside;
  if (!outside.representations.empty()) return "representations of an outside encoder";
  if (!outside.torchscript.empty()) return "an outside encoder (TorchScript)";
  const TeacherTrainingOptions& training = config.teacher.training;
  const BackboneShape backbone = resolved(training.backbone);
  return fmt::format("{}, {} of width {}, {} epochs", training.objective.algorithm,
                     backbone.architecture, backbone.width, training.epochs);
}

std::string student_text(const Config& config) {
  return fmt::format("{} of width {}, depth {}", config.experts.architecture, config.experts.width,
                     config.experts.depth);
}

}  // namespace

Facts run_facts(const fs::path& folder, const Config& config) {
  Facts facts;
  const std::string source = config.data.root.empty()
                                 ? config.data.format
                                 : fs::path(config.data.root).filename().string();
  const auto train = shape_of(folder / "embed" / "train.safetensors", "representations");
  if (train.size() == 2) {
    facts.emplace_back("data", fmt::format("{}, {} training images", source, train[0]));
    facts.emplace_back("targets", fmt::format("{} dimensions", train[1]));
  } else {
    facts.emplace_back("data", source);
  }
  const auto images = shape_of(folder / "distill" / "distilled.safetensors", "images");
  if (images.size() == 4) {
    facts.emplace_back("synthetic set",
                       fmt::format("{} images of {}×{} pixels", images[0], images[2], images[3]));
  }
  facts.emplace_back("teacher", teacher_text(config));
  facts.emplace_back("student", student_text(config));
  facts.emplace_back("seed", std::to_string(config.runtime.seed));
  return facts;
}

std::vector<ReportedOptions> reported_options(const Config& config) {
  std::vector<ReportedOptions> sections;
  for (const Option& option : config.table.options()) {
    if (sections.empty() || sections.back().section != option.section) {
      sections.push_back({option.section, {}});
    }
    sections.back().options.emplace_back(option.name, option.value());
  }
  return sections;
}

Facts run_provenance_facts(const fs::path& folder) {
  const fs::path path = folder / "distill" / "distilled.safetensors";
  if (!fs::exists(path)) return {};
  Facts facts;
  for (const auto& [key, value] : read_safetensors(path).metadata) {
    if (key != "config") facts.emplace_back(key, value);
  }
  return facts;
}

}  // namespace mkdt
