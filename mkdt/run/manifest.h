// What a finished stage was made from and what it made: the proof that it is done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mkdt {

using Entries = std::map<std::string, std::string>;

inline constexpr const char* kManifestFile = "manifest.json";  // in the folder of its stage

struct Manifest {
  std::string stage;
  std::string version;  // of mkdt
  Entries options;      // those that the outputs depend on, in TOML notation
  Entries inputs;       // name → checksum
  Entries outputs;      // path relative to the run folder → checksum
  // Of the outputs, in bytes; empty in manifests of versions that did not record them.
  std::map<std::string, int64_t> sizes;
  double seconds = 0;  // that the stage took
  // Most memory that the process had while it did it, in bytes; nothing in manifests of versions
  // that did not measure it.
  std::optional<int64_t> peak_memory;

  // Those of the options that the work which this goes on with did not know, since they came later;
  // they had their defaults.
  std::set<std::string> later;

  // What it was made from, as one checksum; without the options that came later, so that what an
  // earlier version began is still of this key.
  std::string key() const;
};

// Nothing if the file is missing or is not a manifest, also where the path of an output leads out
// of the run folder. Error if the file cannot be read, or is no JSON of a manifest's size.
std::optional<Manifest> read_manifest(const std::filesystem::path& path);
void write_manifest(const std::filesystem::path& path, const Manifest& manifest);

// Finds the options of `now` that came after `then`: it has no value for them, and now they have
// the value of `defaults` (key → value in TOML notation), which is what they were then.
void find_later_options(Manifest& now, const Manifest& then, const Entries& defaults);

// One thing in which what a stage would be made from now differs from what it was made from.
struct Change {
  std::string key;        // the option or input
  std::string text;       // "distill.syn_steps changed from 10 to 20"
  std::string old_value;  // of an option that is set to something else now; else empty
};
// Options that came later have not changed.
std::vector<Change> changes(const Manifest& then, const Manifest& now);

}  // namespace mkdt
