// Handles SIGINT, SIGTERM and SIGHUP: the first asks the computation to stop after its step, a
// second one ends the program at once.
#pragma once

namespace mkdt::cli {

void ask_to_stop_on_signals();

// Returns the signal that came, 0 for none.
int stop_signal();

}  // namespace mkdt::cli
