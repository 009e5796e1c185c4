#include "mkdt/pipeline/run_teacher.h"

#include <fmt/format.h>

#include "mkdt/core/error.h"
#include "mkdt/ssl/script_encoder.h"
#include "mkdt/ssl/teacher.h"

namespace mkdt {

std::optional<ImageEncoder> run_teacher(Run& run) {
  const OutsideOptions& outside = run.config().teacher.outside;
  if (!outside.representations.empty()) return std::nullopt;
  if (!outside.torchscript.empty()) {
    return script_encoder(outside, run.images(Part::kTrain), run.device());
  }
  return image_encoder(read_teacher(run.path("teacher", "teacher.safetensors")), run.device());
}

void check_same_dimensions(const OutsideOptions& options, int64_t train, int64_t test) {
  if (test == train) return;
  throw Error(fmt::format("{}: representations of {} dimensions, but those of '{}' have {}",
                          options.test_representations, test, options.representations, train));
}

}  // namespace mkdt
