#include <algorithm>

#include "mkdt/report/run_curves.h"
#include "mkdt/report/run_journal.h"
#include "tests/fuzz/hostile_input.h"

// The bytes as metrics.jsonl and as log.jsonl.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mkdt::fuzz;
  static const InputFile kInput;
  kInput.fill(data, size);
  return expect_error_at_worst([&] {
    for (const mkdt::ReportedCurve& curve : mkdt::read_run_curves(kInput.path())) {
      if (curve.steps.size() != curve.values.size() || curve.steps.size() > 1000 ||
          !std::is_sorted(curve.steps.begin(), curve.steps.end())) {
        finding("a curve that is none");
      }
    }
    if (mkdt::read_journal(kInput.path()).lines.size() > 100) finding("a journal without an end");
  });
}
