// An encoder as a TorchScript program, which needs neither mkdt nor the architecture's source.
#pragma once

#include <filesystem>

#include "mkdt/ssl/portable_encoder.h"

namespace mkdt {

// For torch.jit.load, teacher.torchscript and `mkdt embed --encoder`. forward takes pixels, uint8
// or floating-point numbers from 0 to 1, [N,C,H,W] (grey ones, C = 1, for three channels, too),
// normalises them, and gives features [N,F]. The parameters have their names with _ for dots; the
// buffers mean and std, and the numbers channels, image_size and takes_pixels (1), can be read. In
// the archive, extra/metadata.json has the metadata. `encoder` is on the CPU; its features are
// traced, and compared with the program's on batches of other sizes. Atomic; Error naming `path`.
void write_encoder_program(const PortableEncoder& encoder, const std::filesystem::path& path);

}  // namespace mkdt
