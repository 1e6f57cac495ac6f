/// @file
/// For programs of many files: says that what does not depend on a model's policies is compiled in one file, for float,
/// and not in each that includes this. That file comes with CMake's target polytask::compiled (by add_subdirectory or
/// FetchContent), into the target that links it; without it a program does not link.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/embeddings.hpp"
#include "polytask/features/features.hpp"
#include "polytask/layers/activations.hpp"
#include "polytask/layers/dense.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/model.hpp"
#include "polytask/training/comparison.hpp"
#include "polytask/training/evaluate.hpp"
#include "polytask/training/training.hpp"

namespace polytask {

extern template void Product<float>::work() const;
extern template class Model<float>;
extern template class ParameterMover<float>;
extern template class SeparateGradients<float>;
extern template class Step<float>;
extern template class Training<float>;
extern template Dataset<float> Features::encode<float>(const Table&) const;
extern template void gather_inputs<float>(const Dataset<float>&, Span<const EmbeddingTable<float>>,
                                          Span<const EmbeddedColumn>, Span<const EmbeddedColumn>, Span<const Index>,
                                          Columns<float>);
extern template void scatter_gradient<float>(const Dataset<float>&, Span<RowGradients<float>>,
                                             Span<const EmbeddedColumn>, Span<const EmbeddedColumn>, Span<const Index>,
                                             ConstColumns<float>);
extern template std::vector<Evaluation> evaluations<float>(const Model<float>&, const Dataset<float>&,
                                                           const std::vector<std::uint8_t>&, std::vector<double>*,
                                                           Span<const std::int32_t>);
extern template std::vector<TaskScore> evaluate<float>(const Model<float>&, const Dataset<float>&,
                                                       const std::vector<Metric>&, Span<const std::int32_t>,
                                                       const std::vector<std::uint8_t>&);
extern template ComparisonSide train_seeds<float>(const Model<float>&, const Table&, const Table&, FitOptions<float>,
                                                  const ComparisonOptions&, const TrainOne<float>&,
                                                  const TellTrained<float>&);
extern template ComparisonSide train_together<float>(const Model<float>&, const TrainingPolicies<float>&, const Table&,
                                                     const Table&, const FitOptions<float>&, const ComparisonOptions&,
                                                     const TellTrained<float>&);
extern template ComparisonSide train_alone<float>(const Model<float>&, const TrainingPolicies<float>&, const Table&,
                                                  const Table&, const FitOptions<float>&, const ComparisonOptions&,
                                                  const TellTrained<float>&);
extern template double BinaryCrossEntropy::evaluate<float>(const LossPass<float>&) const;
extern template void BinaryCrossEntropy::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double Focal::evaluate<float>(const LossPass<float>&) const;
extern template void Focal::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double Huber::evaluate<float>(const LossPass<float>&) const;
extern template void Huber::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double Ordinal::evaluate<float>(const LossPass<float>&) const;
extern template void Ordinal::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double Poisson::evaluate<float>(const LossPass<float>&) const;
extern template void Poisson::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double Quantile::evaluate<float>(const LossPass<float>&) const;
extern template void Quantile::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double SoftmaxCrossEntropy::evaluate<float>(const LossPass<float>&) const;
extern template void SoftmaxCrossEntropy::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double SquaredError::evaluate<float>(const LossPass<float>&) const;
extern template void SquaredError::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template double ZeroInflatedLogNormal::evaluate<float>(const LossPass<float>&) const;
extern template void ZeroInflatedLogNormal::predict<float>(const ConstColumns<float>&, Columns<float>) const;
extern template void Dense<Identity>::forward<float>(const Forward<float>&) const;
extern template void Dense<Identity>::backward<float>(const Backward<float>&) const;
extern template void Dense<Relu>::forward<float>(const Forward<float>&) const;
extern template void Dense<Relu>::backward<float>(const Backward<float>&) const;

}  // namespace polytask
