// What comes from outside on a page that others will read: the YAML head, names, and a
// configuration without folders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mkdt {

// One line of at most 200 bytes, valid UTF-8: what is not, and characters that are not to be seen
// or turn the direction of the text, become '?' or U+FFFD.
std::string shown_text(std::string_view text);

// The same for Markdown with HTML in it: means itself in a paragraph, a heading and a table's cell.
std::string in_markdown(std::string_view text);

// The same as a quoted scalar of YAML.
std::string in_yaml(std::string_view text);

// "data/cifar10" → "cifar10": what is behind the last separator that is followed by anything. Where
// files lie is nobody else's business.
std::string behind_folders(std::string_view text);

// A configuration that does not say where its maker keeps files.

// TOML whose texts that hold a '/' are cut to what is behind their last folder, keys and all other
// values as they are: root = '/home/ann/cifar10' becomes root = 'cifar10'.
std::string without_folders(std::string_view toml);

// The YAML head of a data set card, as Hugging Face reads it.
// https://github.com/huggingface/hub-docs/blob/main/datasetcard.md

// Error naming the option if `license` cannot be one of Hugging Face's identifiers ("cc-by-4.0",
// "unknown"): small letters, digits, '.', '+' and '-'. Their list changes, so it is not held to it.
void check_license(const std::string& license);

// Between its two lines of dashes; `images` in the folder images/.
std::string front_matter(const std::string& license, const std::string& name, int64_t images);

}  // namespace mkdt
