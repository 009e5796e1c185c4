// Writes a pre-trained encoder or a teacher to a file for other programs.
#pragma once

#include <filesystem>
#include <string>

#include "mkdt/ssl/portable_encoder.h"

namespace mkdt {

// Writes the encoder as a TorchScript program, which needs neither mkdt nor the architecture's
// source: for torch.jit.load, teacher.torchscript and `mkdt embed --encoder`. forward takes pixels,
// uint8 or floating-point numbers from 0 to 1, [N,C,H,W] (grey ones, C = 1, for three channels,
// too), normalises them, and gives features [N,F]. The parameters have their names with _ for dots;
// the buffers mean and std, and the numbers channels, image_size and takes_pixels (1), can be read.
// In the archive, extra/metadata.json has the metadata. `encoder` is on the CPU; its features are
// traced, and compared with the program's on batches of other sizes. The file is written
// atomically. Throws Error naming `path`.
void write_encoder_program(const PortableEncoder& encoder, const std::filesystem::path& path);

enum class EncoderFormat { kPt, kTorchscript, kSafetensors };

// Reads "pt", "torchscript" or "safetensors". Throws Error for anything else.
EncoderFormat encoder_format(const std::string& name);

// Writes the encoder in one of the formats. kPt is a dictionary for torch.load (io/torch_file.h)
// with `parameters`, float32 tensors mean and std, and `metadata`, a dictionary of texts.
// kSafetensors has the same tensors side by side, and the metadata. kTorchscript is the program of
// write_encoder_program. The file appears whole or not at all, and replaces another. Throws Error
// naming `path`.
void export_encoder(const PortableEncoder& encoder, const std::filesystem::path& path,
                    EncoderFormat format);

}  // namespace mkdt
