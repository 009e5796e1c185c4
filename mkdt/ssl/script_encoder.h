// Makes an encoder of a TorchScript file from outside.
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
// those of `sample`), and options.output and options.pooling make one vector an image of its
// result. Inputs have the type of its first floating-point parameter. A program of `mkdt export
// --to torchscript` normalises by itself: it is given pixels in [0, 1], and Error says so where the
// options have a mean.
//
// It tries the program on some images of `sample`, together, in another order and alone, so that a
// program that cannot work is refused before the long run. A program may do anything: use files
// that you trust. Their sizes and checksums are checked before libtorch loads them.
//
// Throws Error, naming file and option, for a file that is no TorchScript program, a program that
// fails on images of that size, or a result that is no tensor, not a vector an image, another
// vector in another batch, or has no floating-point or no finite numbers. encode throws Error for
// the same faults.
ImageEncoder script_encoder(const OutsideOptions& options, const ImageSet& sample,
                            torch::Device device);

// The input that a program of our export describes.
struct ScriptInput {
  int64_t channels = 0;
  int64_t image_size = 0;  // H = W
  Normalisation normalisation;
};

// Returns nothing for a program from elsewhere. Throws Error as script_encoder does for a file that
// is no program.
std::optional<ScriptInput> script_input(const std::filesystem::path& path);

}  // namespace mkdt
