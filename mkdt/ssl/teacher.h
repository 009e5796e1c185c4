// A trained teacher, the encoder whose representations students regress, and its file.
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

  // Returns "resnet18 width 64, 32 pixels, <checksum>", to which representations are tied.
  std::string fingerprint() const;
};

// Writes a safetensors file: the encoder's parameters and buffers by name (torchvision's for
// ResNets, timm's for ViTs), mean and std of the normalisation, the architecture and the provenance
// as metadata.
void write_teacher(const std::filesystem::path& path, const Teacher& teacher);
// Throws Error naming `path` for a file that is not a teacher.
Teacher read_teacher(const std::filesystem::path& path);
// Reads a teacher from a file's contents.
Teacher teacher_of(const TensorFile& file);

// Returns the features of images, which are normalised as the teacher's were and not augmented.
// Moves the encoder to `device`. encode throws Error if the images' size is not the encoder's.
ImageEncoder image_encoder(const Teacher& teacher, torch::Device device);

}  // namespace mkdt
