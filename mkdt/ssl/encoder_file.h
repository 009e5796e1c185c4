// An encoder from any of the files that mkdt writes one to.
#pragma once

#include <cstdint>
#include <filesystem>

#include <torch/types.h>

#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

struct FileEncoder {
  ImageEncoder encoder;
  Normalisation normalisation;  // of the images' pixels
  int64_t channels = 0;
  int64_t image_size = 0;  // H = W of the images that it takes
};

// By the contents: a student's or a teacher's safetensors file, a dictionary (.pt) or a TorchScript
// program of `mkdt export`. Programs from elsewhere do not say what they take; Error naming `path`
// says where those are used. A program is run: use files that you trust.
FileEncoder read_encoder_file(const std::filesystem::path& path, torch::Device device);

}  // namespace mkdt
