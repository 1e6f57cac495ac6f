/// @file
/// Every aggregation of the library by its name, for a program's flags.
#pragma once

#include "polytask/aggregation/aligned_mtl.hpp"
#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/con_fig.hpp"
#include "polytask/aggregation/db_mtl.hpp"
#include "polytask/aggregation/dual_proj.hpp"
#include "polytask/aggregation/excess_mtl.hpp"
#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/grad_drop.hpp"
#include "polytask/aggregation/grad_vac.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/meta_balance.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/mo_co.hpp"
#include "polytask/aggregation/nash_mtl.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/aggregation/sdm_grad.hpp"
#include "polytask/aggregation/sum.hpp"
#include "polytask/aggregation/up_grad.hpp"
#include "polytask/core/named_list.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Aggregations, each with its default settings.
template <class... Rules>
using AggregationList = NamedList<AnyAggregation, Rules...>;

/// Every aggregation of the library.
using AllAggregations =
    AggregationList<Sum, Mean, Mgda, PcGrad, GradVac, GradDrop, ImtlG, CaGrad, NashMtl, FairGrad, AlignedMtl, UpGrad,
                    DualProj, ConFig, MoCo, SdmGrad, DbMtl, ExcessMtl, MetaBalance>;

/// The names of all aggregations.
inline std::vector<std::string> aggregation_names() { return AllAggregations::names(); }

/// The aggregation of that name with its default settings.
/// @tparam Rules  the aggregations to choose among: a list with a program's own rules adds them
/// @throws ArgumentError naming the known ones when there is none
template <class Rules = AllAggregations>
AnyAggregation aggregation_named(std::string_view name) {
  return Rules::named("aggregation", name);
}

}  // namespace polytask
