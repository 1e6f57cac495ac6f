#include "product.hpp"

#include "polytask/sharing/stem.hpp"

TEST_CASE("STEM works with every weighting") {
  // a task's private experts and tables are read by all tasks, but moved by its own loss alone: there the gradient is
  // not the derivative of the sum of the losses (see tests/sharing/stem.cpp)
  products::whole_product(polytask::Stem{polytask::mlp<polytask::Tanh>({16, 8})}, [](const std::string& segment) {
    return segment.find("/experts/") != std::string::npos ? !segment.starts_with("shared/")
                                                          : segment.find("/embeddings/") != std::string::npos;
  });
}
