/** Takes `metadata.managedFields` out of an object that was just parsed. */
export function dropManagedFields(object: unknown): void {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return;
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null || !('managedFields' in metadata)) return;
  const { managedFields: _, ...rest } = metadata;
  // `delete` would leave an object that is slow to read.
  Object.assign(object, { metadata: rest });
}
