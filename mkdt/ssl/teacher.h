// A trained teacher: the encoder that says what images look like.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <torch/types.h>

#include "mkdt/io/safetensors.h"
#include "mkdt/nn/backbones/backbone.h"
#include "mkdt/ssl/image_encoder.h"

namespace mkdt {

struct Teacher {
  BackboneShape shape;
  std::shared_ptr<Backbone> encoder;  // in eval mode
  Normalisation normalisation;        // of the images that it was trained on
  std::map<std::string, std::string> provenance;

  // "resnet18 width 64, 32 pixels, <checksum>": what representations are tied to.
  std::string fingerprint() const;
};

// A safetensors file: the encoder's parameters and buffers by name (of ResNets torchvision's, of
// ViTs timm's), mean and std of the normalisation, the architecture and the provenance as metadata.
void write_teacher(const std::filesystem::path& path, const Teacher& teacher);
// Error naming `path` for a file that is not a teacher.
Teacher read_teacher(const std::filesystem::path& path);
// The same of a file that is read already.
Teacher teacher_of(const TensorFile& file);

// The features of images, which are normalised as the teacher's were and not augmented. Moves the
// encoder to `device`. encode throws Error if the images' size is not the encoder's.
ImageEncoder image_encoder(const Teacher& teacher, torch::Device device);

}  // namespace mkdt
