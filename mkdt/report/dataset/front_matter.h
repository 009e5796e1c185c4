// The YAML head of a data set card, as Hugging Face reads it.
// https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
#pragma once

#include <cstdint>
#include <string>

namespace mkdt {

// Error naming the option if `license` cannot be one of Hugging Face's identifiers ("cc-by-4.0",
// "unknown"): small letters, digits, '.', '+' and '-'. Their list changes, so it is not held to it.
void check_license(const std::string& license);

// Between its two lines of dashes; `images` in the folder images/.
std::string front_matter(const std::string& license, const std::string& name, int64_t images);

}  // namespace mkdt
