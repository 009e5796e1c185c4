#include "mkdt/pipeline/pipeline.h"

#include "mkdt/core/atomic_file.h"
#include "mkdt/pipeline/run.h"
#include "mkdt/pipeline/run_log.h"
#include "mkdt/pipeline/source_fingerprint.h"
#include "mkdt/pipeline/stage.h"

namespace mkdt {
namespace fs = std::filesystem;

fs::path default_run_folder(const fs::path& config_path) {
  return fs::path("runs") / config_path.stem();
}

void run_pipeline(const Config& config, const fs::path& folder, const std::string& only_stage,
                  Observer& observer) {
  // What is wrong with the configuration is said before anything is written.
  source_fingerprint(config.data);
  config.runtime.torch_device();

  write_text_atomically(folder / "config.toml", config.table.to_toml());
  RunLog log(folder, observer);
  Run run(config, folder, log);
  if (only_stage.empty()) {
    run_all(run);
  } else {
    run_stage(run, only_stage);
  }
}

fs::path results_folder(const fs::path& run_folder) { return run_folder / "evaluate"; }

}  // namespace mkdt
