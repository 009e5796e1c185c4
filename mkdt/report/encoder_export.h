// A pre-trained encoder or a teacher for other programs.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/ssl/portable_encoder.h"

namespace mkdt {

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
