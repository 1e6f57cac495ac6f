#include "product.hpp"

#include "polytask/sharing/shared_private.hpp"

TEST_CASE("the adversarial network works with every weighting") {
  // the discriminator descends where the extractors climb (see tests/sharing/shared_private.cpp)
  products::whole_product(polytask::SharedPrivate{polytask::mlp<polytask::Tanh>({16, 8})},
                          [](const std::string& segment) { return segment.starts_with("shared/discriminator/"); });
}
