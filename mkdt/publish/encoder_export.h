// A pre-trained encoder or a teacher for other programs.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/ssl/portable_encoder.h"

namespace mkdt {

// An encoder as a TorchScript program, which needs neither mkdt nor the architecture's source.

// For torch.jit.load, teacher.torchscript and `mkdt embed --encoder`. forward takes pixels, uint8
// or floating-point numbers from 0 to 1, [N,C,H,W] (grey ones, C = 1, for three channels, too),
// normalises them, and gives features [N,F]. The parameters have their names with _ for dots; the
// buffers mean and std, and the numbers channels, image_size and takes_pixels (1), can be read. In
// the archive, extra/metadata.json has the metadata. `encoder` is on the CPU; its features are
// traced, and compared with the program's on batches of other sizes. Atomic; Error naming `path`.
void write_encoder_program(const PortableEncoder& encoder, const std::filesystem::path& path);

// A pre-trained encoder or a teacher for other programs.

enum class EncoderFormat { kPt, kTorchscript, kSafetensors };

// "pt", "torchscript" or "safetensors"; Error for anything else.
EncoderFormat encoder_format(const std::string& name);

// kPt: a dictionary for torch.load (torch_archive.h) with `parameters`, float32 tensors mean and
// std, and `metadata`, a dictionary of texts. kSafetensors: the same tensors side by side, and the
// metadata. kTorchscript: a program from images [N,C,H,W], uint8 or floating-point numbers from 0
// to 1, to features [N,F] (encoder_program.h). The file appears whole or not at all, and replaces
// another. Error naming `path`.
void export_encoder(const PortableEncoder& encoder, const std::filesystem::path& path,
                    EncoderFormat format);

}  // namespace mkdt
