// Records what a finished stage was made from and what it made, which proves that the stage is
// done.
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
  // The outputs' sizes in bytes; empty in manifests of versions that did not record them.
  std::map<std::string, int64_t> sizes;
  double seconds = 0;  // that the stage took
  // The most memory that the process had during the stage, in bytes; nothing in manifests of
  // versions that did not measure it.
  std::optional<int64_t> peak_memory;

  // The options that came later than the unfinished work which this stage continues, and which that
  // work therefore does not know; they had their defaults.
  std::set<std::string> later;

  // Returns one checksum of what the stage was made from; without the options that came later, so
  // that work which an earlier version began still has this key.
  std::string key() const;
};

// Returns nothing if the file is missing or is not a manifest, also where the path of an output
// leads out of the run folder. Throws Error if the file cannot be read, or is no JSON of a
// manifest's size.
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
// Lists the changes from `then` to `now`. Options that came later have not changed.
std::vector<Change> changes(const Manifest& then, const Manifest& now);

}  // namespace mkdt
