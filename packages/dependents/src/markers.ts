import { shown } from './checks.ts';

/** The label that holds the field manager of the {@link Dependents} which made an object. */
export const managedByLabel = 'kubeloop.dev/managed-by' as const;

/** The label that holds the name of the dependent which made an object. */
export const dependentLabel = 'kubeloop.dev/dependent' as const;

/** The marks of an object that a dependent makes. Only objects with both are ever deleted. */
export function markersOf(
  fieldManager: string,
  dependent: string,
): Readonly<Record<string, string>> {
  return { [managedByLabel]: fieldManager, [dependentLabel]: dependent };
}

/** Whether an object carries the marks. */
export function hasMarkers(
  labels: Readonly<Record<string, string>> | undefined,
  markers: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(markers).every(([label, value]) => labels?.[label] === value);
}

/** Refuses what cannot be the value of a label; the rule is apimachinery's `IsValidLabelValue`. @throws TypeError or RangeError */
export function checkMarker(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use ${shown(value)} as ${what}: it must be a text`);
  if (!/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(value))
    throw new RangeError(
      `Cannot use "${value}" as ${what}: it becomes a label, so it must be 1 to 63 letters, digits, "-", "_" or ".", and begin and end with a letter or digit`,
    );
}
