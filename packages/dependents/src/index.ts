// What users need.
export type { Dependent, DependentOptions, EarlierChildren } from './dependent.ts';
export type { DependentsOptions, ReconcileDependentsOptions } from './dependents.ts';
export { Dependents } from './dependents.ts';
export { DependentsError } from './dependents-error.ts';
export { FieldConflictError } from './field-conflict-error.ts';
export { ForeignObjectError } from './foreign-object-error.ts';
export type { ChildOutcome, DependentOutcome, DependentState, Outcome } from './outcome.ts';

// What people building on top need.
export type { DependentsHost } from './host.ts';
export { dependentLabel, managedByLabel } from './markers.ts';
