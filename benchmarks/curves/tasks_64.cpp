#include "tasks.hpp"

namespace benchmark {

template std::unique_ptr<pt::Model<float>> model_of_tasks<64>(Index);

}  // namespace benchmark
