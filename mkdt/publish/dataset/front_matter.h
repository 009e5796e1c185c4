// Makes what comes from outside safe for a page that others will read: names, a configuration
// without folders, and the YAML head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mkdt {

// Returns one line of at most 200 bytes, valid UTF-8: characters that are not valid, not to be
// seen, or turn the direction of the text, become '?' or U+FFFD.
std::string shown_text(std::string_view text);

// Returns such a line for Markdown with HTML in it, which shows it as it is in a paragraph, a
// heading and a table's cell.
std::string in_markdown(std::string_view text);

// Returns such a line as a quoted scalar of YAML.
std::string in_yaml(std::string_view text);

// Returns "cifar10" for "data/cifar10": what is behind the last separator that is followed by
// anything. The maker's folders concern nobody else.
std::string behind_folders(std::string_view text);

// Returns the TOML with texts that hold a '/' cut to what is behind their last folder, and keys and
// all other values as they are: root = '/home/ann/cifar10' becomes root = 'cifar10'. So a
// configuration does not say where its maker keeps files.
std::string without_folders(std::string_view toml);

// Throws Error naming the option if `license` cannot be one of Hugging Face's identifiers
// ("cc-by-4.0", "unknown"): small letters, digits, '.', '+' and '-'. It is not compared with their
// list, which changes.
void check_license(const std::string& license);

// Returns the YAML head of a data set card between its two lines of dashes, as Hugging Face reads
// it (https://github.com/huggingface/hub-docs/blob/main/datasetcard.md), with `images` images in
// the folder images/.
std::string front_matter(const std::string& license, const std::string& name, int64_t images);

}  // namespace mkdt
