// An encoder from outside: a TorchScript file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <torch/types.h>

#include "mkdt/data/image_set.h"
#include "mkdt/ssl/image_encoder.h"
#include "mkdt/ssl/teacher_options.h"

namespace mkdt {

// Runs the file's program, in eval mode, on `device`: pixels in [0, 1] are resized (bilinear,
// antialiased) to options.input_size, shifted and scaled (by the options' mean and std, or else by
// those of `sample`), and options.output and options.pooling make one vector an image of what comes
// back. Tries it on some images of `sample`, together, in another order and alone, so that what
// cannot work is said before the long run. A program may do what it likes: use files that you
// trust. Their sizes and checksums are checked before libtorch loads them. Inputs have the type of
// its first floating-point parameter. Throws Error, naming file and option, for a file that is no
// TorchScript program, a program that fails on images of that size, or what it returns: no tensor,
// not a vector an image, another vector in another batch, no floating-point or no finite numbers.
// encode throws the same.
// A program of `mkdt export --to torchscript` normalises by itself: it is given pixels in [0, 1],
// and Error says so where the options have a mean.
ImageEncoder script_encoder(const OutsideOptions& options, const ImageSet& sample,
                            torch::Device device);

// What such a program says of itself.
struct ScriptInput {
  int64_t channels = 0;
  int64_t image_size = 0;  // H = W
  Normalisation normalisation;
};

// Nothing for a program from elsewhere. Error as script_encoder has it for a file that is none.
std::optional<ScriptInput> script_input(const std::filesystem::path& path);

}  // namespace mkdt
