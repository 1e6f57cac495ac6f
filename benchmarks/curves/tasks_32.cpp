#include "tasks.hpp"

namespace benchmark {

template std::unique_ptr<pt::Model<float>> model_of_tasks<32>(Index);

}  // namespace benchmark
