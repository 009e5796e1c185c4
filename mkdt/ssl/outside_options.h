// [teacher]: an encoder, or its representations, from outside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mkdt/core/options.h"

namespace mkdt {

struct OutsideOptions {
  std::string representations;       // a file to read instead of training
  std::string test_representations;  // the same for the test images
  std::string torchscript;           // an encoder to run instead of training one
  // Of the TorchScript encoder:
  int64_t input_size = 0;          // pixels; 0: the images'
  std::vector<double> input_mean;  // of pixel values in [0, 1]; empty: the images'
  std::vector<double> input_std;
  std::string output;            // which part of what it returns; empty: all
  std::string pooling = "none";  // over positions

  // Whether anything replaces the teacher that would be trained.
  bool given() const { return !representations.empty() || !torchscript.empty(); }

  void declare(OptionSection& section);
  // Error for options that exclude each other, or lists of a wrong length.
  void check() const;
};

}  // namespace mkdt
