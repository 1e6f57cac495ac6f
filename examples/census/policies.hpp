/// @file
/// The sharing policies of the census example.
#pragma once

#include "policy.hpp"

#include <vector>

namespace polytask::examples {

std::unique_ptr<Model<float>> separate_sharing(const Features& features);
std::unique_ptr<Model<float>> hard_sharing(const Features& features);
std::unique_ptr<Model<float>> soft_sharing(const Features& features);
std::unique_ptr<Model<float>> cross_stitch_sharing(const Features& features);
std::unique_ptr<Model<float>> sluice_sharing(const Features& features);
std::unique_ptr<Model<float>> omoe_sharing(const Features& features);
std::unique_ptr<Model<float>> mmoe_sharing(const Features& features);
std::unique_ptr<Model<float>> cgc_sharing(const Features& features);
std::unique_ptr<Model<float>> ple_sharing(const Features& features);
std::unique_ptr<Model<float>> shared_private_sharing(const Features& features);
std::unique_ptr<Model<float>> adatt_sharing(const Features& features);
std::unique_ptr<Model<float>> stem_sharing(const Features& features);
std::unique_ptr<Model<float>> aitm_sharing(const Features& features);

inline const std::vector<Policy> census_policies{
    {"separate", separate_sharing},
    {"hard", hard_sharing},
    {"soft", soft_sharing},
    {"cross_stitch", cross_stitch_sharing},
    {"sluice", sluice_sharing},
    {"omoe", omoe_sharing},
    {"mmoe", mmoe_sharing},
    {"cgc", cgc_sharing},
    {"ple", ple_sharing},
    {"shared_private", shared_private_sharing},
    {"adatt", adatt_sharing},
    {"stem", stem_sharing},
    {"aitm", aitm_sharing}};

}  // namespace polytask::examples
