// A trained teacher: the encoder that says what images look like.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <torch/types.h>

#include "mkdt/core/observer.h"
#include "mkdt/data/image_set.h"
#include "mkdt/nn/resnet.h"

namespace mkdt {

struct Teacher {
  std::shared_ptr<ResNet> encoder;  // always in eval mode
  Normalisation normalisation;      // of the images that it was trained on
  std::map<std::string, std::string> provenance;

  // "resnet18 width 64, 32 pixels, <checksum>": what representations are tied to.
  std::string fingerprint() const;
};

// A safetensors file: the encoder's parameters and buffers by torchvision's names, mean and std
// of the normalisation, the architecture and the provenance as metadata.
void write_teacher(const std::filesystem::path& path, const Teacher& teacher);
// Error naming `path` for a file that is not a teacher.
Teacher read_teacher(const std::filesystem::path& path);

// float32 [N,d] on the CPU, row i for image i: the features of the images, which are normalised as
// the teacher's were and not augmented. Moves the encoder to `device`.
// Error if the images' size is not the encoder's.
torch::Tensor embed(const Teacher& teacher, const ImageSet& images, int64_t batch,
                    torch::Device device, Observer& observer);

}  // namespace mkdt
