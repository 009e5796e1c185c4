#include "mkdt/pipeline/runtime_options.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <fmt/format.h>
#include <torch/utils.h>
#include <torch/version.h>

#include "mkdt/core/error.h"
#include "mkdt/core/torch_message.h"

namespace mkdt {

void RuntimeOptions::declare(OptionSection& section) {
  section.add("seed", seed, 0, 9e15, "The one seed from which everything random follows.");
  section.add("device", device, {"cpu", "cuda"}, "Where networks run.");
  section.add("threads", threads, 0, 1024, "Threads for computing; 0 is one a core.");
  section.add("cores", cores, 0, 1023,
              "Cores to stay on, so that another process can have the others; empty: any.");
  section.add("tf32", tf32,
              "On a CUDA device, round the factors of float32 products to TF32's 10 bits: faster, "
              "less exact.");
  section.add("checkpoint_minutes", checkpoint_minutes, 0, 1e6,
              "Minutes after which a long stage writes a checkpoint, if none of its own interval's "
              "came before; 0: never.");
  section.add("check_resources", check_resources,
              "Before a stage begins, estimate what memory and disk it needs, and refuse to begin "
              "where there is less.");
}

torch::Device RuntimeOptions::torch_device() const {
  const torch::Device asked(device);
  if (asked.is_cpu()) return asked;
  if (!c10::impl::hasDeviceGuardImpl(asked.type())) {
    throw Error(fmt::format(
        "runtime.device: {}, but this libtorch ({}) is built without it; build mkdt with one that "
        "has it, or set runtime.device to cpu",
        device, TORCH_VERSION));
  }
  // Drivers that are missing or too old, and GPUs that this libtorch has no kernels for, show up
  // when something is computed.
  try {
    torch::ones({2}, asked).add(1).sum().item<double>();
  } catch (const c10::Error& error) {
    throw Error(fmt::format(
        "runtime.device: {} cannot be used: {}; mend that, or set runtime.device to cpu", device,
        torch_message(error)));
  }
  return asked;
}

}  // namespace mkdt
