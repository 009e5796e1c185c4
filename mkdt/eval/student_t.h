// Student's t distribution for whole degrees of freedom.
#pragma once

#include <cstdint>

namespace mkdt {

// P(|T| < t) for t ≥ 0 and at least one degree of freedom: the finite sums of Abramowitz and
// Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
double student_t_central(double t, int64_t degrees);

// The t with P(|T| < t) = `confidence`, 0 < confidence < 1: 12.706 for 0.95 and one degree.
double student_t_quantile(double confidence, int64_t degrees);

}  // namespace mkdt
