// An encoder that stands alone (a student's or a teacher's, with its normalisation), read from any
// file in which mkdt keeps one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/encoder.h"
#include "mkdt/ssl/image_encoder.h"
#include "mkdt/ssl/teacher.h"

namespace mkdt {

struct PortableEncoder {
  std::map<std::string, torch::Tensor> tensors;  // parameters and buffers, by their names in files
  std::map<std::string, std::string> metadata;   // of the file: architecture and provenance
  Normalisation normalisation;
  std::string fingerprint;
  int64_t image_size = 0;  // H = W
  int64_t dim = 0;         // F
  // Maps float32 [B,C,H,W] in normalised space to [B,F], with PyTorch's operators from `tensors`
  // themselves, not from copies, and without a number of images in any shape: a trace of it is a
  // program.
  std::function<torch::Tensor(const torch::Tensor& images)> features;

  int64_t channels() const { return static_cast<int64_t>(normalisation.mean.size()); }
};

// Makes an encoder on `device`. A student whose file does not say how its images were normalised
// takes `otherwise`; throws Error naming `origin` if that is empty, too.
PortableEncoder portable_encoder(const Encoder& student, const Normalisation& otherwise,
                                 const std::string& origin, torch::Device device);
PortableEncoder portable_encoder(const Teacher& teacher, torch::Device device);

// Reads a file of either kind. tensor_file makes one of its kind that has mean and std, as tensors
// and in the metadata.
PortableEncoder portable_encoder(const TensorFile& file, const Normalisation& otherwise,
                                 torch::Device device);
TensorFile tensor_file(const PortableEncoder& encoder);

// The result's `encode` throws Error for images that have another size or number of channels.
ImageEncoder image_encoder(const PortableEncoder& encoder, torch::Device device);

// An encoder from any of the files that mkdt writes one to.
struct FileEncoder {
  ImageEncoder encoder;
  Normalisation normalisation;  // of the images' pixels
  int64_t channels = 0;
  int64_t image_size = 0;  // H = W of the images that it takes
};

// Reads a file by its contents: a student's or a teacher's safetensors file, a dictionary (.pt) or
// a TorchScript program of `mkdt export`. Programs from elsewhere do not say which images they
// take: Error naming `path` says where those are used. A program is run: use files that you trust.
FileEncoder read_encoder_file(const std::filesystem::path& path, torch::Device device);

}  // namespace mkdt
