// Several lambdas as one visitor of a std::variant.
#pragma once

namespace mkdt {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace mkdt
