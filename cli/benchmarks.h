// The subcommands of `mkdt bench`; each returns the command that it added.
#pragma once

namespace CLI {
class App;
}

namespace mkdt::cli {

CLI::App* add_meta_gradient_benchmark(CLI::App& bench);
CLI::App* add_train_step_benchmark(CLI::App& bench);
CLI::App* add_teacher_step_benchmark(CLI::App& bench);
CLI::App* add_embed_benchmark(CLI::App& bench);
CLI::App* add_probe_benchmark(CLI::App& bench);
CLI::App* add_augment_benchmark(CLI::App& bench);
CLI::App* add_decode_benchmark(CLI::App& bench);

}  // namespace mkdt::cli
