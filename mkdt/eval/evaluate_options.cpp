#include "mkdt/eval/evaluate_options.h"

#include <algorithm>

namespace mkdt {

void EvaluateOptions::declare(OptionSection& section) {
  section.add("methods", methods, {"none", "random", "high-loss", "distilled", "full", "teacher"},
              "What is compared: a random encoder, encoders pre-trained on a random subset, the "
              "high-loss subset, the distilled set or all images, and the teacher itself.");
  section.add("label_fractions", label_fractions, 1e-6, 1,
              "Parts of the downstream labels that the probe is trained on, one column each.");
  section.add("seeds", seeds, 1, 1000,
              "Pre-trainings and label samples of each method; tables show mean and deviation.");
  section.add("probe_l2", probe_l2, 0, 1e6, "L2 weight on the probe's weights.");
  section.add("probe_iterations", probe_iterations, 1, 1e6,
              "Outer L-BFGS iterations of the probe, of up to 20 steps each.");
  section.add("datasets", datasets,
              "Folders of further downstream data sets; the images of [data] are always one.");
  section.add("encoder_width", encoder_width, 0, 65536,
              "Width of the encoders that are pre-trained; 0 is the student's.");
  section.add("encoder_depth", encoder_depth, 0, 16,
              "Depth of the encoders that are pre-trained; 0 is the student's.");
}

bool EvaluateOptions::includes(const std::string& method) const {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace mkdt
