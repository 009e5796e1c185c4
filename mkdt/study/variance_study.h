// Implements `mkdt study variance`: the gradient's variance under knowledge distillation and under
// the self-supervised loss, on a run's own images and teacher.
#pragma once

#include <filesystem>
#include <vector>

#include "mkdt/base/observer.h"
#include "mkdt/publish/table.h"
#include "mkdt/run/config.h"
#include "mkdt/stages/finished_work.h"
#include "mkdt/study/gradient_variance.h"

namespace mkdt {

// Compares students of the run's architecture under the loss and the SGD of [experts] with those
// under Barlow Twins and the SGD of [mtt_ssl]. Does the stages that are missing for that, then
// writes study/variance/variance.md, variance.json and signal_to_noise.svg; returns the tables.
std::vector<Table> variance_study(const Config& config, const std::filesystem::path& run_folder,
                                  const VarianceOptions& options, Observer& observer,
                                  const MayReplace& may_replace = nullptr);

// Returns tables of means over seeds: one of signal-to-noise ratios by batch size and epoch, with
// the ratio of the first loss's to the second's, and one of the distances.
std::vector<Table> variance_tables(const GradientVariance& found);

}  // namespace mkdt
