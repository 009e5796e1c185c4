// Names the stages, and those of their files that other stages and rooms read. A stage's name is
// also its folder in the run folder, and its subcommand.
#pragma once

#include <filesystem>
#include <string>

namespace mkdt {

inline constexpr const char* kTeacherStage = "teacher";
inline constexpr const char* kEmbedStage = "embed";
inline constexpr const char* kExpertsStage = "experts";
inline constexpr const char* kSubsetStage = "subset";
inline constexpr const char* kDistillStage = "distill";
inline constexpr const char* kKrrStStage = "krr-st";
inline constexpr const char* kMttSslStage = "mtt-ssl";
inline constexpr const char* kPretrainStage = "pretrain";
inline constexpr const char* kProbeStage = "probe";
inline constexpr const char* kEvaluateStage = "evaluate";

struct StageFile {
  const char* stage;
  const char* name;  // in the stage's folder

  // Returns "distill/distilled.safetensors", the path below the run folder, which is also the key
  // in manifests.
  std::string key() const { return std::string(stage) + "/" + name; }
  std::filesystem::path in(const std::filesystem::path& run_folder) const {
    return run_folder / stage / name;
  }
};

inline constexpr StageFile kTeacherFile = {kTeacherStage, "teacher.safetensors"};
inline constexpr StageFile kTrainRepresentations = {kEmbedStage, "train.safetensors"};
inline constexpr StageFile kValidationRepresentations = {kEmbedStage, "validation.safetensors"};
inline constexpr StageFile kTestRepresentations = {kEmbedStage, "test.safetensors"};
inline constexpr StageFile kProcessingFile = {kEmbedStage, "processing.safetensors"};
inline constexpr StageFile kClassesFile = {kEmbedStage, "classes.safetensors"};
inline constexpr StageFile kQualityFile = {kEmbedStage, "quality.json"};
inline constexpr StageFile kExpertLossesFile = {kSubsetStage, "losses.safetensors"};
inline constexpr StageFile kDistilledSet = {kDistillStage, "distilled.safetensors"};
inline constexpr StageFile kKrrStSet = {kKrrStStage, "krr-st.safetensors"};
inline constexpr StageFile kMttSslSet = {kMttSslStage, "mtt-ssl.safetensors"};
inline constexpr StageFile kEncoderFile = {kPretrainStage, "encoder.safetensors"};

// The folder of each stage that learns a set also has the set that it started from, and pictures.
inline constexpr const char* kStartFile = "start.safetensors";
inline constexpr const char* kContactSheetFile = "contact_sheet.png";

}  // namespace mkdt
