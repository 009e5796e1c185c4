// The number π, which C++17 has no name for.
#pragma once

namespace mkdt {

inline constexpr double kPi = 3.14159265358979323846;

}  // namespace mkdt
