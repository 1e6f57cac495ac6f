#include "tasks.hpp"

namespace benchmark {

template std::unique_ptr<pt::Model<float>> model_of_tasks<1>(Index);
template std::unique_ptr<pt::Model<float>> model_of_tasks<2>(Index);
template std::unique_ptr<pt::Model<float>> model_of_tasks<4>(Index);
template std::unique_ptr<pt::Model<float>> model_of_tasks<8>(Index);
template std::unique_ptr<pt::Model<float>> model_of_tasks<16>(Index);

}  // namespace benchmark
